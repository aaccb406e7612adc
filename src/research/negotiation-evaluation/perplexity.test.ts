import { beforeAll, describe, expect, it } from 'vitest';
import type { AdapterUse } from '@/engine/generation/decoder.ts';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel } from '@/testing/golden-files.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { contextForText, measurePerplexity } from './perplexity.ts';

let model: ReferenceModel;
beforeAll(async () => {
  model = await readTinyReferenceModel('llama');
});

const options = { adapter: 'on', signal: new AbortController().signal } as const;
const textOf = (numTokens: number): number[] => Array.from({ length: numTokens }, (_, index) => 3 + ((index * 7) % 50));

/** Token by token, each from a block of its own. */
async function slowly(tokenIds: readonly number[]): Promise<number> {
  const decoder = new ReferenceDecoder(model);
  let nats = 0;
  for (const end of tokenIds.keys()) {
    if (end === 0) continue;
    using block = decoder.createBlock('slow');
    const row = { view: [block], tokenIds: tokenIds.slice(0, end), output: { kind: 'allLogits' } } as const;
    const { logits } = at(await decoder.forward([row]), 0);
    nats -= at(logits, at(tokenIds, end)) - logSumExp(logits);
  }
  return nats / (tokenIds.length - 1);
}

describe('perplexity', () => {
  it.each([2, 16, 17, 18, 40])('of %i tokens is that of reading them one by one', async (numTokens) => {
    const decoder = new ReferenceDecoder(model);
    const tokenIds = textOf(numTokens);
    const measured = await measurePerplexity(decoder, tokenIds, options);
    expect(measured.numTokens).toBe(numTokens - 1);
    expect(measured.natsPerToken).toBeCloseTo(await slowly(tokenIds), 6);
    expect(decoder.numLiveBlocks).toBe(0);
  });

  it('is the size of the vocabulary for a model that knows nothing', async () => {
    const decoder = new FakeDecoder({ vocabSize: 90, logits: () => new Map() });
    const { natsPerToken } = await measurePerplexity(decoder, textOf(33), options);
    expect(Math.exp(natsPerToken)).toBeCloseTo(90, 9);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('is measured with the adapter, or without', async () => {
    for (const adapter of ['on', 'off'] as const) {
      const uses = new Set<AdapterUse | undefined>();
      const decoder = new FakeDecoder({ vocabSize: 90, logits: () => new Map() });
      const forward = decoder.forward.bind(decoder);
      decoder.forward = (rows) => {
        for (const row of rows) uses.add(row.adapter);
        return forward(rows);
      };
      await measurePerplexity(decoder, textOf(20), { ...options, adapter });
      expect([...uses]).toEqual([adapter]);
    }
  });

  it('needs two tokens, and can be stopped', async () => {
    const decoder = new FakeDecoder({ vocabSize: 90, logits: () => new Map() });
    await expect(measurePerplexity(decoder, [1], options)).rejects.toMatchObject({ code: 'invalidConfig' });
    const stopped = { ...options, signal: AbortSignal.abort() };
    await expect(measurePerplexity(decoder, textOf(20), stopped)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(contextForText(100)).toBeGreaterThan(100);
    expect(decoder.numLiveObjects).toBe(0);
  });
});
