/** How much two texts say with the same words: the cheap test for near-duplicates. */

import { at } from '@/lib/assert.ts';

/**
 * From this overlap on, two dilemmas or two persona pairs count as the same one told again. A choice: the closest two of
 * ours reach 0.17, and a dilemma with a third of its telling words exchanged has about 0.5.
 */
export const NEAR_DUPLICATE = 0.4;

const STOP_WORDS = new Set(
  (
    'a about after all also an and any are as at be because been before but by can could did do does each for from had ' +
    'has have he her him his how if in into is it its just may me more most my no nor not now of off on once one only or ' +
    'other our out over own she should so some such than that the their them then there these they this those to too up ' +
    'us very was we were what when where whether which while who whom whose will with would you your'
  ).split(' '),
);

/** Words that carry meaning, in lower case, without the s of a plural. */
export function tellingWords(text: string): Set<string> {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(
    words
      .filter((word) => word.length > 1 && !STOP_WORDS.has(word))
      .map((word) => (word.length > 3 && word.endsWith('s') ? word.slice(0, -1) : word)),
  );
}

export interface Overlap {
  readonly id: string;
  /** Telling words that both have, of all that one of them has; 0 to 1. */
  readonly overlap: number;
}

/** Texts under ids, asked for those near to another one without comparing each with each. */
export class OverlapIndex {
  readonly #ids: string[] = [];
  readonly #numWords: number[] = [];
  /** By telling word, the places in `#ids` of the texts that have it. */
  readonly #places = new Map<string, number[]>();

  /** @param id  of a text that is not in the index yet */
  add(id: string, text: string): void {
    const words = tellingWords(text);
    const place = this.#ids.push(id) - 1;
    this.#numWords.push(words.size);
    for (const word of words) {
      const places = this.#places.get(word);
      if (places === undefined) this.#places.set(word, [place]);
      else places.push(place);
    }
  }

  /** @returns texts with at least this overlap, the nearest first. A text without telling words is near to none. */
  near(text: string, threshold = NEAR_DUPLICATE): Overlap[] {
    const words = tellingWords(text);
    const shared = new Uint32Array(this.#ids.length);
    for (const word of words) for (const place of this.#places.get(word) ?? []) shared[place] = at(shared, place) + 1;
    const near: Overlap[] = [];
    for (const [place, both] of shared.entries()) {
      const overlap = both / (words.size + at(this.#numWords, place) - both);
      if (both > 0 && overlap >= threshold) near.push({ id: at(this.#ids, place), overlap });
    }
    return near.toSorted((a, b) => b.overlap - a.overlap);
  }
}
