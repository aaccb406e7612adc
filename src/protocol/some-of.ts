import { z } from 'zod';

/**
 * Some of the settings, each within its range. What is left out stays out: a default belongs to whoever asks.
 *
 * @param schema  of all of them, as a rule with defaults
 * @param fields  what is known of each; its help becomes the description. Default: none has one
 */
export function someOf<Settings extends object>(
  schema: z.ZodObject,
  fields: Readonly<Partial<Record<string, { readonly help: string }>>> = {},
): z.ZodType<Partial<Settings>, Partial<Settings>> {
  const shape = Object.entries(schema.shape).map(([key, field]) => {
    const plain = withoutDefault(field);
    const help = fields[key]?.help;
    return [key, help === undefined ? plain : plain.describe(help)];
  });
  const some: unknown = z.strictObject(Object.fromEntries(shape)).partial();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema checks what the type says
  return some as z.ZodType<Partial<Settings>, Partial<Settings>>;
}

function withoutDefault(field: z.core.$ZodType): z.ZodType {
  const plain: unknown = field instanceof z.ZodDefault ? field.unwrap() : field;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every schema of ours is made by zod's classic API
  return plain as z.ZodType;
}
