import type { CacheBlock, Decoder, RowResult } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';

/** A prompt that stands alone at the start of its view, encoded. */
export interface CachedPrompt {
  /** To be forked; owned by the cache. */
  readonly block: CacheBlock;
  /** Of the prompt's last token. */
  readonly result: RowResult;
}

/**
 * Prompts that are the same in every run, encoded once per model. A fork shares their pages, so a run starts without
 * reading them again; what it sees is what a fresh prefill would give.
 */
export class PromptCache {
  readonly #decoder: Decoder;
  readonly #prompts = new Map<string, CachedPrompt>();

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
  }

  /** Encodes a prompt and keeps it. @throws whatever the decoder throws; nothing is kept then */
  async keep(tokenIds: readonly number[]): Promise<void> {
    const key = tokenIds.join();
    if (this.#prompts.has(key)) return;
    this.#prompts.set(key, await this.#encode(tokenIds));
  }

  /** Forgets everything: the model computes otherwise now. Runs that go on keep their forks. */
  clear(): void {
    for (const { block } of this.#prompts.values()) block[Symbol.dispose]();
    this.#prompts.clear();
  }

  /** Undefined for a prompt that is not kept, such as one with a question in it. */
  find(tokenIds: readonly number[]): CachedPrompt | undefined {
    return this.#prompts.get(tokenIds.join());
  }

  async #encode(tokenIds: readonly number[]): Promise<CachedPrompt> {
    const block = this.#decoder.createBlock('cached prompt');
    try {
      const results = await this.#decoder.forward([{ view: [block], tokenIds, output: { kind: 'token' } }]);
      return { block, result: at(results, 0) };
    } catch (error) {
      block[Symbol.dispose]();
      throw error;
    }
  }
}
