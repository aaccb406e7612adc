/** What a field accepts, in words: beside its input, in what is said when a value is refused, and for files. */
import { assertNever } from '@/lib/assert.ts';
import type { NumberField, SettingsField } from '@/lib/settings-field.ts';
import type { SettingsForm } from './settings-form.ts';

const MAX_WORDS = 12;
const MAX_WORD_LENGTH = 40;
const MAX_SHOWN = 40;

const MINUS = '\u2212';

export function numberText(value: number): string {
  return value < 0 ? `${MINUS}${Math.abs(value)}` : String(value);
}

function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} ${unit}`;
}

/** "1 to 1000 steps" */
export function rangeText({ min, max, unit }: NumberField): string {
  return withUnit(`${numberText(min)} to ${numberText(max)}`, unit);
}

/** A default as the form writes it. */
export function valueText(field: SettingsField, value: unknown): string {
  switch (field.kind) {
    case 'number':
      return withUnit(numberText(Number(value)), field.unit);
    case 'switch':
      return value === true ? 'on' : 'off';
    case 'choice':
      return field.options[String(value)] ?? String(value);
    case 'text':
      return value === '' ? 'empty' : `“${String(value)}”`;
    case 'words':
      return Array.isArray(value) ? value.join(', ') : String(value);
    default:
      return assertNever(field);
  }
}

/** Why a number that was typed is not taken; null when it is. */
export function numberProblem(field: NumberField, typed: number | string): string | null {
  const value = typeof typed === 'number' ? typed : Number(typed);
  if (typed === '' || Number.isNaN(value)) return `A number is needed: ${rangeText(field)}.`;
  if (value < field.min || value > field.max) return `${numberText(value)} is out of range: ${rangeText(field)}.`;
  if (Number.isInteger(field.step) && !Number.isInteger(value)) return `A whole number is needed: ${rangeText(field)}.`;
  return null;
}

export function textProblem(maxLength: number, text: string, minLength = 0): string | null {
  if (text.length < minLength)
    return `Too short: at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}.`;
  return text.length <= maxLength ? null : `Too long: at most ${maxLength} characters, this has ${text.length}.`;
}

export function wordsProblem(words: readonly string[]): string | null {
  if (words.length === 0) return 'At least one word is needed.';
  if (words.length > MAX_WORDS) return `Too many: at most ${MAX_WORDS} words.`;
  const long = words.find((word) => word.trim().length > MAX_WORD_LENGTH);
  return long === undefined ? null : `A word may have ${MAX_WORD_LENGTH} characters.`;
}

/** What a file has to hold for a field. */
function requirement(field: SettingsField): string {
  switch (field.kind) {
    case 'number':
      return `${Number.isInteger(field.step) ? 'a whole number' : 'a number'} from ${rangeText(field)}`;
    case 'switch':
      return 'true or false';
    case 'choice':
      return `one of ${Object.keys(field.options)
        .map((option) => JSON.stringify(option))
        .join(', ')}`;
    case 'text':
      return `a text of ${field.minLength === undefined ? 'at most' : `${field.minLength} to`} ${field.maxLength} characters`;
    case 'words':
      return `a list of 1 to ${MAX_WORDS} words of at most ${MAX_WORD_LENGTH} characters`;
    default:
      return assertNever(field);
  }
}

export type ParsedSettings<Settings extends object> =
  | { readonly settings: Partial<Settings>; readonly problem: null }
  | { readonly settings: null; readonly problem: string };

/** Settings out of a text; all of them or, with the first problem in words, none. */
export function parseSettings<Settings extends object>(
  { fields, keys, read, example }: SettingsForm<Settings>,
  text: string,
): ParsedSettings<Settings> {
  let candidate: unknown;
  try {
    candidate = JSON.parse(text);
  } catch (error) {
    return refused(`This is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate)) {
    return refused(`A JSON object is needed, such as ${example}.`);
  }
  const values: Readonly<Record<string, unknown>> = { ...candidate };
  const unknownName = Object.keys(values).find((name) => !keys.some((key) => key === name));
  if (unknownName !== undefined) return refused(`“${shortened(unknownName)}” is not the name of a setting.`);
  for (const key of keys) {
    if (!(key in values) || read({ [key]: values[key] }) !== null) continue;
    const found = shortened(JSON.stringify(values[key]));
    return refused(`${fields[key].label} (${key}) is ${found}, but has to be ${requirement(fields[key])}.`);
  }
  return { settings: read(values) ?? {}, problem: null };
}

function refused(problem: string): { readonly settings: null; readonly problem: string } {
  return { settings: null, problem };
}

function shortened(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
