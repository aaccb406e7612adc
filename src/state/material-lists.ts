/** Dilemmas and persona pairs: those that come with the page and those of the visitor, as pure functions. */
import { at } from '@/lib/assert.ts';
import type { Rng } from '@/lib/rng.ts';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { OverlapIndex } from '@/protocol/negotiation/word-overlap.ts';

export type MaterialItem = Dilemma | PersonaPair;

/** How many items of one kind a visitor may have. */
export const MAX_OWN_ITEMS = 2000;

/** Items of one kind. */
export interface ItemList<Item extends MaterialItem> {
  /** The visitor's, oldest first. */
  readonly own: readonly Item[];
  readonly chosen: Item;
}

/** What the functions below have to know of a kind. */
export interface ItemRules<Item extends MaterialItem> {
  readonly ours: readonly Item[];
  /** By which near-duplicates are found; the same as in `material-jsonl.ts`. */
  readonly textOf: (item: Item) => string;
  readonly withSplit: (item: Item, split: Item['split']) => Item;
}

export const DILEMMA_RULES_OF_LIST: ItemRules<Dilemma> = {
  ours: DILEMMAS,
  textOf: ({ goal, prompt }) => `${goal}\n${prompt}`,
  withSplit: (item, split) => ({ ...item, split }),
};

export const PAIR_RULES_OF_LIST: ItemRules<PersonaPair> = {
  ours: PERSONA_PAIRS,
  textOf: ({ persona1, persona2 }) => `${persona1}\n${persona2}`,
  withSplit: (item, split) => ({ ...item, split }),
};

/** What holds at the beginning, and once a chosen item is gone. */
export function firstList<Item extends MaterialItem>({ ours }: ItemRules<Item>): ItemList<Item> {
  return { own: [], chosen: at(ours, 0) };
}

/** Items whose ids are taken already are left out, and those above the limit. */
export function withItems<Item extends MaterialItem>(
  list: ItemList<Item>,
  items: readonly Item[],
  rules: ItemRules<Item>,
): ItemList<Item> {
  const taken = new Set([...rules.ours, ...list.own].map(({ id }) => id));
  const fresh = items.filter(({ id }) => {
    const isFresh = !taken.has(id);
    taken.add(id);
    return isFresh;
  });
  return settled({ ...list, own: [...list.own, ...fresh].slice(0, MAX_OWN_ITEMS) }, rules);
}

/** The item of this id is this one from now on. */
export function withChange<Item extends MaterialItem>(
  list: ItemList<Item>,
  item: Item,
  rules: ItemRules<Item>,
): ItemList<Item> {
  return settled({ ...list, own: list.own.map((other) => (other.id === item.id ? item : other)) }, rules);
}

/** Ours stay. The first of them takes the place of a chosen one that goes. */
export function withoutItems<Item extends MaterialItem>(
  { own, chosen }: ItemList<Item>,
  ids: readonly string[],
  { ours }: ItemRules<Item>,
): ItemList<Item> {
  const gone = new Set(ids);
  const isChosenGone = gone.has(chosen.id) && own.some(({ id }) => id === chosen.id);
  return { own: own.filter(({ id }) => !gone.has(id)), chosen: isChosenGone ? at(ours, 0) : chosen };
}

/** Takes a removal back. */
export function withItemBack<Item extends MaterialItem>(
  list: ItemList<Item>,
  { item, place, wasChosen }: { readonly item: Item; readonly place: number; readonly wasChosen: boolean },
  rules: ItemRules<Item>,
): ItemList<Item> {
  if (rules.ours.some(({ id }) => id === item.id) || list.own.some(({ id }) => id === item.id)) return list;
  const back = settled({ ...list, own: list.own.toSpliced(place, 0, item) }, rules);
  return wasChosen ? withChosen(back, item.id, rules) : back;
}

