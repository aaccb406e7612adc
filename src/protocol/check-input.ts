/** One way to check what comes from outside: the first thing wrong is named by its field. */
import type { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from './failures.ts';

/**
 * @param call    what was asked for; the message begins with it
 * @param nameOf  a field of the schema as the caller wrote it
 * @throws {Failure} 'invalidConfig' naming the call, the field and what is wrong with it
 */
export function checkInput<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  call: string,
  nameOf: (field: string) => string = (field) => field,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, fault } = firstFault(parsed.error);
  const field = path.map((part, i) => (i === 0 ? nameOf(part) : part)).join('.');
  throw new Failure<FailureCode>('invalidConfig', `${call}: ${field === '' ? 'the options' : field}: ${fault}.`);
}

/** The first thing wrong: the field at fault, and what is wrong with it. */
export function firstFault({ issues: [issue] }: z.ZodError): {
  readonly path: readonly string[];
  readonly fault: string;
} {
  const unknownKey = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  return {
    path: [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])].map(String),
    fault:
      unknownKey === undefined
        ? (issue?.message ?? 'is not valid')
        : 'there is no such field. Leave it out, or correct its name',
  };
}

/**
 * The same object with `snake_case` keys in camelCase.
 *
 * @returns `nameOf`: a key as it was written
 * @throws {Failure} 'invalidConfig' if it is no object, or names one field in both ways
 */
export function withCamelCaseKeys(
  value: unknown,
  call: string,
): { readonly fields: Readonly<Record<string, unknown>>; readonly nameOf: (field: string) => string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failure<FailureCode>('invalidConfig', `${call}: Give an object of named fields.`);
  const written = new Map<string, string>();
  const fields: [string, unknown][] = [];
  for (const [name, entry] of Object.entries(value)) {
    const key = name.replaceAll(/(?<=[a-z0-9])_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
    const other = written.get(key);
    if (other !== undefined)
      throw new Failure<FailureCode>('invalidConfig', `${call}: ${name}: It is given as ${other} too. Leave one out.`);
    written.set(key, name);
    fields.push([key, entry]);
  }
  return { fields: Object.fromEntries(fields), nameOf: (field) => written.get(field) ?? field };
}
