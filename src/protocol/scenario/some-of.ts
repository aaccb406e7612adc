import { z } from 'zod';

/**
 * Some of the settings, each within its range. What is left out stays out: a default belongs to whoever asks.
 *
 * @param schema  of all of them, as a rule with defaults
 */
export function someOf<Settings extends object>(schema: z.ZodObject): z.ZodType<Partial<Settings>, Partial<Settings>> {
  const fields = Object.entries(schema.shape).map(([key, field]) => [
    key,
    field instanceof z.ZodDefault ? field.removeDefault() : field,
  ]);
  const some: unknown = z.strictObject(Object.fromEntries(fields)).partial();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema checks what the type says
  return some as z.ZodType<Partial<Settings>, Partial<Settings>>;
}
