/**
 * When what the user types is handed to the engine: after a short rest, at the latest some time into steady typing, and
 * once more as settled when the typing has rested for long.
 */
import type { Draft } from '@/protocol/reasoning.ts';

export interface DraftSender {
  /** The text box changed. */
  changed(text: string): void;
  /** An input method is at work: its text is not the user's yet, so nothing goes out before the next change. */
  composing(): void;
  /** Enter: goes out at once. */
  submitted(text: string): void;
  /** Forgets what is waiting. */
  cancel(): void;
}

interface Timer {
  readonly now: () => number;
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

const browserTimer: Timer = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const id = setTimeout(callback, milliseconds);
    return () => clearTimeout(id);
  },
};

const REST_MS = 150;
// The engine holds back an unfinished word by itself, so steady typing needs no rest to be read.
const LONGEST_WAIT_MS = 400;

/** @param settleMs  read at each change: rest after which the last word counts as finished */
export function createDraftSender(
  send: (draft: Draft) => void,
  settleMs: () => number,
  timer: Timer = browserTimer,
): DraftSender {
  let waiting: Draft | undefined;
  let waitingSince = 0;
  let stopTimer = (): void => undefined;
  let stopSettling = (): void => undefined;

  const flush = (): void => {
    stopTimer();
    const draft = waiting;
    waiting = undefined;
    if (draft !== undefined) send(draft);
  };
  const cancel = (): void => {
    stopTimer();
    stopSettling();
    waiting = undefined;
  };

  return {
    changed(text) {
      stopTimer();
      stopSettling();
      if (waiting === undefined) waitingSince = timer.now();
      waiting = { text, sent: false };
      const untilLatest = Math.max(0, waitingSince + LONGEST_WAIT_MS - timer.now());
      stopTimer = timer.after(Math.min(REST_MS, untilLatest), flush);
      stopSettling = timer.after(Math.max(REST_MS, settleMs()), () => {
        waiting = { text, sent: false, settled: true };
        flush();
      });
    },
    composing() {
      flush();
      stopSettling();
    },
    submitted(text) {
      cancel();
      send({ text, sent: true });
    },
    cancel,
  };
}
