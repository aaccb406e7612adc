/** Settings as components read them: the loaded model's defaults, and over them what the user changed. */
import type { ModelInfo } from '@/protocol/model.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { defaultSettingsFor, reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { readChanges } from './setting-changes.ts';

export type ReasoningChanges = Partial<ReasoningSettings>;

/** Until a model is known, the defaults are those of one that was not trained to think. */
export function defaultsOf(info: Pick<ModelInfo, 'hasThinkTokens'> | null): ReasoningSettings {
  return defaultSettingsFor(info?.hasThinkTokens ?? false);
}

export function effectiveSettings(
  info: Pick<ModelInfo, 'hasThinkTokens'> | null,
  changes: ReasoningChanges,
): ReasoningSettings {
  return { ...defaultsOf(info), ...changes };
}

/** Changes out of storage, a form or a file: what is unknown or out of range is left out. */
export function readReasoningChanges(candidate: unknown): ReasoningChanges {
  return readChanges<ReasoningSettings>(REASONING_KEYS, reasoningSettingsSchema, candidate);
}
