import type { StateCreator } from 'zustand';
import type { NegotiationEvaluationEvent, NegotiationEvaluationReport } from '@/protocol/negotiation-evaluation.ts';
import { toStoredFailure } from './failure-message.ts';
import { FIRST_NEGOTIATION_EVALUATION, type NegotiationEvaluationForm } from './negotiation-evaluation-form.ts';
import {
  applyNegotiationEvaluationEvent,
  completeNegotiationEvaluation,
  EMPTY_NEGOTIATION_EVALUATION,
  foundNegotiationEvaluation,
  incompleteNegotiationEvaluation,
  openedNegotiationEvaluation,
  resumedNegotiationEvaluation,
  startedNegotiationEvaluation,
  type KeptNegotiationEvaluation,
  type NegotiationEvaluationHead,
  type NegotiationEvaluationView,
} from './negotiation-evaluation-view.ts';

export interface NegotiationEvaluationSlice {
  readonly negotiationEvaluation: NegotiationEvaluationView;
  readonly negotiationEvaluationForm: NegotiationEvaluationForm;
  /** What can happen to it. */
  readonly negotiationEvaluationEvents: {
    readonly formChanged: (change: (form: NegotiationEvaluationForm) => NegotiationEvaluationForm) => void;
    /** @param nowMs  by the page's clock */
    readonly started: (head: Omit<NegotiationEvaluationHead, 'format'>, nowMs: number) => void;
    readonly resumed: (nowMs: number) => void;
    readonly arrived: (events: readonly NegotiationEvaluationEvent[]) => void;
    readonly completed: (report: NegotiationEvaluationReport) => void;
    readonly stopped: () => void;
    readonly failed: (failure: { readonly code: string; readonly message: string }) => void;
    /** One that was kept from an earlier visit; what is there already stays. */
    readonly found: (kept: KeptNegotiationEvaluation) => void;
    readonly opened: (report: NegotiationEvaluationReport, fileName: string) => void;
    /** A report from a file is put away. */
    readonly closed: () => void;
  };
}

export const createNegotiationEvaluationSlice: StateCreator<NegotiationEvaluationSlice> = (set) => {
  const update = (change: (view: NegotiationEvaluationView) => NegotiationEvaluationView): void =>
    set(({ negotiationEvaluation }) => ({ negotiationEvaluation: change(negotiationEvaluation) }));
  return {
    negotiationEvaluation: EMPTY_NEGOTIATION_EVALUATION,
    negotiationEvaluationForm: FIRST_NEGOTIATION_EVALUATION,
    negotiationEvaluationEvents: {
      formChanged: (change) =>
        set(({ negotiationEvaluationForm }) => ({
          negotiationEvaluationForm: change(negotiationEvaluationForm),
        })),
      started: (head, nowMs) => update(() => startedNegotiationEvaluation(head, nowMs)),
      resumed: (nowMs) => update((view) => resumedNegotiationEvaluation(view, nowMs)),
      arrived: (events) => update((view) => events.reduce(applyNegotiationEvaluationEvent, view)),
      completed: (report) => update(() => completeNegotiationEvaluation(report)),
      stopped: () => update((view) => incompleteNegotiationEvaluation(view, null)),
      failed: (failure) => update((view) => incompleteNegotiationEvaluation(view, toStoredFailure(failure))),
      found: (kept) => update((view) => (view.phase === 'empty' ? foundNegotiationEvaluation(kept) : view)),
      opened: (report, fileName) => update(() => openedNegotiationEvaluation(report, fileName)),
      closed: () => update((view) => (view.fileName === null ? view : EMPTY_NEGOTIATION_EVALUATION)),
    },
  };
};
