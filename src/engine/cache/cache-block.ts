import { KV_PAGE_TOKENS } from '@/protocol/model-fit.ts';
import type { CacheBlock, CacheView } from '../generation/decoder.ts';

/** Tokens of one page. A block is a list of pages, so it grows without copies and shares whole pages with its forks. */
export const PAGE_SIZE = KV_PAGE_TOKENS;

/** What a block needs of the pool that holds it. */
export interface PageStore {
  /** @throws {Failure} 'contextFull' if no page is free */
  takePage(): number;
  releasePage(page: number): void;
  /** The page itself, or a copy when other blocks use it too. */
  writablePage(page: number): number;
  forkBlock(name: string, pages: readonly number[], length: number): PooledBlock;
  forget(block: PooledBlock): void;
}

/**
 * A block whose tokens lie in pages of the pool. Keys are rotated at block-local positions, so neither the blocks in
 * front of it nor their lengths matter to what it holds.
 */
export class PooledBlock implements CacheBlock {
  readonly name: string;
  readonly #pool: PageStore;
  readonly #pages: number[];
  #length: number;
  #isDisposed = false;

  /** Takes over `pages`, which are already counted for this block. */
  constructor(pool: PageStore, name: string, pages: number[], length: number) {
    this.#pool = pool;
    this.name = name;
    this.#pages = pages;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  get pages(): readonly number[] {
    return this.#pages;
  }

  /**
   * Makes room for new tokens.
   *
   * @returns the slot of each in the pooled buffers
   * @throws {Failure} 'contextFull' if the pool has no free page; ask `BlockPool.pagesNeeded` first
   */
  append(numTokens: number): number[] {
    const lastIndex = Math.floor(this.#length / PAGE_SIZE);
    const last = this.#pages[lastIndex];
    if (this.#length % PAGE_SIZE > 0 && last !== undefined) this.#pages[lastIndex] = this.#pool.writablePage(last);
    const slots: number[] = [];
    for (let i = 0; i < numTokens; i++) {
      const index = Math.floor(this.#length / PAGE_SIZE);
      const page = this.#pages[index] ?? this.#pool.takePage();
      this.#pages[index] = page;
      slots.push(page * PAGE_SIZE + (this.#length % PAGE_SIZE));
      this.#length++;
    }
    return slots;
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`Cannot truncate block '${this.name}' of ${this.#length} tokens to ${length}.`);
    }
    const keep = Math.ceil(length / PAGE_SIZE);
    for (const page of this.#pages.splice(keep)) this.#pool.releasePage(page);
    this.#length = length;
  }

  clear(): void {
    this.truncate(0);
  }

  fork(name: string, length: number = this.#length): PooledBlock {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`Cannot fork ${length} of the ${this.#length} tokens of block '${this.name}'.`);
    }
    return this.#pool.forkBlock(name, this.#pages.slice(0, Math.ceil(length / PAGE_SIZE)), length);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.clear();
    this.#pool.forget(this);
  }
}

/** @throws {TypeError} if a block is not of a pool */
export function pooledView(view: CacheView): PooledBlock[] {
  return view.map((block) => {
    if (!(block instanceof PooledBlock)) throw new TypeError(`Block '${block.name}' belongs to another decoder.`);
    return block;
  });
}
