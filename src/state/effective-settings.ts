/** Settings as components read them: the loaded model's defaults, and over them what the user changed. */
import type { ModelInfo } from '@/protocol/model.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { defaultSettingsFor, reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';

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
  if (typeof candidate !== 'object' || candidate === null) return {};
  const values: Readonly<Record<string, unknown>> = { ...candidate };
  const valid = REASONING_KEYS.flatMap((key) => {
    if (values[key] === undefined) return [];
    const parsed = reasoningSettingsSchema.safeParse({ [key]: values[key] });
    return parsed.success ? [[key, parsed.data[key]] as const] : [];
  });
  return Object.fromEntries(valid);
}

/** A value that is the default again is no change. */
export function withoutDefaults(changes: ReasoningChanges, defaults: ReasoningSettings): ReasoningChanges {
  // Lists of words are compared by content.
  const isDefault = (key: keyof ReasoningSettings): boolean =>
    JSON.stringify(changes[key]) === JSON.stringify(defaults[key]);
  return Object.fromEntries(
    REASONING_KEYS.filter((key) => key in changes && !isDefault(key)).map((key) => [key, changes[key]]),
  );
}
