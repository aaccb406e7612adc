/**
 * What the page's defaults become on a slower machine. Only what nobody has set: a value from a person, a link, a file or a
 * script stays, and `window.duet` has the same defaults everywhere.
 */
import type { ModelInfo } from '@/protocol/model.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { SpeedClass } from '@/protocol/speed.ts';

/** Settings of a negotiation that a budget may shorten. */
export const SHORTENED_NEGOTIATION = ['groupSize', 'maxTurns', 'maxUtteranceTokens', 'maxCompletionTokens'] as const;

export type NegotiationBudget = Pick<NegotiationSettings, (typeof SHORTENED_NEGOTIATION)[number]>;

export interface PageBudgets {
  /** Most steps of a budget in Thinking; models that were not trained to think may have less by default. */
  readonly maxReasoningSteps: number;
  /** Null: as they are by default. */
  readonly negotiation: NegotiationBudget | null;
  /** Most questions of an evaluation in Thinking, dilemmas of one in Negotiation, and steps of a training. */
  readonly maxQuestions: number;
  readonly maxDilemmas: number;
  readonly maxTrainingSteps: number;
}

export const FULL_BUDGETS: PageBudgets = {
  maxReasoningSteps: Infinity,
  negotiation: null,
  maxQuestions: Infinity,
  maxDilemmas: Infinity,
  maxTrainingSteps: Infinity,
};

/**
 * In Thinking the budget is what about half a minute makes at the lower end of the class (a minute where there is none); a
 * group of dialogues is to be over in one to two minutes.
 */
export const BUDGETS: Readonly<Record<SpeedClass, PageBudgets>> = {
  fast: FULL_BUDGETS,
  moderate: {
    maxReasoningSteps: 256,
    negotiation: { groupSize: 3, maxTurns: 2, maxUtteranceTokens: 64, maxCompletionTokens: 96 },
    maxQuestions: 5,
    maxDilemmas: 3,
    maxTrainingSteps: 4,
  },
  slow: {
    maxReasoningSteps: 96,
    negotiation: { groupSize: 2, maxTurns: 2, maxUtteranceTokens: 40, maxCompletionTokens: 64 },
    maxQuestions: 3,
    maxDilemmas: 2,
    maxTrainingSteps: 3,
  },
  verySlow: {
    maxReasoningSteps: 64,
    negotiation: { groupSize: 2, maxTurns: 1, maxUtteranceTokens: 24, maxCompletionTokens: 32 },
    maxQuestions: 2,
    maxDilemmas: 1,
    maxTrainingSteps: 2,
  },
};

export interface SpeedState {
  readonly model: { readonly info: Pick<ModelInfo, 'speed'> | null };
  /** Whether somebody has asked for the budgets of a fast machine. */
  readonly usesFullBudgets: boolean;
}

/** Those that hold now. The same object for the same class. */
export function budgetsOf({ model, usesFullBudgets }: SpeedState): PageBudgets {
  return usesFullBudgets ? FULL_BUDGETS : suggestedBudgets(model.info);
}

/** What the measured speed suggests; full ones where nothing was measured. */
export function suggestedBudgets(info: Pick<ModelInfo, 'speed'> | null): PageBudgets {
  const speedClass = info?.speed?.speedClass;
  return speedClass === undefined ? FULL_BUDGETS : BUDGETS[speedClass];
}
