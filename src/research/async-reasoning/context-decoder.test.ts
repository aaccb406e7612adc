import { describe, expect, it } from 'vitest';
import type { CacheBlock, CacheView, DecoderRow } from '@/engine/generation/decoder.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { ContextDecoder } from './context-decoder.ts';

interface Scene {
  readonly decoder: ContextDecoder;
  readonly inner: FakeDecoder;
  readonly blocks: readonly CacheBlock[];
  readonly append: (view: CacheView, ids: readonly number[]) => Promise<unknown>;
}

function sceneOf(...names: string[]): Scene {
  const inner = new FakeDecoder({ vocabSize: 100, logits: () => new Map() });
  const decoder = new ContextDecoder(inner);
  const append = (view: CacheView, tokenIds: readonly number[]): Promise<unknown> =>
    decoder.forward([row(view, tokenIds)]);
  return { decoder, inner, append, blocks: names.map((name) => decoder.createBlock(name)) };
}

const row = (view: CacheView, tokenIds: readonly number[]): DecoderRow => ({
  view,
  tokenIds,
  output: { kind: 'none' },
});

describe('what is stale in a view', () => {
  it('nothing, where blocks are encoded one behind the other', async () => {
    const { decoder, append, blocks } = sceneOf('a', 'b');
    const [a, b] = blocks as [CacheBlock, CacheBlock];
    await append([a], [1, 2]);
    await append([a, b], [3]);
    await append([a, b], [4, 5]);
    expect(decoder.contentsOf([a, b])).toEqual({ ids: [1, 2, 3, 4, 5], stale: [0, 0] });
    expect(decoder.contentsOf([b])).toEqual({ ids: [3, 4, 5], stale: [3] });
  });

  it('what stood behind a block that grew, and what was encoded behind that', async () => {
    const { decoder, append, blocks } = sceneOf('a', 'b');
    const [a, b] = blocks as [CacheBlock, CacheBlock];
    await append([a], [1]);
    await append([a, b], [3, 4]);
    await append([a], [2]);
    await append([a, b], [5]);
    // 5 saw all of it, but 3 and 4 as they are.
    expect(decoder.contentsOf([a, b]).stale).toEqual([0, 3]);
  });

  it('nothing any more, once text is again as it was', async () => {
    const { decoder, append, blocks } = sceneOf('a', 'b');
    const [a, b] = blocks as [CacheBlock, CacheBlock];
    await append([a], [1, 2]);
    await append([a, b], [3]);
    a.truncate(1);
    await append([a], [9]);
    expect(decoder.contentsOf([a, b])).toEqual({ ids: [1, 9, 3], stale: [0, 1] });
    a.truncate(1);
    await append([a], [2]);
    expect(decoder.contentsOf([a, b]).stale).toEqual([0, 0]);
  });

  it('nothing in a fork, which goes on by itself', async () => {
    const { decoder, inner, append, blocks } = sceneOf('a', 'b');
    const [a, b] = blocks as [CacheBlock, CacheBlock];
    await append([a], [1]);
    await append([a, b], [2, 3]);
    const fork = b.fork('fork', 1);
    await append([a, fork], [7]);
    b.clear();
    expect(decoder.contentsOf([a, fork])).toEqual({ ids: [1, 2, 7], stale: [0, 0] });
    for (const block of [a, b, fork]) block[Symbol.dispose]();
    expect(inner.numLiveObjects).toBe(0);
  });

  it('nothing in a row that sees the other row of its forward, all of two that see each other', async () => {
    const { decoder, append, blocks } = sceneOf('a', 'b', 'c');
    const [a, b, c] = blocks as [CacheBlock, CacheBlock, CacheBlock];
    await append([a], [1]);
    await decoder.forward([row([a, b, c], [3]), row([a, b], [2])]);
    expect(decoder.contentsOf([a, b, c])).toEqual({ ids: [1, 2, 3], stale: [0, 0, 0] });
    await decoder.forward([row([a, c, b], [4]), row([a, b, c], [5])]);
    expect(decoder.contentsOf([a, b]).stale).toEqual([0, 1]);
    expect(decoder.contentsOf([a, b, c]).stale).toEqual([0, 1, 2]);
  });

  it('refuses blocks of another decoder', () => {
    const { decoder, inner } = sceneOf();
    expect(() => decoder.contentsOf([inner.createBlock('x')])).toThrow(TypeError);
  });
});
