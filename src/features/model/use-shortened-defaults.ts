import { useMemo } from 'react';
import { useShallow } from 'zustand/shallow';
import { shortenedDefaults, type ShortenedDefault } from '@/state/shortened-defaults.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** What the measured speed suggests to shorten, kept up with what is set. */
export function useShortenedDefaults(): readonly ShortenedDefault[] {
  const { info, ...state } = useAppState(
    useShallow((all) => ({
      info: all.model.info,
      reasoningChanges: all.reasoningChanges,
      negotiationChanges: all.negotiationChanges,
      evaluationPlan: all.evaluationPlan,
      negotiationEvaluationForm: all.negotiationEvaluationForm,
      trainingForm: all.trainingForm,
    })),
  );
  const { reasoningChanges, negotiationChanges, evaluationPlan, negotiationEvaluationForm, trainingForm } = state;
  return useMemo(
    () =>
      shortenedDefaults({
        model: { info },
        reasoningChanges,
        negotiationChanges,
        evaluationPlan,
        negotiationEvaluationForm,
        trainingForm,
      }),
    [info, reasoningChanges, negotiationChanges, evaluationPlan, negotiationEvaluationForm, trainingForm],
  );
}
