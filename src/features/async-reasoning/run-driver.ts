/** One live run at a time, started by typing. A draft that came before the model waits for it. */
import type { StoreApi } from 'zustand';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import { createFrameBatcher } from '@/lib/frame-batcher.ts';
import type { Draft, ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import type { AppState } from '@/state/app-store.ts';
import { inputModeOf, isTurnOver, isRunActive } from '@/state/reasoning-view.ts';
import type { RunFilm } from '@/state/run-film.ts';
import { createDraftSender, type DraftSender } from './draft-sender.ts';

export interface ReasoningRun {
  /** The text box changed: starts a run when none is under way. `isComposing`: an input method is still at work. */
  readonly typed: (text: string, isComposing?: boolean) => void;
  /** Enter: the question, a remark or a follow-up, by what the run is at. */
  readonly submitted: (text: string) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends the run; settles when the engine is free for something else. */
  readonly stop: () => Promise<void>;
  /** Stops and empties everything. */
  readonly reset: () => void;
  /** Stops, and puts the question back into the text box; the model that is loaded next thinks about it. */
  readonly takeBack: () => Promise<void>;
  readonly changeSettings: (change: Partial<ReasoningSettings>) => void;
  readonly resetSetting: (key: keyof ReasoningSettings) => void;
  /** How much of the answer a voice has still to say; null gives the clock back to the simulated one. */
  readonly reportSpeech: (unspokenSeconds: number | null) => void;
  /** The run's trace up to now; null when there is none. */
  readonly traceSoFar: () => Promise<ReasoningTrace | null>;
}

export interface RunDriver extends ReasoningRun {
  readonly modelBecameReady: () => void;
}

export type KeepRun = (film: RunFilm, trace: ReasoningTrace) => void;

interface RunInProgress {
  readonly controller: AbortController;
  readonly sender: DraftSender;
}

// What comes too early or too late for the run is not its error; the run's own promise tells those.
const ignore = (): void => undefined;

/**
 * @param keep  called with every run of the visitor that has ended or has answered, for keeping it over a reload
 */
export function createRunDriver(duet: DuetApi, store: StoreApi<AppState>, keep: KeepRun = ignore): RunDriver {
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
      if (isOpen) duet.updateDraft(draft).catch(ignore);
    };
    const sender = createDraftSender(hand, () => store.getState().reasoningSettings.settleSeconds * 1000);
    const batcher = createFrameBatcher<ReasoningEvent>((events) => {
      // Events that wait for their frame are late once the panel was emptied.
      if (current?.controller === controller) store.getState().reasoningEventsArrived(events, performance.now());
    });
    // What a demo shows by itself takes no place of what the visitor did, however either of them ends.
    const isKept = !store.getState().isAutoDemo;
    // A turn that is over may be all that is wanted of the run; a reload must not lose it.
    const keepTurn = async (): Promise<void> => {
      const soFar = await duet.traceSoFar();
      if (soFar !== null) keep(film, soFar);
    };
    const onEvent = (event: ReasoningEvent): void => {
      if (current?.controller !== controller) return;
      batcher.push(event);
      if (event.kind === 'waiting' && (event.reason === 'followUp' || event.reason === 'budget')) {
        batcher.flush();
        if (isKept && isTurnOver(store.getState().live)) keepTurn().catch(ignore);
      }
    };

    current = { controller, sender };
    store.getState().runStarted(performance.now());
    const { film } = store.getState();
    const finish = (report: () => void): void => {
      if (current?.controller !== controller) return;
      batcher.flush();
      sender.cancel();
      current = undefined;
      report();
      duet.memory().catch(ignore);
    };
    const settings = { ...store.getState().reasoningSettings, followUps: true };
    const trace = previousRun.then(() => {
      isOpen = true;
      const running = duet.reasonLive(settings, onEvent, { signal: controller.signal });
      // Once: a question that was sent and comes again is the next turn's.
      hand(newest);
      return running;
    });
    previousRun = trace.catch(ignore);
    trace.then(
      (result) => {
        finish(() => store.getState().runEnded(result));
        if (isKept && film.numSteps > 0) keep(film, result);
      },
      (error: unknown) => finish(() => reportEnd(error)),
    );
    if (first.sent) {
      send(current, first.text);
      return;
    }
    store.getState().draftTyped(first.text, performance.now());
    sender.changed(first.text);
  }

  function send({ sender }: RunInProgress, text: string): void {
    store.getState().questionSent(text, performance.now());
    // The box is free for a remark; the question stands above the answer.
    store.getState().draftChanged('');
    sender.submitted(text);
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

  function typedInto(run: RunInProgress, text: string): void {
    const { live, draftTyped } = store.getState();
    // The first letter behind an answer begins the next turn; a space does not.
    const isEmpty = text.trim() === '';
    const isNothing = inputModeOf(live) === 'remark' || (isTurnOver(live) && isEmpty);
    draftTyped(text, performance.now());
    // A remark goes out with Enter only.
    if (!isNothing) run.sender.changed(text);
  }

  function submittedInto(run: RunInProgress, text: string): void {
    const { live, remarkSent, draftChanged } = store.getState();
    if (inputModeOf(live) === 'remark') {
      remarkSent(text, performance.now());
      draftChanged('');
      duet.addRemark(text).catch(ignore);
      return;
    }
    send(run, text);
  }

  async function stop(): Promise<void> {
    store.getState().playbackClosed();
    waitingForModel = undefined;
    if (current !== undefined) store.getState().stopAsked(performance.now());
    current?.controller.abort();
    await previousRun;
  }

  function settingsChanged(change: Partial<ReasoningSettings>): void {
    if (!isRunActive(store.getState().live)) return;
    store.getState().runSettingsChanged();
    duet.updateSettings(change).catch(ignore);
  }

  return {
    typed(text, isComposing = false) {
      store.getState().playbackClosed();
      store.getState().draftChanged(text);
      if (isComposing) current?.sender.composing();
      else if (current !== undefined) typedInto(current, text);
      else if (text.trim() !== '') start({ text, sent: false });
    },
    submitted(text) {
      store.getState().playbackClosed();
      store.getState().draftChanged(text);
      if (text.trim() === '') return;
      if (current === undefined) start({ text, sent: true });
      else submittedInto(current, text);
    },
    pause() {
      store.getState().pauseChanged(true, performance.now());
      duet.pause().catch(ignore);
    },
    resume() {
      store.getState().pauseChanged(false, performance.now());
      duet.resume().catch(ignore);
    },
    stop,
    reset() {
      const previous = current;
      current = undefined;
      waitingForModel = undefined;
      previous?.sender.cancel();
      previous?.controller.abort();
      store.getState().draftChanged('');
      store.getState().runCleared();
    },
    async takeBack() {
      const { live, draft, draftChanged } = store.getState();
      const sent = live.question !== '';
      const text = sent ? live.question : draft;
      const stopped = stop();
      current?.sender.cancel();
      current = undefined;
      store.getState().runCleared();
      draftChanged(text);
      if (text.trim() !== '') waitingForModel = { text, sent };
      await stopped;
    },
    changeSettings(change) {
      store.getState().reasoningSettingsChanged(change);
      settingsChanged(change);
    },
    resetSetting(key) {
      store.getState().reasoningSettingReset(key);
      settingsChanged({ [key]: store.getState().reasoningSettings[key] });
    },
    reportSpeech(unspokenSeconds) {
      if (current !== undefined) duet.reportSpeech(unspokenSeconds).catch(ignore);
    },
    traceSoFar: () => (current === undefined ? Promise.resolve(null) : duet.traceSoFar()),
    modelBecameReady() {
      const draft = waitingForModel;
      waitingForModel = undefined;
      // Another text in the box was put there, by a link, and was not typed: it waits for its reader.
      if (draft !== undefined && current === undefined && store.getState().draft === draft.text) start(draft);
    },
  };
}
