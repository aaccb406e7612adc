/** A named set of rules; `settings` holds only what it fixes. */
export interface Preset<Settings extends object> {
  readonly name: string;
  readonly summary: string;
  readonly settings: Partial<Settings>;
}

/** What `wanted` would change in `settings`. Lists of words are compared by content. */
export function differences<Settings extends object>(settings: Settings, wanted: Partial<Settings>): Partial<Settings> {
  const now = new Map<string, unknown>(Object.entries(settings));
  const changed = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(now.get(key)),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of `wanted`
  return Object.fromEntries(changed) as Partial<Settings>;
}

/** The key of the preset all of whose settings hold; null for a mix of one's own. */
export function activePreset<Settings extends object>(
  presets: Readonly<Record<string, Preset<Settings>>>,
  settings: Settings,
): string | null {
  const holds = ([, preset]: readonly [string, Preset<Settings>]): boolean =>
    Object.keys(differences(settings, preset.settings)).length === 0;
  return Object.entries(presets).find(holds)?.[0] ?? null;
}
