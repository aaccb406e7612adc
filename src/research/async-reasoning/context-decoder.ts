/**
 * A decoder that remembers of every token in which context it was encoded, so that a view's stale tokens can be told.
 *
 * Keys and values of a token depend on its id and on what it saw: the sequence of tokens in front of it, with their own
 * keys and values. So a token's mark is a hash of its id and of the marks that it saw, in their order. Where a token
 * stands does not count, since only distances do. A prefill of the same ids gives the same mark exactly if every token
 * in front was, in turn, encoded behind the same tokens.
 */
import type { CacheBlock, CacheView, Decoder, DecoderRow, LogitBias, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';

/** Mark of the empty sequence. */
const NOTHING = 1;

/** What the blocks of a view hold. */
export interface ViewContents {
  readonly ids: readonly number[];
  /** Of each block, tokens whose keys and values are not those of a prefill of `ids`. */
  readonly stale: readonly number[];
}

/** Wraps a decoder; blocks of the one are not blocks of the other. */
export class ContextDecoder implements Decoder {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly #inner: Decoder;
  #numCycles = 0;

  constructor(inner: Decoder) {
    this.#inner = inner;
    this.vocabSize = inner.vocabSize;
    this.contextLength = inner.contextLength;
  }

  get freeTokens(): number {
    return this.#inner.freeTokens;
  }

  createBlock(name: string): CacheBlock {
    return new MarkedBlock(this.#inner.createBlock(name));
  }

  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias {
    return this.#inner.createLogitBias(bias);
  }

  async forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    const marked = rows.map((row) => ({ ...row, view: row.view.map(markedBlock) }));
    const inner = marked.map((row) => ({ ...row, view: row.view.map(({ block }) => block) }));
    const results = await this.#inner.forward(inner);
    this.#mark(marked);
    return results;
  }

  contentsOf(view: CacheView): ViewContents {
    let fresh = NOTHING;
    const blocks = view.map(markedBlock);
    const stale = blocks.map(({ ids, marks }) => {
      let count = 0;
      ids.forEach((id, i) => {
        const mark = joined(fresh, id);
        if (mark !== marks[i]) count++;
        fresh = joined(fresh, mark);
      });
      return count;
    });
    return { ids: blocks.flatMap(({ ids }) => ids), stale };
  }

  /** Rows see what other rows append in the same forward, so a row is marked behind those that it sees. */
  #mark(rows: readonly MarkedRow[]): void {
    const left = new Set(rows);
    while (left.size > 0) {
      const ready = [...left].filter((row) => ![...left].some((other) => other !== row && sees(row, other)));
      // Rows that see each other: no sequence of tokens gives what they have become.
      const next = ready.length > 0 ? ready : [...left];
      for (const row of next) {
        const target = at(row.view, row.view.length - 1);
        const seen = row.view.slice(0, -1).reduce((chain, block) => block.chainBehind(chain), NOTHING);
        for (const id of row.tokenIds) {
          const cycle = ready.length > 0 ? 0 : ++this.#numCycles;
          target.push(id, joined(target.chainBehind(seen) + cycle, id));
        }
        left.delete(row);
      }
    }
  }
}

interface MarkedRow {
  readonly view: readonly MarkedBlock[];
  readonly tokenIds: readonly number[];
}

function sees(row: MarkedRow, other: MarkedRow): boolean {
  return row.view.includes(at(other.view, other.view.length - 1));
}

class MarkedBlock implements CacheBlock {
  readonly block: CacheBlock;
  readonly ids: number[];
  readonly marks: number[];
  /** Behind each token, the hash of all marks up to there; of the context in front that was asked for last. */
  #chains: { readonly from: number; readonly behind: number[] } = { from: NOTHING, behind: [] };

  constructor(block: CacheBlock, ids: readonly number[] = [], marks: readonly number[] = []) {
    this.block = block;
    this.ids = [...ids];
    this.marks = [...marks];
  }

  get name(): string {
    return this.block.name;
  }

  get length(): number {
    return this.block.length;
  }

  /** Hash of a sequence of marks continued by this block's. */
  chainBehind(from: number): number {
    if (this.#chains.from !== from) this.#chains = { from, behind: [] };
    const { behind } = this.#chains;
    for (let i = behind.length; i < this.marks.length; i++)
      behind.push(joined(behind[i - 1] ?? from, at(this.marks, i)));
    return behind.at(-1) ?? from;
  }

  push(id: number, mark: number): void {
    this.ids.push(id);
    this.marks.push(mark);
  }

  truncate(length: number): void {
    this.block.truncate(length);
    this.ids.length = length;
    this.marks.length = length;
    this.#chains.behind.length = Math.min(this.#chains.behind.length, length);
  }

  clear(): void {
    this.truncate(0);
  }

  fork(name: string, length: number = this.length): CacheBlock {
    return new MarkedBlock(this.block.fork(name, length), this.ids.slice(0, length), this.marks.slice(0, length));
  }

  [Symbol.dispose](): void {
    this.block[Symbol.dispose]();
  }
}

function markedBlock(block: CacheBlock): MarkedBlock {
  if (!(block instanceof MarkedBlock)) throw new TypeError(`Block '${block.name}' belongs to another decoder.`);
  return block;
}

const HALF = 2 ** 26;

/** Hash of an ordered pair, 52 bits: two murmur-like mixes of 26 bits each. */
function joined(a: number, b: number): number {
  return mixed(a, b, 0x9e3779b1) * HALF + mixed(a, b, 0x85ebca77);
}

function mixed(a: number, b: number, seed: number): number {
  let hash = seed;
  for (const part of [a % HALF, Math.floor(a / HALF), b % HALF, Math.floor(b / HALF)]) {
    hash = Math.imul(hash ^ part, 0xcc9e2d51);
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 6;
}
