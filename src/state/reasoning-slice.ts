import type { StateCreator } from 'zustand';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import { toStoredFailure } from './failure-message.ts';
import { applyReasoningEvents } from './reasoning-reducer.ts';
import { EMPTY_REASONING_VIEW, isRunActive, withNextTurn, type ReasoningView } from './reasoning-view.ts';

/** `nowMs` is the page's clock. */
export interface ReasoningSlice {
  readonly reasoning: ReasoningView;
  readonly runStarted: (nowMs: number) => void;
  readonly reasoningEventsArrived: (events: readonly ReasoningEvent[], nowMs: number) => void;
  readonly questionSent: (question: string, nowMs: number) => void;
  /** The first letter of the next question, before the run has read it. */
  readonly followUpBegun: () => void;
  readonly remarkSent: (text: string) => void;
  readonly pauseChanged: (isPaused: boolean) => void;
  /** `trace` is null when the run was cancelled before it had one. */
  readonly runEnded: (trace: ReasoningTrace | null) => void;
  readonly runFailed: (failure: { readonly code: string; readonly message: string }) => void;
  readonly runCleared: () => void;
}

export const createReasoningSlice: StateCreator<ReasoningSlice> = (set) => {
  const update = (change: (view: ReasoningView) => ReasoningView): void =>
    set(({ reasoning }) => ({ reasoning: change(reasoning) }));
  return {
    reasoning: EMPTY_REASONING_VIEW,
    runStarted: (nowMs) => update(() => ({ ...EMPTY_REASONING_VIEW, phase: 'starting', startedAtMs: nowMs })),
    reasoningEventsArrived: (events, nowMs) => update((view) => applyReasoningEvents(view, events, nowMs)),
    questionSent: (question, nowMs) =>
      update((view) =>
        isRunActive(view) && view.sentMs === null
          ? {
              ...view,
              question,
              sentMs: nowMs - view.startedAtMs,
              sentSteps: [...view.sentSteps, view.steps.length],
            }
          : view,
      ),
    followUpBegun: () => update(withNextTurn),
    remarkSent: (text) =>
      update((view) => ({
        ...view,
        remarks: [...view.remarks, { text, step: null, thinkerOffset: null, writerOffset: null }],
      })),
    pauseChanged: (isPaused) => update((view) => withPause(view, isPaused)),
    runEnded: (trace) =>
      update((view) => ({
        ...view,
        phase: 'ended',
        waitingFor: null,
        isPaused: false,
        reading: null,
        stopReason: view.stopReason ?? trace?.result.final.stop ?? 'stopped',
        trace,
      })),
    runFailed: (failure) =>
      update((view) => ({
        ...view,
        phase: 'failed',
        waitingFor: null,
        isPaused: false,
        reading: null,
        failure: toStoredFailure(failure),
      })),
    runCleared: () => update(() => EMPTY_REASONING_VIEW),
  };
};

/** Going on shows at once; holding shows when the run tells that it waits. */
function withPause(view: ReasoningView, isPaused: boolean): ReasoningView {
  if (isPaused || view.waitingFor !== 'paused') return { ...view, isPaused };
  const waitingFor = view.waitingBehindPause;
  return {
    ...view,
    isPaused,
    waitingFor,
    waitingBehindPause: null,
    phase: waitingFor === null ? 'running' : 'waiting',
  };
}
