/** Changes of settings: what differs from the defaults, and so is kept. */
import type { z } from 'zod';

/**
 * Changes out of storage, a form or a file: what is unknown or out of range is left out.
 *
 * @param schema  of an object in which each of the keys may stand alone
 */
export function readChanges<Settings extends object>(
  keys: readonly (keyof Settings & string)[],
  schema: z.ZodType<Partial<Settings>>,
  candidate: unknown,
): Partial<Settings> {
  if (typeof candidate !== 'object' || candidate === null) return {};
  const values: Readonly<Record<string, unknown>> = { ...candidate };
  const valid = keys.flatMap((key) => {
    if (values[key] === undefined) return [];
    const parsed = schema.safeParse({ [key]: values[key] });
    return parsed.success ? [[key, parsed.data[key]] as const] : [];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each was checked by the schema
  return Object.fromEntries(valid) as Partial<Settings>;
}

/** A value that is the default again is no change. */
export function withoutDefaults<Settings extends object>(
  keys: readonly (keyof Settings & string)[],
  changes: Partial<Settings>,
  defaults: Partial<Settings>,
): Partial<Settings> {
  // Lists of words are compared by content.
  const isDefault = (key: keyof Settings): boolean => JSON.stringify(changes[key]) === JSON.stringify(defaults[key]);
  const kept = keys.filter((key) => key in changes && !isDefault(key)).map((key) => [key, changes[key]] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of `changes`
  return Object.fromEntries(kept) as Partial<Settings>;
}

export function withoutKeys<Settings extends object>(settings: Settings, keys: readonly string[]): Partial<Settings> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of `settings`
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key))) as Partial<Settings>;
}

/** What is set now; undefined: reset to its default. */
export type Given<Settings> = { readonly [Key in keyof Settings]?: Settings[Key] | undefined };

function withoutUndefined<Settings extends object>(given: Given<Settings>): Partial<Settings> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries of `given`
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Settings>;
}

/**
 * The changes after some settings were set or reset; those that were not are left as they are.
 *
 * @param defaults  that hold now; without one of a setting, whatever it is set to is a change
 */
export function changesAfter<Settings extends object>(
  keys: readonly (keyof Settings & string)[],
  changes: Partial<Settings>,
  given: Given<Settings>,
  defaults: Partial<Settings>,
): Partial<Settings> {
  const others = Object.entries(changes).filter(([key]) => !(key in given));
  return { ...Object.fromEntries(others), ...withoutDefaults(keys, withoutUndefined(given), defaults) };
}
