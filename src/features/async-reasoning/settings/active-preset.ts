import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { REASONING_PRESETS, type ReasoningPreset } from '@/protocol/reasoning-presets.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';

/** What `wanted` would change in `settings`. Lists of words are compared by content. */
export function differences(
  settings: ReasoningSettings,
  wanted: Partial<ReasoningSettings>,
): Partial<ReasoningSettings> {
  const isOther = (key: keyof ReasoningSettings): boolean =>
    key in wanted && JSON.stringify(wanted[key]) !== JSON.stringify(settings[key]);
  return Object.fromEntries(REASONING_KEYS.filter(isOther).map((key) => [key, wanted[key]]));
}

/** The key in `REASONING_PRESETS` of the preset all of whose settings hold; null for a mix of one's own. */
export function activePreset(settings: ReasoningSettings): string | null {
  return Object.keys(REASONING_PRESETS).find((id) => holds(REASONING_PRESETS[id], settings)) ?? null;
}

function holds(preset: ReasoningPreset | undefined, settings: ReasoningSettings): boolean {
  return preset !== undefined && Object.keys(differences(settings, preset.settings)).length === 0;
}
