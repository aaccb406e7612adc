/** What a visitor writes: whether it can be taken, and what there is to say about it. */
import type { z } from 'zod';
import { DILEMMA_CATEGORIES, type Dilemma, type DilemmaCategory, type PersonaPair } from '@/protocol/negotiation.ts';
import { readDilemmas, readPersonaPairs, type ReadMaterial } from '@/protocol/negotiation/material-jsonl.ts';
import { writtenDilemmaSchema, writtenPersonaPairSchema } from '@/protocol/negotiation/schema.ts';
import type { MaterialItem } from './material-lists.ts';

/** A form as it stands, by field; numbers of a kind's own are not needed. */
export type ItemFields = Readonly<Record<string, string>>;

/** An item on its way: a new one, a change of one's own, or a copy of one of ours. */
export interface ItemDraft {
  /** Of the own item that is changed; null: a new one. */
  readonly id: string | null;
  /** What the form began with. */
  readonly first: ItemFields;
  readonly fields: ItemFields;
}

export interface ItemCheck<Item extends MaterialItem> {
  /** Null where a field is empty or too long, or the same text is there already. */
  readonly item: Item | null;
  /** By field; they have to be mended. */
  readonly errors: Readonly<Partial<Record<string, string>>>;
  /** Worth a look; they keep nobody from saving. */
  readonly hints: readonly string[];
}

const KNOWN = 'The same text is there already.';

/** @param existing  everything of the kind; the item that is changed may be among them */
export function checkDilemma(
  { id, fields }: Pick<ItemDraft, 'id' | 'fields'>,
  existing: readonly Dilemma[],
): ItemCheck<Dilemma> {
  return checkItem(writtenDilemmaSchema, written(id, fields), existing, readDilemmas);
}

/** As `checkDilemma`. */
export function checkPair(
  { id, fields }: Pick<ItemDraft, 'id' | 'fields'>,
  existing: readonly PersonaPair[],
): ItemCheck<PersonaPair> {
  return checkItem(writtenPersonaPairSchema, written(id, fields), existing, readPersonaPairs);
}

function written(id: string | null, fields: ItemFields): object {
  return id === null ? fields : { ...fields, id };
}

/** By the rules that files are read by. */
function checkItem<Item extends MaterialItem>(
  schema: z.ZodType,
  value: object,
  existing: readonly Item[],
  read: (text: string, existing: readonly Item[]) => ReadMaterial<Item>,
): ItemCheck<Item> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { item: null, errors: errorsIn(parsed.error), hints: [] };
  const id = 'id' in value ? value.id : undefined;
  const others = id === undefined ? existing : existing.filter((item) => item.id !== id);
  const { items, problems, notes, numKnown } = read(JSON.stringify(value), others);
  const said = [...problems, ...notes].map(({ reason }) => reason);
  return { item: items[0] ?? null, errors: {}, hints: numKnown > 0 ? [KNOWN, ...said] : said };
}

function errorsIn({ issues }: z.ZodError): Partial<Record<string, string>> {
  const errors: Partial<Record<string, string>> = {};
  for (const issue of issues) {
    const field = String(issue.path[0] ?? '');
    errors[field] ??= issue.code === 'too_big' ? `At most ${issue.maximum} characters.` : 'This must not be empty.';
  }
  return errors;
}

export function dilemmaFields({ category, goal, prompt, split }: Omit<Dilemma, 'id' | 'origin'>): ItemFields {
  return { category, goal, prompt, split };
}

export function pairFields({ theme, persona1, persona2, split }: Omit<PersonaPair, 'id' | 'origin'>): ItemFields {
  return { theme, persona1, persona2, split };
}

export function isChanged({ first, fields }: ItemDraft): boolean {
  return Object.keys(fields).some((name) => fields[name] !== first[name]);
}

export function isCategory(name: string): name is DilemmaCategory {
  return name in DILEMMA_CATEGORIES;
}