/** An id that there is none of changes nothing. */
export function withChosen<Item extends MaterialItem>(
  list: ItemList<Item>,
  id: string,
  { ours }: ItemRules<Item>,
): ItemList<Item> {
  const chosen = list.own.find((item) => item.id === id) ?? ours.find((item) => item.id === id);
  return chosen === undefined ? list : { ...list, chosen };
}

/** What was kept, with what the visitor has done before it was read. */
export function withKept<Item extends MaterialItem>(
  now: ItemList<Item>,
  kept: { readonly own: readonly Item[]; readonly chosenId: string | null },
  rules: ItemRules<Item>,
): ItemList<Item> {
  const together = withItems(withItems({ ...now, own: [] }, kept.own, rules), now.own, rules);
  const isUntouched = now.chosen.id === at(rules.ours, 0).id;
  return isUntouched && kept.chosenId !== null ? withChosen(together, kept.chosenId, rules) : together;
}

/**
 * So that training never sees a held-out item in other words: one of the visitor's that is near to a held-out one is held
 * out itself. The chosen item follows.
 */
function settled<Item extends MaterialItem>({ own, chosen }: ItemList<Item>, rules: ItemRules<Item>): ItemList<Item> {
  const heldOut = new OverlapIndex();
  for (const item of [...rules.ours, ...own]) if (item.split === 'test') heldOut.add(item.id, rules.textOf(item));
  const inSplit = own.map((item) => {
    if (item.split === 'test' || heldOut.near(rules.textOf(item)).length === 0) return item;
    heldOut.add(item.id, rules.textOf(item));
    return rules.withSplit(item, 'test');
  });
  return { own: inSplit, chosen: inSplit.find(({ id }) => id === chosen.id) ?? chosen };
}

interface OwnMaterial {
  readonly ownDilemmas: readonly Dilemma[];
  readonly ownPairs: readonly PersonaPair[];
}

/** The same list for the same items, so that it can be selected. */
function remembered<Item extends MaterialItem>(ours: readonly Item[]): (own: readonly Item[]) => readonly Item[] {
  const known = new WeakMap<readonly Item[], readonly Item[]>();
  return (own) => {
    const all = known.get(own) ?? [...own.toReversed(), ...ours];
    known.set(own, all);
    return all;
  };
}

const dilemmasWith = remembered(DILEMMAS);
const pairsWith = remembered(PERSONA_PAIRS);

/** The visitor's, newest first, then ours. */
export function allDilemmas({ ownDilemmas }: OwnMaterial): readonly Dilemma[] {
  return dilemmasWith(ownDilemmas);
}

/** The visitor's, newest first, then ours. */
export function allPairs({ ownPairs }: OwnMaterial): readonly PersonaPair[] {
  return pairsWith(ownPairs);
}

export function findDilemma(state: OwnMaterial, id: string): Dilemma | undefined {
  return allDilemmas(state).find((dilemma) => dilemma.id === id);
}

export function findPair(state: OwnMaterial, id: string): PersonaPair | undefined {
  return allPairs(state).find((pair) => pair.id === id);
}

/** Never a held-out one. */
export function trainingDilemmas(state: OwnMaterial): readonly Dilemma[] {
  return allDilemmas(state).filter(({ split }) => split === 'train');
}

/** Never a held-out one. */
export function trainingPairs(state: OwnMaterial): readonly PersonaPair[] {
  return allPairs(state).filter(({ split }) => split === 'train');
}

/** @param otherThan  id of one that is not to be drawn */
export function randomTrainingDilemma(state: OwnMaterial, rng: Rng, otherThan?: string): Dilemma {
  const dilemmas = trainingDilemmas(state).filter(({ id }) => id !== otherThan);
  return at(dilemmas, rng.integer(dilemmas.length));
}

export function randomTrainingPair(state: OwnMaterial, rng: Rng): PersonaPair {
  const pairs = trainingPairs(state);
  return at(pairs, rng.integer(pairs.length));
}
