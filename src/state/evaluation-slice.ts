import type { StateCreator } from 'zustand';
import type { EvaluationEvent, EvaluationReport } from '@/protocol/evaluation.ts';
import {
  FIRST_PLAN,
  planOf,
  withConfigurationAdded,
  withConfigurationChanged,
  withConfigurationDuplicated,
  withConfigurationRemoved,
  type ConfigurationChange,
  type EvaluationPlan,
  type EvaluationRequest,
  type PlanChange,
} from './evaluation-plan.ts';
import {
  applyEvaluationEvent,
  completeEvaluation,
  EMPTY_EVALUATION_VIEW,
  foundEvaluation,
  incompleteEvaluation,
  resumedEvaluation,
  startedEvaluation,
  type EvaluationContext,
  type EvaluationView,
  type KeptEvaluation,
} from './evaluation-view.ts';
import { toStoredFailure } from './failure-message.ts';
import type { SettingsSlice } from './settings-slice.ts';

export interface EvaluationSlice {
  readonly evaluation: EvaluationView;
  readonly evaluationPlan: EvaluationPlan;
  readonly evaluationStarted: (request: EvaluationRequest, context: EvaluationContext) => void;
  readonly evaluationResumed: () => void;
  readonly evaluationEventsArrived: (events: readonly EvaluationEvent[]) => void;
  readonly evaluationEnded: (report: EvaluationReport) => void;
  readonly evaluationCancelled: () => void;
  readonly evaluationFailed: (failure: { readonly code: string; readonly message: string }) => void;
  /** One that was kept from an earlier visit; what is there already stays. */
  readonly evaluationFound: (kept: KeptEvaluation) => void;
  readonly evaluationPlanChanged: (change: PlanChange) => void;
  readonly configurationAdded: () => void;
  readonly configurationDuplicated: (id: number) => void;
  readonly configurationRemoved: (id: number) => void;
  readonly configurationChanged: (id: number, change: ConfigurationChange) => void;
}

type WithSettings = EvaluationSlice & Pick<SettingsSlice, 'reasoningSettings'>;

export const createEvaluationSlice: StateCreator<WithSettings, [], [], EvaluationSlice> = (set) => {
  const update = (change: (view: EvaluationView) => EvaluationView): void =>
    set(({ evaluation }) => ({ evaluation: change(evaluation) }));
  const plan = (change: (plan: EvaluationPlan) => EvaluationPlan): void =>
    set(({ evaluationPlan }) => ({ evaluationPlan: change(evaluationPlan) }));
  return {
    evaluation: EMPTY_EVALUATION_VIEW,
    evaluationPlan: FIRST_PLAN,
    evaluationStarted: (request, context) => update(() => startedEvaluation(request, context)),
    evaluationResumed: () => update(resumedEvaluation),
    evaluationEventsArrived: (events) => update((view) => events.reduce(applyEvaluationEvent, view)),
    evaluationEnded: (report) => update(() => completeEvaluation(report)),
    evaluationCancelled: () => update((view) => incompleteEvaluation(view, null)),
    evaluationFailed: (failure) => update((view) => incompleteEvaluation(view, toStoredFailure(failure))),
    evaluationFound: (kept) =>
      set(({ evaluation, reasoningSettings }) =>
        evaluation.phase === 'empty'
          ? { evaluation: foundEvaluation(kept), evaluationPlan: planOf(kept.head.request, reasoningSettings) }
          : {},
      ),
    evaluationPlanChanged: (change) => plan((before) => ({ ...before, ...change })),
    configurationAdded: () => plan(withConfigurationAdded),
    configurationDuplicated: (id) => plan((before) => withConfigurationDuplicated(before, id)),
    configurationRemoved: (id) => plan((before) => withConfigurationRemoved(before, id)),
    configurationChanged: (id, change) => plan((before) => withConfigurationChanged(before, id, change)),
  };
};
