import { describe, expect, it } from 'vitest';
import { readTinyReferenceModel } from './golden-files.ts';
import { ReferenceDecoder } from './reference-decoder.ts';

const PROMPT = [72, 101, 310, 111];

describe('ReferenceDecoder', () => {
  it('chooses greedily, after the bias, and reports raw logits', async () => {
    const decoder = new ReferenceDecoder(await readTinyReferenceModel('llama'));
    const view = [decoder.createBlock('prompt')];
    const [free] = await decoder.forward([{ view, tokenIds: PROMPT, output: { kind: 'token' } }]);
    const [first, second] = free?.top ?? [];
    expect(free?.tokenId).toBe(first?.[0]);
    expect(free?.logProb).toBeCloseTo((first?.[1] ?? NaN) - (free?.logsumexp ?? NaN), 12);
    const bias = decoder.createLogitBias(new Map([[first?.[0] ?? 0, -100]]));
    view[0]?.clear();
    const [biased] = await decoder.forward([{ view, tokenIds: PROMPT, output: { kind: 'token', bias } }]);
    expect(biased?.tokenId).toBe(second?.[0]);
    expect(biased?.logsumexp).toBe(free?.logsumexp);
    view[0]?.clear();
    const tokenIds = [second?.[0] ?? 0, first?.[0] ?? 0];
    const [asked] = await decoder.forward([{ view, tokenIds: PROMPT, output: { kind: 'logitsOf', tokenIds } }]);
    expect(asked).toMatchObject({ tokenId: -1, logProb: NaN, logits: [second?.[1], first?.[1]] });
  });

  it('appends nothing when the context is full, and counts blocks', async () => {
    const decoder = new ReferenceDecoder(await readTinyReferenceModel('llama'), { contextLength: 6 });
    const block = decoder.createBlock('prompt');
    const row = { view: [block], tokenIds: PROMPT, output: { kind: 'none' } } as const;
    await decoder.forward([row]);
    expect(decoder.freeTokens).toBe(2);
    await expect(decoder.forward([row])).rejects.toMatchObject({ code: 'contextFull' });
    expect(block.length).toBe(4);
    const fork = block.fork('fork', 1);
    expect([fork.length, decoder.freeTokens, decoder.numLiveBlocks]).toEqual([1, 1, 2]);
    for (const each of [block, fork]) each[Symbol.dispose]();
    expect([decoder.freeTokens, decoder.numLiveBlocks]).toEqual([6, 0]);
    await expect(decoder.forward([row])).rejects.toThrow('disposed');
  });

  it('refuses to sample', async () => {
    const decoder = new ReferenceDecoder(await readTinyReferenceModel('llama'));
    const output = { kind: 'token', sampling: { temperature: 1 } } as const;
    const row = { view: [decoder.createBlock('prompt')], tokenIds: PROMPT, output };
    await expect(decoder.forward([row])).rejects.toThrow('greedy');
  });
});
