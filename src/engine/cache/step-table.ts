import { at } from '@/lib/assert.ts';
import type { PooledBlock } from './cache-block.ts';
import { rotaryOffsets, visibleFragments } from './cache-view.ts';

/** How the head treats one row of logits. */
export interface RowSampling {
  /** Row of the bias buffer; 0 is all zeros. */
  readonly biasIndex: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
  readonly step: number;
}

export interface StepRow {
  readonly view: readonly PooledBlock[];
  readonly numTokens: number;
}

/** Where one forward's entries stand in the table, in words. */
export interface StepPlan {
  readonly numTokens: number;
  readonly tokensAt: number;
  readonly fragmentsAt: number;
  readonly pagesAt: number;
  /** Per row: block lengths after the append, and rotary offsets of the row's first token. */
  readonly rows: readonly {
    readonly lengths: number[];
    readonly rotaryOffsets: number[];
    readonly firstToken: number;
  }[];
}

const WORDS_PER_TOKEN = 4;
const WORDS_PER_FRAGMENT = 4;

/**
 * The metadata of one submit in one buffer: per token its slot, block-local position and fragments; per fragment its
 * pages, visible keys and rotary offset; per row of logits its sampling settings. Written once, read by all kernels.
 */
export class StepTable {
  readonly words: Uint32Array;
  readonly #floats: Float32Array;
  #length = 0;

  constructor(capacityWords: number) {
    this.words = new Uint32Array(capacityWords);
    this.#floats = new Float32Array(this.words.buffer);
  }

  get length(): number {
    return this.#length;
  }

  reset(): void {
    this.#length = 0;
  }

  /** Appends each row's tokens to the last block of its view, all rows first, then works out what every token sees. */
  addStep(rows: readonly StepRow[]): StepPlan {
    const slots = rows.map((row) => at(row.view, row.view.length - 1).append(row.numTokens));
    const pages = new Map<PooledBlock, number>();
    const pageWords: number[] = [];
    for (const block of new Set(rows.flatMap((row) => row.view))) {
      pages.set(block, pageWords.length);
      pageWords.push(...block.pages);
    }
    const tokenWords: number[] = [];
    const fragmentWords: number[] = [];
    const planned: StepPlan['rows'][number][] = [];
    let firstToken = 0;
    rows.forEach((row, rowIndex) => {
      const lengths = row.view.map((block) => block.length);
      const offsets = rotaryOffsets(lengths, row.numTokens);
      const start = at(lengths, lengths.length - 1) - row.numTokens;
      for (let s = 0; s < row.numTokens; s++) {
        const fragments = visibleFragments(lengths, offsets, s);
        tokenWords.push(
          at(at(slots, rowIndex), s),
          start + s,
          fragmentWords.length / WORDS_PER_FRAGMENT,
          fragments.length,
        );
        for (const { blockIndex, numVisible, rotaryOffset } of fragments) {
          fragmentWords.push(pages.get(at(row.view, blockIndex)) ?? 0, numVisible, rotaryOffset, 0);
        }
      }
      planned.push({ lengths, rotaryOffsets: offsets, firstToken });
      firstToken += row.numTokens;
    });
    return {
      numTokens: tokenWords.length / WORDS_PER_TOKEN,
      tokensAt: this.addWords(tokenWords),
      fragmentsAt: this.addWords(fragmentWords),
      pagesAt: this.addWords(pageWords),
      rows: planned,
    };
  }

  /** @returns where the words begin */
  addWords(words: readonly number[]): number {
    const start = this.#length;
    if (start + words.length > this.words.length) throw new RangeError('The step table is full.');
    this.words.set(words, start);
    this.#length += words.length;
    return start;
  }

  /** @returns where the numbers, as f32, begin */
  addFloats(values: readonly number[]): number {
    const start = this.addWords(values.map(() => 0));
    this.#floats.set(values, start);
    return start;
  }

  /** @returns where the eight words per row begin */
  addSampling(rows: readonly RowSampling[]): number {
    const start = this.addWords(
      rows.flatMap((row) => [row.biasIndex, 0, row.topK, 0, 0, row.seed >>> 0, row.step >>> 0, 0]),
    );
    rows.forEach((row, index) => {
      this.#floats[start + index * 8 + 1] = row.temperature;
      this.#floats[start + index * 8 + 3] = row.topP;
      this.#floats[start + index * 8 + 4] = row.minP;
    });
    return start;
  }
}
