import { useEffect, useMemo } from 'react';
import type { StoreApi } from 'zustand';
import { useDuet } from '@/client/engine-context.tsx';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { ReasoningEvent, ReasoningSettings } from '@/protocol/reasoning.ts';
import type { AppState } from '@/state/app-store.ts';
import { isRunActive } from '@/state/reasoning-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { createDraftSender, type Draft, type DraftSender } from './draft-sender.ts';

export interface ReasoningRun {
  /** The text box changed: starts a run when none is under way. */
  readonly typed: (text: string) => void;
  /** Enter. */
  readonly submitted: (text: string) => void;
  readonly stop: () => void;
  /** Stops and empties everything. */
  readonly reset: () => void;
  readonly changeSettings: (change: Partial<ReasoningSettings>) => void;
}

interface RunInProgress {
  readonly controller: AbortController;
  readonly sender: DraftSender;
}

/** One live run at a time, started by typing. A draft that came before the model waits for it. */
export function useReasoningRun(): ReasoningRun {
  const duet = useDuet();
  const store = useAppStore();
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const run = useMemo(() => createRunDriver(duet, store), [duet, store]);

  useEffect(() => () => run.stop(), [run]);

  useEffect(() => {
    if (isModelReady) run.modelBecameReady();
  }, [isModelReady, run]);

  return run;
}

interface RunDriver extends ReasoningRun {
  readonly modelBecameReady: () => void;
}

function createRunDriver(duet: DuetApi, store: StoreApi<AppState>): RunDriver {
  let current: RunInProgress | undefined;
  let waitingForModel: Draft | undefined;
  // The engine takes one operation at a time: a run begins after the one before it has settled.
  let previousRun: Promise<unknown> = Promise.resolve();

  function start(first: Draft): void {
    if (store.getState().model.status !== 'ready') {
      waitingForModel = { text: first.text, sent: first.sent || waitingForModel?.sent === true };
      return;
    }
    const controller = new AbortController();
    let newest = first;
    let isOpen = false;
    const hand = (draft: Draft): void => {
      newest = draft;
      if (!isOpen) return;
      // A draft that comes too early or too late is not an error of the run; the run's own promise tells those.
      duet.updateDraft(draft).catch(() => undefined);
    };
    const sender = createDraftSender(hand);
    const batcher = createFrameBatcher<ReasoningEvent>((events) => store.getState().reasoningEventsArrived(events));
    let hasBegun = false;
    const onEvent = (event: ReasoningEvent): void => {
      if (current?.controller !== controller) return;
      batcher.push(event);
      if (hasBegun) return;
      hasBegun = true;
      hand(newest);
    };

    current = { controller, sender };
    store.getState().runStarted(performance.now());
    if (first.sent) store.getState().questionSent(performance.now());
    const { reasoningSettings } = store.getState();
    const finish = (report: () => void): void => {
      if (current?.controller !== controller) return;
      batcher.flush();
      sender.cancel();
      current = undefined;
      report();
      duet.memory().catch(() => undefined);
    };
    const trace = previousRun.then(() => {
      isOpen = true;
      const running = duet.reasonLive(reasoningSettings, onEvent, { signal: controller.signal });
      hand(newest);
      return running;
    });
    previousRun = trace.catch(() => undefined);
    trace.then(
      (result) => finish(() => store.getState().runEnded(result)),
      (error: unknown) => finish(() => reportEnd(error)),
    );
    if (first.sent) sender.submitted(first.text);
  }

  function reportEnd(error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure('internal', String(error));
    if (failure.code === 'cancelled') {
      store.getState().runEnded(null);
      return;
    }
    store.getState().runFailed(failure);
    // Nothing that was on the device is left: the header and the status line offer to load again.
    if (failure.code === 'deviceLost' || failure.code === 'gpuError') store.getState().modelLoadFailed(failure);
  }

  return {
    typed(text) {
      store.getState().draftChanged(text);
      if (current !== undefined) current.sender.changed(text);
      else if (text.trim() !== '') start({ text, sent: false });
    },
    submitted(text) {
      store.getState().draftChanged(text);
      if (text.trim() === '') return;
      if (current === undefined) {
        start({ text, sent: true });
        return;
      }
      store.getState().questionSent(performance.now());
      current.sender.submitted(text);
    },
    stop() {
      waitingForModel = undefined;
      current?.controller.abort();
    },
    reset() {
      waitingForModel = undefined;
      const previous = current;
      current = undefined;
      previous?.sender.cancel();
      previous?.controller.abort();
      store.getState().draftChanged('');
      store.getState().runCleared();
    },
    changeSettings(change) {
      store.getState().reasoningSettingsChanged(change);
      if (isRunActive(store.getState().reasoning)) duet.updateSettings(change).catch(() => undefined);
    },
    modelBecameReady() {
      const draft = waitingForModel;
      waitingForModel = undefined;
      if (draft !== undefined && current === undefined) start({ ...draft, text: store.getState().draft });
    },
  };
}
