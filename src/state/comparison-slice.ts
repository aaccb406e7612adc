import type { StateCreator } from 'zustand';
import type { Comparison, ComparisonEvent, OtherModelEvent } from '@/protocol/comparison.ts';
import type { OthersForm } from './comparison-others.ts';
import {
  applyComparisonEvent,
  completeView,
  EMPTY_COMPARISON_VIEW,
  incompleteView,
  startedView,
  type ComparisonRequest,
  type ComparisonView,
} from './comparison-view.ts';
import { toStoredFailure } from './failure-message.ts';

export interface ComparisonSlice {
  readonly comparison: ComparisonView;
  /** Which other models to ask, once something was said about it. In memory only, for its key. */
  readonly comparisonOthers: OthersForm | null;
  readonly comparisonStarted: (request: ComparisonRequest) => void;
  readonly comparisonEventsArrived: (events: readonly (ComparisonEvent | OtherModelEvent)[]) => void;
  readonly comparisonEnded: (comparison: Comparison) => void;
  readonly comparisonCancelled: () => void;
  readonly comparisonFailed: (failure: { readonly code: string; readonly message: string }) => void;
  /** One that was kept from an earlier visit; what is there already stays. */
  readonly comparisonFound: (comparison: Comparison) => void;
  /** Back from an incomplete one to the last that ran to its end. */
  readonly lastComparisonChosen: () => void;
  readonly comparisonOthersChanged: (form: OthersForm) => void;
}

export const createComparisonSlice: StateCreator<ComparisonSlice> = (set) => {
  const update = (change: (view: ComparisonView) => ComparisonView): void =>
    set(({ comparison }) => ({ comparison: change(comparison) }));
  return {
    comparison: EMPTY_COMPARISON_VIEW,
    comparisonOthers: null,
    comparisonStarted: (request) => update((view) => startedView(view, request)),
    comparisonEventsArrived: (events) => update((view) => events.reduce(applyComparisonEvent, view)),
    comparisonEnded: (comparison) => update(() => completeView(comparison)),
    comparisonCancelled: () => update((view) => incompleteView(view, null)),
    comparisonFailed: (failure) => update((view) => incompleteView(view, toStoredFailure(failure))),
    comparisonFound: (comparison) => update((view) => (view.phase === 'empty' ? completeView(comparison) : view)),
    lastComparisonChosen: () => update((view) => (view.last === null ? view : completeView(view.last))),
    comparisonOthersChanged: (comparisonOthers) => set({ comparisonOthers }),
  };
};
