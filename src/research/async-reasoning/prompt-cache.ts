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
  readonly #prompts = new Map<string, Promise<CachedPrompt>>();

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
  }

  /** @throws whatever the decoder throws; nothing is kept then */
  get(tokenIds: readonly number[]): Promise<CachedPrompt> {
    const key = tokenIds.join();
    const found = this.#prompts.get(key);
    if (found !== undefined) return found;
    const encoding = this.#encode(tokenIds);
    this.#prompts.set(key, encoding);
    encoding.catch(() => this.#prompts.delete(key));
    return encoding;
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
