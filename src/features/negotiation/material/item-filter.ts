/** Which items of a list are shown. */
import { DILEMMA_CATEGORIES, type DilemmaCategory } from '@/protocol/negotiation.ts';
import type { MaterialItem } from '@/state/material-lists.ts';
import type { ItemKind } from './item-kinds.ts';

export interface ItemFilter {
  readonly words: string;
  readonly category: DilemmaCategory | 'all';
  readonly split: MaterialItem['split'] | 'all';
  readonly origin: MaterialItem['origin'] | 'all';
}

export const NO_FILTER: ItemFilter = { words: '', category: 'all', split: 'all', origin: 'all' };

export function isFiltering({ words, category, split, origin }: ItemFilter): boolean {
  return words.trim() !== '' || category !== 'all' || split !== 'all' || origin !== 'all';
}

export const CATEGORIES: readonly DilemmaCategory[] = Object.keys(DILEMMA_CATEGORIES).filter(
  (name): name is DilemmaCategory => name in DILEMMA_CATEGORIES,
);

type Facts<Item extends MaterialItem> = Pick<ItemKind<Item>, 'textOf' | 'categoryOf'>;

/** Those that have all the words, or parts of words, in any order, and are of the kind that is wanted. */
export function filterItems<Item extends MaterialItem>(
  items: readonly Item[],
  { words, category, split, origin }: ItemFilter,
  { textOf, categoryOf }: Facts<Item>,
): readonly Item[] {
  const wanted = plain(words)
    .split(/\s+/)
    .filter((word) => word !== '');
  return items.filter((item) => {
    if (split !== 'all' && item.split !== split) return false;
    if (origin !== 'all' && item.origin !== origin) return false;
    if (category !== 'all' && categoryOf(item) !== category) return false;
    if (wanted.length === 0) return true;
    const text = plain(`${textOf(item)} ${item.id}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** Lower case, without accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

export interface ItemCounts {
  readonly all: number;
  readonly category: Readonly<Record<DilemmaCategory, number>>;
  readonly split: Readonly<Record<MaterialItem['split'], number>>;
  readonly origin: Readonly<Record<MaterialItem['origin'], number>>;
}

export function countItems<Item extends MaterialItem>(
  items: readonly Item[],
  { categoryOf }: Pick<Facts<Item>, 'categoryOf'>,
): ItemCounts {
  const category = { professional: 0, interpersonal: 0, everyday: 0 };
  const split = { train: 0, test: 0 };
  const origin = { ours: 0, generated: 0, own: 0 };
  for (const item of items) {
    const name = categoryOf(item);
    if (name !== null) category[name] += 1;
    split[item.split] += 1;
    origin[item.origin] += 1;
  }
  return { all: items.length, category, split, origin };
}

/** Professional & High-Stakes: 30 (30 %, paper 30 %). */
export function categoryLabel(category: DilemmaCategory, counts: ItemCounts): string {
  const { name, share } = DILEMMA_CATEGORIES[category];
  const count = counts.category[category];
  const percent = counts.all === 0 ? 0 : Math.round((100 * count) / counts.all);
  return `${name}: ${count} (${percent} %, paper ${Math.round(100 * share)} %)`;
}
