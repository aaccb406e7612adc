import type { StateCreator } from 'zustand';
import type { DecodeSpeed } from '@/protocol/speed.ts';
import { effectiveSettings } from './effective-settings.ts';
import type { EvaluationSlice } from './evaluation-slice.ts';
import type { ModelView } from './model-view.ts';
import type { NegotiationEvaluationSlice } from './negotiation-evaluation-slice.ts';
import type { NegotiationTrainingSlice } from './negotiation-training-slice.ts';
import type { SettingsSlice } from './settings-slice.ts';
import { budgetsOf } from './speed-budgets.ts';
import { untouchedWithin } from './speed-forms.ts';

/** The machine's speed with the loaded model, and what the page's defaults make of it. */
export interface SpeedSlice {
  /** Whether the page keeps the budgets of a fast machine; survives a reload. */
  readonly usesFullBudgets: boolean;
  /** Whether the line about it was put away; survives a reload. */
  readonly isSpeedLineHidden: boolean;
  readonly speedLineHidden: (isHidden: boolean) => void;
  readonly fullBudgetsSwitched: (usesFullBudgets: boolean) => void;
  /** Measured again. */
  readonly speedMeasured: (speed: DecodeSpeed) => void;
}

type WithBudgets = SpeedSlice & { readonly model: ModelView } & Pick<
    SettingsSlice,
    'reasoningChanges' | 'reasoningSettings'
  > &
  Pick<EvaluationSlice, 'evaluationPlan'> &
  Pick<NegotiationEvaluationSlice, 'negotiationEvaluationForm'> &
  Pick<NegotiationTrainingSlice, 'trainingForm'>;

type BudgetState = Omit<WithBudgets, 'fullBudgetsSwitched' | 'speedMeasured' | 'isSpeedLineHidden' | 'speedLineHidden'>;

export const createSpeedSlice: StateCreator<WithBudgets, [], [], SpeedSlice> = (set) => ({
  usesFullBudgets: false,
  isSpeedLineHidden: false,
  speedLineHidden: (isSpeedLineHidden) => set({ isSpeedLineHidden }),
  fullBudgetsSwitched: (usesFullBudgets) => set((state) => withinBudgets({ ...state, usesFullBudgets })),
  speedMeasured: (speed) =>
    set(({ model, ...state }) => {
      if (model.info === null) return {};
      const device = model.device === null ? null : { ...model.device, speed };
      return withinBudgets({ ...state, model: { ...model, device, info: { ...model.info, speed } } });
    }),
});

/** Model, switch, and all defaults that follow from them. */
export function withinBudgets(state: BudgetState): Partial<BudgetState> {
  const { model, usesFullBudgets, reasoningChanges } = state;
  const budgets = budgetsOf(state);
  return {
    model,
    usesFullBudgets,
    reasoningSettings: effectiveSettings(model.info, reasoningChanges, budgets),
    ...untouchedWithin(budgets, state),
  };
}
