/**
 * The visitor's dilemmas, persona pairs and prompts, kept over a reload. In IndexedDB, item by item, so that two tabs do
 * not write over each other's lists.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { z } from 'zod';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import type { ReviewItem } from './material-generation.ts';
import type { MaterialItem } from './material-lists.ts';
import { isTemplateId, templateEditSchema, type TemplateEdit, type TemplateEdits } from './material-templates.ts';

/** What is kept of the material. */
export interface KeptMaterial {
  readonly ownDilemmas: readonly Dilemma[];
  readonly ownPairs: readonly PersonaPair[];
  readonly chosenDilemmaId: string | null;
  readonly chosenPairId: string | null;
  readonly templateEdits: TemplateEdits;
  readonly review: readonly ReviewItem[];
}

export const NOTHING_KEPT: KeptMaterial = {
  ownDilemmas: [],
  ownPairs: [],
  chosenDilemmaId: null,
  chosenPairId: null,
  templateEdits: {},
  review: [],
};

const DATABASE = 'duet-material';
const DILEMMAS = 'dilemmas';
const PAIRS = 'pairs';
const TEMPLATES = 'templates';
/** Holds what is chosen, the order of the lists, and what waits for a look. */
const REST = 'rest';

const reviewSchema = z.array(z.strictObject({ dilemma: dilemmaSchema, isWanted: z.boolean() }));

function open(): Promise<IDBPDatabase> {
  return openDB(DATABASE, 1, {
    upgrade(database) {
      for (const name of [DILEMMAS, PAIRS, TEMPLATES, REST]) database.createObjectStore(name);
    },
  });
}

/** @returns what is kept, or null if the browser gives nothing; what cannot be read is left out */
export async function findMaterial(): Promise<KeptMaterial | null> {
  try {
    const database = await open();
    try {
      const rest = (name: string): Promise<unknown> => database.get(REST, name);
      const review = reviewSchema.safeParse(await rest('review'));
      return {
        ownDilemmas: await readItems(database, DILEMMAS, dilemmaSchema, await rest('dilemmaIds')),
        ownPairs: await readItems(database, PAIRS, personaPairSchema, await rest('pairIds')),
        chosenDilemmaId: textOrNull(await rest('dilemma')),
        chosenPairId: textOrNull(await rest('pair')),
        templateEdits: await readEdits(database),
        review: review.success ? review.data : [],
      };
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

/** In the kept order; those of another tab behind them. */
async function readItems<Item extends MaterialItem>(
  database: IDBPDatabase,
  store: string,
  schema: z.ZodType<Item>,
  order: unknown,
): Promise<Item[]> {
  const ids: readonly unknown[] = Array.isArray(order) ? order : [];
  const place = new Map(ids.map((id, index) => [id, index]));
  const items = ((await database.getAll(store)) as readonly unknown[]).flatMap((value) => {
    const parsed = schema.safeParse(value);
    return parsed.success && parsed.data.origin !== 'ours' ? [parsed.data] : [];
  });
  const placeOf = ({ id }: Item): number => place.get(id) ?? ids.length;
  return items.toSorted((a, b) => placeOf(a) - placeOf(b));
}

async function readEdits(database: IDBPDatabase): Promise<TemplateEdits> {
  const edits: Record<string, TemplateEdit> = {};
  for (const id of await database.getAllKeys(TEMPLATES)) {
    const parsed = templateEditSchema.safeParse(await database.get(TEMPLATES, id));
    if (typeof id === 'string' && isTemplateId(id) && parsed.success) edits[id] = parsed.data;
  }
  return edits;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/**
 * Writes what differs.
 *
 * @param before  what is kept already
 * @returns whether the browser keeps it
 */
export async function keepMaterial(before: KeptMaterial, now: KeptMaterial): Promise<boolean> {
  try {
    const database = await open();
    try {
      const change = database.transaction([DILEMMAS, PAIRS, TEMPLATES, REST], 'readwrite');
      const rest = change.objectStore(REST);
      const writes: Promise<unknown>[] = [];
      const put = (store: string, key: string, value: unknown): void => {
        writes.push(change.objectStore(store).put(value, key));
      };
      const remove = (store: string, key: string): void => {
        writes.push(change.objectStore(store).delete(key));
      };
      for (const [store, key, value] of differences(before, now)) {
        if (value === undefined) remove(store, key);
        else put(store, key, value);
      }
      if (before.chosenDilemmaId !== now.chosenDilemmaId) writes.push(rest.put(now.chosenDilemmaId, 'dilemma'));
      if (before.chosenPairId !== now.chosenPairId) writes.push(rest.put(now.chosenPairId, 'pair'));
      if (before.review !== now.review) writes.push(rest.put(now.review, 'review'));
      if (before.ownDilemmas !== now.ownDilemmas) writes.push(rest.put(idsOf(now.ownDilemmas), 'dilemmaIds'));
      if (before.ownPairs !== now.ownPairs) writes.push(rest.put(idsOf(now.ownPairs), 'pairIds'));
      await Promise.all([...writes, change.done]);
      return true;
    } finally {
      database.close();
    }
  } catch {
    return false;
  }
}

function idsOf(items: readonly MaterialItem[]): string[] {
  return items.map(({ id }) => id);
}

type Difference = readonly [store: string, key: string, value: unknown];

function differences(before: KeptMaterial, now: KeptMaterial): Difference[] {
  const byId = (items: readonly MaterialItem[]): ReadonlyMap<string, unknown> =>
    new Map(items.map((item) => [item.id, item]));
  const byKey = (edits: TemplateEdits): ReadonlyMap<string, unknown> => new Map(Object.entries(edits));
  return [
    ...changedEntries(DILEMMAS, byId(before.ownDilemmas), byId(now.ownDilemmas)),
    ...changedEntries(PAIRS, byId(before.ownPairs), byId(now.ownPairs)),
    ...changedEntries(TEMPLATES, byKey(before.templateEdits), byKey(now.templateEdits)),
  ];
}

function changedEntries(
  store: string,
  before: ReadonlyMap<string, unknown>,
  now: ReadonlyMap<string, unknown>,
): Difference[] {
  const gone = [...before.keys()].filter((key) => !now.has(key));
  const changed = [...now].filter(([key, value]) => before.get(key) !== value);
  return [
    ...gone.map((key): Difference => [store, key, undefined]),
    ...changed.map(([key, value]): Difference => [store, key, value]),
  ];
}
