/** Settings as components read them: the loaded model's defaults, and over them what the user changed. */
import type { ModelInfo } from '@/protocol/model.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { defaultSettingsFor, reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { readChanges } from './setting-changes.ts';
import { FULL_BUDGETS, type PageBudgets } from './speed-budgets.ts';

export type ReasoningChanges = Partial<ReasoningSettings>;

type Budget = Pick<PageBudgets, 'maxReasoningSteps'>;

/**
 * The page's defaults. Until a model is known, they are those of one that was not trained to think.
 *
 * @param budgets  of the machine
 */
export function defaultsOf(
  info: Pick<ModelInfo, 'hasThinkTokens'> | null,
  budgets: Budget = FULL_BUDGETS,
): ReasoningSettings {
  const defaults = defaultSettingsFor(info?.hasThinkTokens ?? false);
  return defaults.budget <= budgets.maxReasoningSteps ? defaults : { ...defaults, budget: budgets.maxReasoningSteps };
}

export function effectiveSettings(
  info: Pick<ModelInfo, 'hasThinkTokens'> | null,
  changes: ReasoningChanges,
  budgets: Budget = FULL_BUDGETS,
): ReasoningSettings {
  return { ...defaultsOf(info, budgets), ...changes };
}

/** Changes out of storage, a form or a file: what is unknown or out of range is left out. */
export function readReasoningChanges(candidate: unknown): ReasoningChanges {
  return readChanges<ReasoningSettings>(REASONING_KEYS, reasoningSettingsSchema, candidate);
}
