import type { StateCreator } from 'zustand';
import type { ReasoningEvent, ReasoningTrace } from '@/protocol/reasoning.ts';
import { toStoredFailure } from './failure-message.ts';
import { applyReasoningEvent, EMPTY_REASONING_VIEW, isRunActive, type ReasoningView } from './reasoning-view.ts';

export interface ReasoningSlice {
  readonly reasoning: ReasoningView;
  readonly runStarted: (nowMs: number) => void;
  readonly reasoningEventsArrived: (events: readonly ReasoningEvent[]) => void;
  readonly questionSent: (nowMs: number) => void;
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
    reasoningEventsArrived: (events) => update((view) => events.reduce(applyReasoningEvent, view)),
    questionSent: (nowMs) =>
      update((view) =>
        isRunActive(view) && view.sentMs === null ? { ...view, sentMs: nowMs - view.startedAtMs } : view,
      ),
    runEnded: (trace) =>
      update((view) => ({
        ...view,
        phase: 'ended',
        waitingFor: null,
        stopReason: view.stopReason ?? trace?.result.final.stop ?? 'stopped',
        trace,
      })),
    runFailed: (failure) => update((view) => ({ ...view, phase: 'failed', failure: toStoredFailure(failure) })),
    runCleared: () => update(() => EMPTY_REASONING_VIEW),
  };
};
