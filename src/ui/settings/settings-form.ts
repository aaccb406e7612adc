import type { SettingsField } from '@/lib/settings-field.ts';

/** A set of settings as the form shows and checks them. */
export interface SettingsForm<Settings extends object> {
  readonly fields: Readonly<Record<keyof Settings, SettingsField>>;
  readonly keys: readonly (keyof Settings & string)[];
  /** Title by group, in their order. */
  readonly groups: Readonly<Record<string, string>>;
  /** What was given, checked; null if a value is refused. */
  readonly read: (values: Readonly<Record<string, unknown>>) => Partial<Settings> | null;
  /** Of a text that can be loaded. */
  readonly example: string;
}

export type SettingName<Settings extends object> = keyof Settings & string;

/** Settings whose label, name, help or source contain every word of the query; all of them for an empty one. */
export function findSettings<Settings extends object>(
  { keys, fields }: SettingsForm<Settings>,
  query: string,
): readonly SettingName<Settings>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return keys.filter((key) => {
    const { label, help, source } = fields[key];
    const text = `${label}\n${key}\n${help}\n${source}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
