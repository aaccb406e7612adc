/** Prompts as texts with named slots, `{slot}`, that the user may edit. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '../failures.ts';

export interface TemplateSlot {
  readonly name: string;
  /** What is put in. */
  readonly about: string;
  /** An edited text may leave out the others. */
  readonly isRequired: boolean;
}

/** Where the words come from. */
export type TemplateSource =
  | { readonly kind: 'ours'; readonly note: string }
  | {
      readonly kind: 'paper';
      /** Authors, title, number and licence; to be shown with the text. */
      readonly credit: string;
      /** Parts of the text that are taken over word for word. */
      readonly quotes: readonly string[];
      /** What is different from the paper. */
      readonly note: string;
    };

export interface PromptTemplate {
  readonly id: string;
  /** Rises with every change of our text, so that what was edited can be told from what was renewed. */
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly slots: readonly TemplateSlot[];
  /** The end that an edited text has to keep, since what is read begins right behind it. */
  readonly ending?: string;
  readonly source: TemplateSource;
}

export const PAPER_CREDIT =
  'Anantaprayoon, Babina, Asgharbeygi, Tarifi: Learning to Negotiate: Multi-Agent Deliberation for Collective Value ' +
  'Alignment in LLMs, arXiv 2603.10476, CC BY 4.0';

/** Characters. */
export const MAX_TEMPLATE_LENGTH = 20_000;

/** Any other use of braces is plain text. */
const SLOT = /\{([a-z][a-z0-9_]*)\}/g;

/** The slots that a text names, each once, in order. */
export function slotsIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(SLOT), ([, name = '']) => name))];
}

/**
 * The text with its slots filled. What is put in is never looked at again: a `{slot}` in it stays as it is.
 *
 * @param values  of every slot that the text names, and of no slot that the template does not know
 * @throws {Failure} 'invalidConfig' naming the slots that are missing or unknown
 */
export function fillTemplate(
  { id, text, slots }: Pick<PromptTemplate, 'id' | 'text' | 'slots'>,
  values: Readonly<Record<string, string>>,
): string {
  const known = new Set(slots.map(({ name }) => name));
  const inText = slotsIn(text);
  const refuse = (names: readonly string[], reason: string): void => {
    if (names.length > 0) throw new Failure<FailureCode>('invalidConfig', `Template ${id}: ${reason} ${list(names)}.`);
  };
  refuse(
    inText.filter((name) => !known.has(name)),
    'its text names the unknown slot',
  );
  refuse(
    Object.keys(values).filter((name) => !known.has(name)),
    'it has no slot',
  );
  refuse(
    inText.filter((name) => !Object.hasOwn(values, name)),
    'there is no value for the slot',
  );
  return text.replaceAll(SLOT, (_slot, name: string) => values[name] ?? '');
}

/** @returns what keeps an edited text from being used, one sentence each; nothing if it can be used */
export function templateTextFaults(
  { slots, ending }: Pick<PromptTemplate, 'slots' | 'ending'>,
  text: string,
): string[] {
  if (text.trim() === '') return ['The text is empty.'];
  const faults: string[] = [];
  if (text.length > MAX_TEMPLATE_LENGTH) faults.push(`The text is longer than ${MAX_TEMPLATE_LENGTH} characters.`);
  const inText = slotsIn(text);
  const missing = slots.filter(({ name, isRequired }) => isRequired && !inText.includes(name));
  if (missing.length > 0) faults.push(`The text needs the slot ${list(missing.map(({ name }) => name))}.`);
  const unknown = inText.filter((name) => !slots.some((slot) => slot.name === name));
  if (unknown.length > 0)
    faults.push(`There is no slot ${list(unknown)}. The slots are ${list(slots.map(({ name }) => name))}.`);
  if (ending !== undefined && !text.endsWith(ending))
    faults.push(`The text has to end with ${JSON.stringify(ending)}: what is read begins right behind it.`);
  return faults;
}

function list(names: readonly string[]): string {
  return names.map((name) => `{${name}}`).join(', ');
}
