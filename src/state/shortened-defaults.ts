import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { defaultsOf } from './effective-settings.ts';
import { FULL_BUDGETS, SHORTENED_NEGOTIATION, suggestedBudgets, type NegotiationBudget } from './speed-budgets.ts';
import { firstForms } from './speed-forms.ts';

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

/** What the measured speed suggests to shorten, whether that is done or not. */
export function shortenedDefaults(info: ModelInfo | null): readonly ShortenedDefault[] {
  const budgets = suggestedBudgets(info);
  const [full, short] = [firstForms(FULL_BUDGETS), firstForms(budgets)];
  const list: readonly ShortenedDefault[] = [
    {
      panel: 'thinking',
      label: 'steps of thought and answer',
      full: defaultsOf(info).budget,
      short: defaultsOf(info, budgets).budget,
    },
    {
      panel: 'thinking',
      label: 'questions of an evaluation',
      full: full.evaluationPlan.numItems ?? 0,
      short: short.evaluationPlan.numItems ?? 0,
    },
    ...SHORTENED_NEGOTIATION.map((key) => ({
      panel: 'negotiation' as const,
      label: NEGOTIATION_LABELS[key],
      full: DEFAULT_NEGOTIATION[key],
      short: budgets.negotiation?.[key] ?? DEFAULT_NEGOTIATION[key],
    })),
    {
      panel: 'negotiation',
      label: 'training steps',
      full: full.trainingForm.steps ?? 0,
      short: short.trainingForm.steps ?? 0,
    },
    {
      panel: 'negotiation',
      label: 'dilemmas of an evaluation',
      full: full.negotiationEvaluationForm.numDilemmas ?? 0,
      short: short.negotiationEvaluationForm.numDilemmas ?? 0,
    },
  ];
  return list.filter((one) => one.short < one.full);
}
