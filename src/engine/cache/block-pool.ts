import { Failure } from '@/lib/failure.ts';
import { assert, at } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { kvLayerBytes } from '@/protocol/model-fit.ts';
import type { KvType } from '@/protocol/model.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { PAGE_SIZE, PooledBlock } from './cache-block.ts';
import type { PageStore } from './cache-block.ts';

export interface PoolShape {
  readonly numHiddenLayers: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly kvType: KvType;
  /** Tokens; rounded up to whole pages. */
  readonly contextLength: number;
}

/**
 * Pages of keys and values for all layers, one K and one V buffer a layer, [slots, Hkv, K]. Pages are counted: a page
 * that several blocks share is copied before one of them writes to it.
 */
export class BlockPool implements PageStore {
  readonly shape: PoolShape;
  readonly kPools: readonly GpuBuffer[];
  readonly vPools: readonly GpuBuffer[];
  readonly #recorder: CommandRecorder;
  readonly #copyScratch: GpuBuffer;
  readonly #pageBytes: number;
  readonly #free: number[];
  readonly #useCounts: Uint16Array;
  readonly #blocks = new Set<PooledBlock>();

  constructor(gpu: Gpu, recorder: CommandRecorder, shape: PoolShape) {
    const numPages = Math.ceil(shape.contextLength / PAGE_SIZE);
    this.shape = { ...shape, contextLength: numPages * PAGE_SIZE };
    this.#recorder = recorder;
    this.#pageBytes = kvLayerBytes(shape, PAGE_SIZE, shape.kvType);
    const layerBytes = kvLayerBytes(shape, shape.contextLength, shape.kvType);
    const create = (label: string): GpuBuffer => gpu.createBuffer('kvCache', label, layerBytes);
    this.kPools = Array.from({ length: shape.numHiddenLayers }, (_, layer) => create(`k pool ${layer}`));
    this.vPools = Array.from({ length: shape.numHiddenLayers }, (_, layer) => create(`v pool ${layer}`));
    this.#copyScratch = gpu.createBuffer('kvCache', 'page copy', this.#pageBytes);
    this.#free = Array.from({ length: numPages }, (_, index) => numPages - 1 - index);
    this.#useCounts = new Uint16Array(numPages);
  }

  get freePages(): number {
    return this.#free.length;
  }

  createBlock(name: string): PooledBlock {
    const block = new PooledBlock(this, name, [], 0);
    this.#blocks.add(block);
    return block;
  }

  forkBlock(name: string, pages: readonly number[], length: number): PooledBlock {
    for (const page of pages) this.#useCounts[page] = at(this.#useCounts, page) + 1;
    const block = new PooledBlock(this, name, [...pages], length);
    this.#blocks.add(block);
    return block;
  }

  /** Pages that appending `numTokens` to `block` takes from the free list, copies of shared pages included. */
  pagesNeeded(block: PooledBlock, numTokens: number): number {
    const inLast = block.length % PAGE_SIZE;
    const last = block.pages.at(-1);
    const copies = inLast > 0 && last !== undefined && at(this.#useCounts, last) > 1 ? 1 : 0;
    return Math.ceil((block.length + numTokens) / PAGE_SIZE) - block.pages.length + copies;
  }

  /** Tokens that can still be appended to `block`, beside what all other blocks hold. */
  roomIn(block: PooledBlock): number {
    const copies = this.pagesNeeded(block, 0);
    if (copies > this.#free.length) return 0;
    return (this.#free.length - copies + block.pages.length) * PAGE_SIZE - block.length;
  }

  /** @throws {Failure} 'contextFull' if no page is free */
  takePage(): number {
    const page = this.#free.pop();
    if (page === undefined) {
      throw new Failure<FailureCode>(
        'contextFull',
        `All ${this.shape.contextLength} tokens of the KV cache are in use.`,
      );
    }
    this.#useCounts[page] = 1;
    return page;
  }

  releasePage(page: number): void {
    const count = at(this.#useCounts, page);
    assert(count > 0, 'a released page was in use');
    this.#useCounts[page] = count - 1;
    if (count === 1) this.#free.push(page);
  }

  /** The page itself, or a copy when other blocks use it too. The copy is recorded in front of the next dispatches. */
  writablePage(page: number): number {
    if (at(this.#useCounts, page) === 1) return page;
    const copy = this.takePage();
    for (const pools of [this.kPools, this.vPools]) {
      for (const pool of pools) {
        // A copy inside one buffer is forbidden, hence the way through a scratch buffer.
        this.#recorder.copy(pool, page * this.#pageBytes, this.#copyScratch, 0, this.#pageBytes);
        this.#recorder.copy(this.#copyScratch, 0, pool, copy * this.#pageBytes, this.#pageBytes);
      }
    }
    this.releasePage(page);
    return copy;
  }

  forget(block: PooledBlock): void {
    this.#blocks.delete(block);
  }

  [Symbol.dispose](): void {
    for (const buffer of [...this.kPools, ...this.vPools, this.#copyScratch]) buffer[Symbol.dispose]();
    this.#blocks.clear();
  }
}
