import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { AppState } from './app-store.ts';
import { defaultsOf } from './effective-settings.ts';
import { FULL_BUDGETS, SHORTENED_NEGOTIATION, suggestedBudgets, type NegotiationBudget } from './speed-budgets.ts';
import { firstForms, isUntouched, type FormName } from './speed-forms.ts';

/** One default that is shorter than on a fast machine. */
export interface ShortenedDefault {
  readonly panel: 'thinking' | 'negotiation';
  readonly label: string;
  readonly full: number;
  readonly short: number;
}

const NEGOTIATION_LABELS: Readonly<Record<keyof NegotiationBudget, string>> = {
  groupSize: 'dialogues',
  maxTurns: 'turns',
  maxUtteranceTokens: 'tokens of an utterance',
  maxCompletionTokens: 'tokens of the joint answer',
};

/** What says which defaults are in use. */
export type ShortenedState = Pick<AppState, FormName | 'reasoningChanges' | 'negotiationChanges'> & {
  readonly model: { readonly info: ModelInfo | null };
};

/** What the measured speed suggests to shorten, whether that is done or not. What somebody has set is no default. */
export function shortenedDefaults(state: ShortenedState): readonly ShortenedDefault[] {
  const { info } = state.model;
  const budgets = suggestedBudgets(info);
  const [full, short] = [firstForms(FULL_BUDGETS), firstForms(budgets)];
  const list: readonly (readonly [isSet: boolean, entry: ShortenedDefault])[] = [
    [
      'budget' in state.reasoningChanges,
      {
        panel: 'thinking',
        label: 'steps of thought and answer',
        full: defaultsOf(info).budget,
        short: defaultsOf(info, budgets).budget,
      },
    ],
    [
      !isUntouched('evaluationPlan', state.evaluationPlan),
      {
        panel: 'thinking',
        label: 'questions of an evaluation',
        full: full.evaluationPlan.numItems ?? 0,
        short: short.evaluationPlan.numItems ?? 0,
      },
    ],
    ...SHORTENED_NEGOTIATION.map(
      (key) =>
        [
          key in state.negotiationChanges,
          {
            panel: 'negotiation',
            label: NEGOTIATION_LABELS[key],
            full: DEFAULT_NEGOTIATION[key],
            short: budgets.negotiation?.[key] ?? DEFAULT_NEGOTIATION[key],
          },
        ] as const,
    ),
    [
      !isUntouched('trainingForm', state.trainingForm),
      {
        panel: 'negotiation',
        label: 'training steps',
        full: full.trainingForm.steps ?? 0,
        short: short.trainingForm.steps ?? 0,
      },
    ],
    [
      !isUntouched('negotiationEvaluationForm', state.negotiationEvaluationForm),
      {
        panel: 'negotiation',
        label: 'dilemmas of an evaluation',
        full: full.negotiationEvaluationForm.numDilemmas ?? 0,
        short: short.negotiationEvaluationForm.numDilemmas ?? 0,
      },
    ],
  ];
  return list.flatMap(([isSet, entry]) => (!isSet && entry.short < entry.full ? [entry] : []));
}
