/** When what the user types is handed to the engine: after a short rest, and at the latest some time into steady typing. */

export interface Draft {
  readonly text: string;
  readonly sent: boolean;
}

export interface DraftSender {
  /** The text box changed. */
  changed(text: string): void;
  /** Enter: goes out at once. The engine reads no draft of this run after it. */
  submitted(text: string): void;
  /** Hands over what is waiting, now. */
  flush(): void;
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

export function createDraftSender(send: (draft: Draft) => void, timer: Timer = browserTimer): DraftSender {
  let waiting: Draft | undefined;
  let waitingSince = 0;
  let stopTimer = (): void => undefined;

  const flush = (): void => {
    stopTimer();
    const draft = waiting;
    waiting = undefined;
    if (draft !== undefined) send(draft);
  };

  return {
    changed(text) {
      stopTimer();
      if (waiting === undefined) waitingSince = timer.now();
      waiting = { text, sent: false };
      const untilLatest = Math.max(0, waitingSince + LONGEST_WAIT_MS - timer.now());
      stopTimer = timer.after(Math.min(REST_MS, untilLatest), flush);
    },
    submitted(text) {
      waiting = { text, sent: true };
      flush();
    },
    flush,
    cancel() {
      stopTimer();
      waiting = undefined;
    },
  };
}
