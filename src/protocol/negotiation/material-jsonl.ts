/** Import and export of dilemmas and persona pairs as JSONL. Nothing is thrown: what is wrong is listed with its line. */
import { Failure } from '@/lib/failure.ts';
import { repeatedKey } from '@/lib/repeated-key.ts';
import { checkInput, withCamelCaseKeys } from '../check-input.ts';
import type { Dilemma, PersonaPair } from '../negotiation.ts';
import { dilemmaFaults, personaPairFaults } from './material-rules.ts';
import { writtenDilemmaSchema, writtenPersonaPairSchema } from './schema.ts';
import { OverlapIndex } from './word-overlap.ts';

export interface MaterialNote {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface ReadMaterial<Kept> {
  /** In the order of their lines; ids are new to `existing` and unique. */
  readonly items: readonly Kept[];
  /** Lines left out. */
  readonly problems: readonly MaterialNote[];
  /** Lines taken, but with something to look at: a rule that is not kept, a near-duplicate, a changed split. */
  readonly notes: readonly MaterialNote[];
  /** Lines that say what is there already; they are neither items nor problems. */
  readonly numKnown: number;
}

/** Characters. */
export const MAX_MATERIAL_LENGTH = 5_000_000;
export const MAX_MATERIAL_ITEMS = 2000;

interface Item {
  readonly id: string;
  readonly split: 'train' | 'test';
}
type Written<Kept extends Item> = Omit<Kept, 'id'> & { readonly id?: string | undefined };

interface Kind<Kept extends Item> {
  readonly noun: string;
  readonly parse: (value: unknown) => Written<Kept>;
  /** Of the item without an id. */
  readonly named: (written: Written<Kept>, id: string, split: Item['split']) => Kept;
  readonly textOf: (item: Written<Kept>) => string;
  readonly idFrom: (item: Written<Kept>) => string;
  readonly faultsOf: (item: Written<Kept>) => readonly string[];
}

const DILEMMA: Kind<Dilemma> = {
  noun: 'dilemma',
  parse: (value) => ownUnlessGenerated(checkInput(writtenDilemmaSchema, value, 'The dilemma')),
  named: (written, id, split) => ({ ...written, id, split }),
  textOf: ({ goal, prompt }) => `${goal}\n${prompt}`,
  idFrom: ({ goal }) => goal,
  faultsOf: dilemmaFaults,
};

const PERSONA_PAIR: Kind<PersonaPair> = {
  noun: 'persona pair',
  parse: (value) => {
    const { fields, nameOf } = withCamelCaseKeys(value, 'The persona pair');
    return { ...checkInput(writtenPersonaPairSchema, fields, 'The persona pair', nameOf), origin: 'own' };
  },
  named: (written, id, split) => ({ ...written, id, split }),
  textOf: ({ persona1, persona2 }) => `${persona1}\n${persona2}`,
  idFrom: ({ theme }) => theme,
  faultsOf: personaPairFaults,
};

/** What comes from a file is not ours, whatever it says. */
function ownUnlessGenerated<Part extends { readonly origin: Dilemma['origin'] }>(written: Part): Part {
  return { ...written, origin: written.origin === 'generated' ? 'generated' : 'own' };
}

/**
 * Reads dilemmas. So that training never sees a held-out dilemma in other words, one that is near to a 'test' dilemma
 * becomes 'test' itself, and one that asks to be 'test' but is near to a 'train' dilemma becomes 'train'; notes say so.
 *
 * @param existing  what the page has already, its own material included
 */
export function readDilemmas(text: string, existing: readonly Dilemma[]): ReadMaterial<Dilemma> {
  return readMaterial(text, existing, DILEMMA);
}

/** Reads persona pairs, by the same rules as `readDilemmas`. */
export function readPersonaPairs(text: string, existing: readonly PersonaPair[]): ReadMaterial<PersonaPair> {
  return readMaterial(text, existing, PERSONA_PAIR);
}

/** One object a line, as `readDilemmas` and `readPersonaPairs` take it. */
export function writeMaterial(items: readonly (Dilemma | PersonaPair)[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

interface Line<Kept extends Item> {
  readonly line: number;
  readonly id: string;
  readonly written: Written<Kept>;
}

function readMaterial<Kept extends Item>(
  text: string,
  existing: readonly Kept[],
  kind: Kind<Kept>,
): ReadMaterial<Kept> {
  const refused = (reason: string): ReadMaterial<Kept> => ({
    items: [],
    problems: [{ line: 1, reason }],
    notes: [],
    numKnown: 0,
  });
  if (text.length > MAX_MATERIAL_LENGTH)
    return refused(`The file is longer than ${MAX_MATERIAL_LENGTH / 1e6} million characters. Use a part of it.`);
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trim() === '') return refused('The file is empty.');
  if (plain.trimStart().startsWith('['))
    return refused('The file is a JSON array. Write each of its objects on a line of its own (JSONL).');
  const { lines, problems, numKnown } = readLines(plain, existing, kind);
  const { items, notes } = settleSplits(lines, existing, kind);
  return { items, problems, notes, numKnown };
}

function readLines<Kept extends Item>(
  text: string,
  existing: readonly Kept[],
  kind: Kind<Kept>,
): { readonly lines: Line<Kept>[]; readonly problems: MaterialNote[]; readonly numKnown: number } {
  const known = new Map(existing.map((item) => [item.id, kind.textOf(item)]));
  const knownTexts = new Set(known.values());
  const lineOf = new Map<string, number>();
  const lines: Line<Kept>[] = [];
  const problems: MaterialNote[] = [];
  let numKnown = 0;
  for (const [index, source] of text.split(/\r\n|\r|\n/).entries()) {
    if (source.trim() === '') continue;
    const line = index + 1;
    const written = parseLine(source, kind);
    if (typeof written === 'string') {
      problems.push({ line, reason: written });
      continue;
    }
    const textOfLine = kind.textOf(written);
    if (written.id === undefined ? knownTexts.has(textOfLine) : known.get(written.id) === textOfLine) {
      numKnown += 1;
      continue;
    }
    const id = written.id ?? freeId(kind.idFrom(written), kind.noun, (name) => known.has(name) || lineOf.has(name));
    const reason = refusal(id, known, lineOf);
    if (reason !== undefined) problems.push({ line, reason });
    else {
      lineOf.set(id, line);
      lines.push({ line, id, written });
    }
  }
  return { lines, problems, numKnown };
}

function refusal(
  id: string,
  known: ReadonlyMap<string, string>,
  lineOf: ReadonlyMap<string, number>,
): string | undefined {
  const earlier = lineOf.get(id);
  if (earlier !== undefined) return `The id "${id}" is used on line ${earlier} already.`;
  if (known.has(id)) return `The id "${id}" belongs to another text already.`;
  return lineOf.size >= MAX_MATERIAL_ITEMS ? `There are more than ${MAX_MATERIAL_ITEMS} lines.` : undefined;
}

/** @returns the reason if the line cannot be read */
function parseLine<Kept extends Item>(source: string, kind: Kind<Kept>): Written<Kept> | string {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return 'The line is not a JSON object.';
  }
  const key = repeatedKey(source);
  if (key !== null) return `The key "${key}" stands twice in one object.`;
  try {
    return kind.parse(value);
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** Lower-case words of the text with hyphens between them, with a number behind them if that is taken. */
function freeId(text: string, noun: string, isTaken: (id: string) => boolean): string {
  const words =
    text
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/\p{M}/gu, '')
      .match(/[a-z0-9]+/g) ?? [];
  const base = (words.length === 0 ? noun.replaceAll(' ', '-') : words.join('-')).slice(0, 60).replace(/-$/, '');
  if (!isTaken(base)) return base;
  let number = 2;
  while (isTaken(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}

function settleSplits<Kept extends Item>(
  lines: readonly Line<Kept>[],
  existing: readonly Kept[],
  kind: Kind<Kept>,
): { readonly items: Kept[]; readonly notes: MaterialNote[] } {
  const index = new OverlapIndex();
  const splitOf = new Map<string, Item['split']>();
  for (const item of existing) {
    index.add(item.id, kind.textOf(item));
    splitOf.set(item.id, item.split);
  }
  const settled: { readonly line: number; readonly item: Kept; readonly reasons: readonly string[] }[] = [];
  // Those that ask to be held out first, so that the rest of the file is held against them.
  const inTurn = lines.toSorted((a, b) => Number(b.written.split === 'test') - Number(a.written.split === 'test'));
  for (const { line, id, written } of inTurn) {
    const near = index.near(kind.textOf(written));
    const split = splitBeside(near.map((other) => splitOf.get(other.id) ?? 'train')) ?? written.split;
    const reasons = [...kind.faultsOf(written)];
    for (const other of near.slice(0, 3))
      reasons.push(`It is close to "${other.id}": ${Math.round(other.overlap * 100)} % of the telling words.`);
    if (split !== written.split)
      reasons.push(`It is taken as a ${split} ${kind.noun}, since one that is close to it is one.`);
    index.add(id, kind.textOf(written));
    splitOf.set(id, split);
    settled.push({ line, item: kind.named(written, id, split), reasons });
  }
  settled.sort((a, b) => a.line - b.line);
  return {
    items: settled.map(({ item }) => item),
    notes: settled.flatMap(({ line, reasons }) => reasons.map((reason) => ({ line, reason }))),
  };
}

/** The split that near-duplicates dictate: 'test' if one of them is. */
function splitBeside(splits: readonly Item['split'][]): Item['split'] | undefined {
  return splits.includes('test') ? 'test' : splits[0];
}
