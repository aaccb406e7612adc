import type { StateCreator } from 'zustand';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import { toStoredFailure } from './failure-message.ts';
import type { ModelSlice } from './model-slice.ts';
import type { PlaybackSlice } from './playback-slice.ts';
import { EMPTY_REASONING_VIEW, type ReasoningView } from './reasoning-view.ts';
import { RunFilm, type RunItem, type RunMaker } from './run-film.ts';
import type { SettingsSlice } from './settings-slice.ts';
import { runFactsOf } from './to-recording.ts';
import { attachedAdapter, type TrainingSlice } from './training-slice.ts';

/** `nowMs` is the page's clock. */
export interface ReasoningSlice {
  /** What is shown: the page's own run, a moment of it, or a recorded run. Everything that draws reads this. */
  readonly reasoning: ReasoningView;
  /** The page's own run as it stands. Whatever steers a run reads this. */
  readonly live: ReasoningView;
  /** All that happened in the page's own run. It grows in place: not for selectors. */
  readonly film: RunFilm;
  /** Of that run; null without one. */
  readonly runMaker: RunMaker | null;
  readonly runStarted: (nowMs: number) => void;
  /** While it goes on. */
  readonly runSettingsChanged: () => void;
  readonly reasoningEventsArrived: (events: readonly ReasoningEvent[], nowMs: number) => void;
  /** The text box of a run under way changed. The first letter behind an answer begins the next turn. */
  readonly draftTyped: (text: string, nowMs: number) => void;
  readonly questionSent: (question: string, nowMs: number) => void;
  readonly remarkSent: (text: string, nowMs: number) => void;
  readonly pauseChanged: (isPaused: boolean, nowMs: number) => void;
  readonly stopAsked: (nowMs: number) => void;
  /** `trace` is null when the run was cancelled before it had one. */
  readonly runEnded: (trace: ReasoningTrace | null) => void;
  readonly runFailed: (failure: { readonly code: string; readonly message: string }) => void;
  readonly runCleared: () => void;
}

type WithPlayback = ReasoningSlice &
  Pick<PlaybackSlice, 'playback'> &
  Pick<ModelSlice, 'model'> &
  Pick<SettingsSlice, 'reasoningChanges' | 'reasoningSettings'> &
  Pick<TrainingSlice, 'adapters'>;

export const createReasoningSlice: StateCreator<WithPlayback, [], [], ReasoningSlice> = (set, get) => {
  /** While something else is shown, the run goes on behind it. */
  const show = (): void =>
    set(({ film, playback, reasoning }) => {
      const live = film.newest.view;
      return { live, reasoning: playback === null ? live : reasoning };
    });
  const push = (item: RunItem): void => {
    get().film.push(item);
    show();
  };
  return {
    reasoning: EMPTY_REASONING_VIEW,
    live: EMPTY_REASONING_VIEW,
    film: new RunFilm(),
    runMaker: null,
    runStarted(nowMs) {
      set(({ model, adapters, reasoningChanges, reasoningSettings }) => ({
        film: new RunFilm([], runFactsOf(model, reasoningChanges)),
        runMaker: {
          model: { info: model.info, sourceId: model.sourceId },
          adapter: attachedAdapter(adapters)?.adapter.name ?? null,
          settings: reasoningSettings,
          wereSettingsChanged: false,
        },
        playback: null,
      }));
      push({ kind: 'begun', atMs: nowMs });
    },
    runSettingsChanged: () =>
      set(({ runMaker }) => (runMaker === null ? {} : { runMaker: { ...runMaker, wereSettingsChanged: true } })),
    reasoningEventsArrived(events, nowMs) {
      get().film.pushEvents(events, nowMs);
      show();
    },
    draftTyped: (text, nowMs) => push({ kind: 'draft', text, sent: false, atMs: nowMs }),
    questionSent: (question, nowMs) => push({ kind: 'draft', text: question, sent: true, atMs: nowMs }),
    remarkSent: (text, nowMs) => push({ kind: 'remark', text, atMs: nowMs }),
    pauseChanged: (isPaused, nowMs) => push({ kind: isPaused ? 'pause' : 'resume', atMs: nowMs }),
    stopAsked: (nowMs) => push({ kind: 'stop', atMs: nowMs }),
    runEnded: (trace) => push({ kind: 'ended', trace, atMs: performance.now() }),
    runFailed: (failure) => push({ kind: 'failed', failure: toStoredFailure(failure), atMs: performance.now() }),
    runCleared() {
      set({ film: new RunFilm(), runMaker: null, playback: null });
      show();
    },
  };
};
