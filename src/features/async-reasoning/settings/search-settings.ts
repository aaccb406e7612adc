import { REASONING_FIELDS, REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';

export type SettingKey = keyof ReasoningSettings;

const TEXTS: ReadonlyMap<SettingKey, string> = new Map(
  REASONING_KEYS.map((key) => {
    const { label, help, source } = REASONING_FIELDS[key];
    return [key, `${label}\n${key}\n${help}\n${source}`.toLowerCase()];
  }),
);

/** Settings whose label, name, help or source contain every word of the query; all of them for an empty one. */
export function findSettings(query: string): readonly SettingKey[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return REASONING_KEYS.filter((key) => words.every((word) => TEXTS.get(key)?.includes(word) === true));
}
