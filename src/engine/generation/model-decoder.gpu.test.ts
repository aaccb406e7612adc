import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import type { GeneratedToken } from '@/protocol/generation.ts';
import type { CacheBlock, CacheView, RowResult } from './decoder.ts';
import { generate } from './generate.ts';
import type { ModelDecoder } from './model-decoder.ts';

const TINY = goldenUrl('tiny/qwen3/tiny-qwen3-F32.gguf');
const ids = (count: number, start = 0): number[] =>
  Array.from({ length: count }, (_, i) => ((start + i) * 29 + 7) % 250);
const BYTES = { createTextStream: () => ({ push: (id: number) => String.fromCharCode(id), flush: () => '' }) };

async function encode(decoder: ModelDecoder, view: CacheView, tokenIds: readonly number[]): Promise<RowResult> {
  return at(await decoder.forward([{ view, tokenIds, output: { kind: 'token' } }]), 0);
}

function logSoftmax(logits: readonly number[]): number[] {
  const logsumexp = logSumExp(logits);
  return logits.map((logit) => logit - logsumexp);
}

function expectClose(actual: RowResult, expected: RowResult, tolerance = 1e-5): void {
  expect(actual.top.map(([id]) => id)).toEqual(expected.top.map(([id]) => id));
  actual.top.forEach(([, logit], index) =>
    expect(logit).toBeCloseTo(at(expected.top, index)[1], -Math.log10(tolerance)),
  );
  expect(actual.logsumexp).toBeCloseTo(expected.logsumexp, -Math.log10(tolerance));
}

/** For tests that change nothing but blocks, which they free; the small one is soon full. */
let shared: LoadedGpuModel;
let small: LoadedGpuModel;
beforeAll(async () => {
  shared = await loadGpuModel(TINY);
  small = await loadGpuModel(TINY, { contextLength: 64 });
});
afterEach(() => {
  for (const { decoder } of [shared.model, small.model]) expect(decoder.freeTokens).toBe(decoder.contextLength);
});
afterAll(() => {
  shared[Symbol.dispose]();
  small[Symbol.dispose]();
});

describe('blocks and views', () => {
  test('a text in one block equals the same text cut into three blocks', async () => {
    const { decoder } = shared.model;
    const text = ids(41);
    using whole = decoder.createBlock('whole');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => decoder.createBlock(name)) as [CacheBlock, CacheBlock, CacheBlock];
    const expected = await encode(decoder, [whole], text);
    await encode(decoder, [a], text.slice(0, 17));
    await encode(decoder, [a, b], text.slice(17, 30));
    const cut = await encode(decoder, [a, b, c], text.slice(30));
    expectClose(cut, expected);
    expect(cut.lengths).toEqual([17, 13, 11]);
    expect(cut.rotaryOffsets).toEqual([30, 13, 0]);
    for (const block of [a, b, c]) block[Symbol.dispose]();
  });

  test('more tokens than one chunk equal the same tokens one by one, with offsets of the first', async () => {
    const { decoder } = shared.model;
    using front = decoder.createBlock('front');
    using chunked = decoder.createBlock('chunked');
    using single = decoder.createBlock('single');
    await encode(decoder, [front], ids(5));
    const expected = await encode(decoder, [front, chunked], ids(150, 3));
    expect(expected.rotaryOffsets).toEqual([5, 0]);
    let last: RowResult | undefined;
    for (const id of ids(150, 3)) last = await encode(decoder, [front, single], [id]);
    expectClose(last as RowResult, expected);
  });

  test('the order of blocks matters, and an empty block does not', async () => {
    const { decoder } = shared.model;
    const [p, a, b, empty] = ['p', 'a', 'b', 'empty'].map((name) => decoder.createBlock(name)) as [
      CacheBlock,
      CacheBlock,
      CacheBlock,
      CacheBlock,
    ];
    await encode(decoder, [p], ids(9));
    await encode(decoder, [p, a], ids(20, 40));
    await encode(decoder, [p, b], ids(23, 80));
    const probe = async (...blocks: CacheBlock[]): Promise<RowResult> => {
      using tail = decoder.createBlock('tail');
      return encode(decoder, [...blocks, tail], [33]);
    };
    const pab = await probe(p, a, b);
    expectClose(await probe(p, a, empty, b), pab);
    expect(Math.abs((await probe(p, b, a)).logsumexp - pab.logsumexp)).toBeGreaterThan(1e-2);
    for (const block of [p, a, b, empty]) block[Symbol.dispose]();
  });

  test('truncate and append give what a fresh block gives', async () => {
    const { decoder } = shared.model;
    using edited = decoder.createBlock('edited');
    using fresh = decoder.createBlock('fresh');
    await encode(decoder, [edited], ids(37));
    edited.truncate(18);
    const actual = await encode(decoder, [edited], ids(9, 77));
    expectClose(actual, await encode(decoder, [fresh], [...ids(18), ...ids(9, 77)]));
    expect(() => edited.truncate(28)).toThrow(RangeError);
  });

  test('a fork shares pages, and writing to either leaves the other as it is', async () => {
    const { decoder } = shared.model;
    using original = decoder.createBlock('original');
    await encode(decoder, [original], ids(21));
    const free = decoder.freeTokens;
    using fork = original.fork('fork');
    expect(decoder.freeTokens).toBe(free);
    const forked = await encode(decoder, [fork], ids(4, 100));
    const continued = await encode(decoder, [original], ids(4, 200));
    using checkFork = decoder.createBlock('check');
    expectClose(forked, await encode(decoder, [checkFork], [...ids(21), ...ids(4, 100)]));
    using checkOriginal = decoder.createBlock('check');
    expectClose(continued, await encode(decoder, [checkOriginal], [...ids(21), ...ids(4, 200)]));
  });

  test('a full context fails with its code and changes nothing', async () => {
    const { decoder } = small.model;
    using block = decoder.createBlock('block');
    await encode(decoder, [block], ids(40));
    await expect(encode(decoder, [block], ids(30))).rejects.toMatchObject({
      code: 'contextFull',
    } satisfies Partial<Failure>);
    expect(block.length).toBe(40);
    const full = await encode(decoder, [block], ids(24, 40));
    expect(full.lengths).toEqual([64]);
    block.clear();
    expect(decoder.freeTokens).toBe(64);
  });
});

describe('rows', () => {
  test.each([2, 3, 5, 8])('%i rows together equal each row alone', async (numRows) => {
    const { decoder } = shared.model;
    const run = async (together: boolean): Promise<RowResult[]> => {
      const blocks = Array.from({ length: numRows }, (_, row) => decoder.createBlock(`row ${row}`));
      for (const [row, block] of blocks.entries()) await encode(decoder, [block], ids(3 + 2 * row, row));
      const rows = blocks.map((block, row) => ({
        view: [block],
        tokenIds: [row + 60],
        output: { kind: 'token' } as const,
      }));
      const results = together
        ? await decoder.forward(rows)
        : await Promise.all(rows.map(async (row) => at(await decoder.forward([row]), 0)));
      for (const block of blocks) block[Symbol.dispose]();
      return results;
    };
    const alone = await run(false);
    (await run(true)).forEach((result, row) => expectClose(result, at(alone, row)));
  });

  test('a row sees the token that another row appends in the same call', async () => {
    const { decoder } = shared.model;
    const run = async (thinkerId: number): Promise<RowResult> => {
      using prompt = decoder.createBlock('prompt');
      using thinker = decoder.createBlock('thinker');
      using writer = decoder.createBlock('writer');
      await encode(decoder, [prompt], ids(6));
      const output = { kind: 'token' } as const;
      const results = await decoder.forward([
        { view: [prompt, thinker], tokenIds: [thinkerId], output },
        { view: [prompt, thinker, writer], tokenIds: [9], output },
      ]);
      return at(results, 1);
    };
    expect(Math.abs((await run(40)).logsumexp - (await run(41)).logsumexp)).toBeGreaterThan(1e-3);
  });

  test('the room in a block counts what other blocks hold, and generation ends there', async () => {
    const { decoder } = small.model;
    using kept = decoder.createBlock('kept');
    await encode(decoder, [kept], ids(20));
    expect(decoder.roomIn(kept)).toBe(44);
    using other = decoder.createBlock('other');
    expect(decoder.roomIn(other)).toBe(32);
    using fork = kept.fork('fork');
    expect(decoder.roomIn(fork)).toBe(28);
    const request = { tokenIds: ids(5), maxNewTokens: 100 };
    const result = await generate(decoder, BYTES, request, () => undefined, new AbortController().signal);
    expect(result.stopReason).toBe('contextFull');
    expect(result.tokenIds).toHaveLength(32 - 5 + 1);
    await expect(decoder.logits(ids(5), [4], AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await expect(decoder.logits(ids(5), [9])).rejects.toMatchObject({ code: 'invalidConfig' });
  });

  test('two rows must not write to one block', async () => {
    const { decoder } = shared.model;
    using block = decoder.createBlock('block');
    const row = { view: [block], tokenIds: [1], output: { kind: 'token' } as const };
    await expect(decoder.forward([row, row])).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(encode(decoder, [block], [9999])).rejects.toMatchObject({ code: 'invalidConfig' });
    expect(block.length).toBe(0);
  });
});

describe('generation', () => {
  test.each([1, 3, 7])('bursts of %i give the same tokens and log-probabilities, greedy and drawn', async (burst) => {
    const { decoder } = shared.model;
    const { signal } = new AbortController();
    for (const sampling of [{}, { temperature: 1.5, topK: 40, topP: 0.95, minP: 0.01, seed: 77 }]) {
      const request = { tokenIds: ids(5), maxNewTokens: 20, ...sampling };
      const reference = await generate(decoder, BYTES, { ...request, burst: 20 }, () => undefined, signal);
      const actual = await generate(decoder, BYTES, { ...request, burst }, () => undefined, signal);
      expect(actual.tokenIds).toEqual(reference.tokenIds);
      expect(actual.tokenIds).toHaveLength(20);
      actual.logProbs.forEach((logProb, index) => expect(logProb).toBeCloseTo(at(reference.logProbs, index), 4));
      expect(actual.stopReason).toBe('maxNewTokens');
    }
    expect(decoder.freeTokens).toBe(decoder.contextLength);
  });

  test('another seed draws other tokens, the same seed the same', async () => {
    const { signal } = new AbortController();
    const draw = async (seed: number): Promise<readonly number[]> => {
      const request = { tokenIds: ids(5), maxNewTokens: 16, temperature: 2, seed };
      return (await generate(shared.model.decoder, BYTES, request, () => undefined, signal)).tokenIds;
    };
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect(await draw(2)).not.toEqual(first);
  });

  test.each([
    { temperature: 0.7, topK: 5, bias: {} },
    { temperature: 0, topK: 0, bias: {} },
    { temperature: 2, topK: 0, bias: { 9: 8, 70: -5 } },
  ])('log-probabilities, also of the likeliest, are those of the logits: $temperature', async (settings) => {
    const { decoder } = shared.model;
    const { temperature, topK, bias } = settings;
    const asked = { tokenIds: ids(5), maxNewTokens: 6, temperature, topK, seed: 3, logitBias: bias, topLogProbs: 3 };
    const told: GeneratedToken[] = [];
    const { signal } = new AbortController();
    const { tokenIds, logProbs } = await generate(decoder, BYTES, asked, (token) => told.push(token), signal);
    const rows = await decoder.logits(
      [...asked.tokenIds, ...tokenIds],
      tokenIds.map((_, index) => asked.tokenIds.length - 1 + index),
    );
    rows.forEach((row, index) => {
      const biased = Array.from(row, (logit, id) => logit + ((bias as Record<number, number>)[id] ?? 0));
      const expected = logSoftmax(biased.map((logit) => logit / (temperature === 0 ? 1 : temperature)));
      expect(at(logProbs, index)).toBeCloseTo(at(expected, at(tokenIds, index)), 4);
      const best = expected.map((_, id) => id).toSorted((a, b) => at(expected, b) - at(expected, a));
      const { top } = at(told, index);
      expect(top.map(({ tokenId }) => tokenId)).toEqual(best.slice(0, 3));
      for (const { tokenId, logProb } of top) expect(logProb).toBeCloseTo(at(expected, tokenId), 4);
    });
    // A draw that is always the likeliest would not tell the two apart.
    if (temperature > 1) expect(told.some(({ tokenId, top }) => tokenId !== top[0]?.tokenId)).toBe(true);
  });

  test('stops at ids and strings, forbids biased ids, ends when the context is full', async () => {
    const { decoder } = small.model;
    const { signal } = new AbortController();
    const run = (extra: object) =>
      generate(decoder, BYTES, { tokenIds: ids(5), maxNewTokens: 12, ...extra }, () => undefined, signal);
    const free = await run({});
    const third = at(free.tokenIds, 2);
    const firstAt = free.tokenIds.indexOf(third);
    const stopped = await run({ stopTokenIds: [third] });
    expect(stopped.tokenIds).toEqual(free.tokenIds.slice(0, firstAt + 1));
    expect(stopped.stopReason).toBe('stopToken');
    const text = String.fromCharCode(third);
    expect(await run({ stopStrings: [text] })).toMatchObject({
      stopReason: 'stopString',
      text: free.text.slice(0, free.text.indexOf(text)),
    });
    expect((await run({ logitBias: { [third]: Number.NEGATIVE_INFINITY } })).tokenIds).not.toContain(third);
    expect((await run({ maxNewTokens: 100 })).stopReason).toBe('contextFull');
  });

  test('cancelling ends generation and frees the block', async () => {
    const { decoder } = shared.model;
    const controller = new AbortController();
    const run = generate(
      decoder,
      BYTES,
      { tokenIds: ids(5), maxNewTokens: 500, burst: 1 },
      () => controller.abort(),
      controller.signal,
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(decoder.freeTokens).toBe(decoder.contextLength);
  });
});

describe('cost and failure', () => {
  test('a decode step is one submit and one readback, eight dispatches a layer, and no new bind group', async () => {
    const { decoder, recorder, config, gpu } = shared.model;
    using block = decoder.createBlock('block');
    await encode(decoder, [block], ids(4));
    await encode(decoder, [block], [1]);
    recorder.resetCounts();
    const bytes = gpu.memory.report().total;
    for (let step = 0; step < 5; step++) await encode(decoder, [block], [step]);
    const { dispatches, submits, readbacks, readbackBytes, bindGroupsCreated } = recorder.counts;
    // Embedding, layers, row choice, final norm, head, candidates, choice.
    expect(dispatches).toBe(5 * (1 + 8 * config.numHiddenLayers + 5));
    expect({ submits, readbacks, bindGroupsCreated }).toEqual({ submits: 5, readbacks: 5, bindGroupsCreated: 0 });
    expect(readbackBytes).toBe(5 * 64);
    expect(gpu.memory.report().total).toBe(bytes);
  });

  test('a lost device ends what runs with its code, and the next call too', async () => {
    const loaded = await loadGpuModel(TINY);
    const { decoder, gpu } = loaded.model;
    const block = decoder.createBlock('block');
    await encode(decoder, [block], ids(4));
    const lost = new Promise<Failure>((resolve) => gpu.onFailure(resolve));
    gpu.lose();
    expect((await lost).code).toBe('deviceLost');
    await expect(encode(decoder, [block], [1])).rejects.toMatchObject({ code: 'deviceLost' });
    loaded[Symbol.dispose]();
  });

  test('an uncaptured error ends what runs', async () => {
    using loaded = await loadGpuModel(TINY);
    const { decoder, gpu } = loaded.model;
    const failed = new Promise<Failure>((resolve) => gpu.onFailure(resolve));
    gpu.device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    // Errors travel with the next submit.
    gpu.device.queue.submit([]);
    await gpu.device.queue.onSubmittedWorkDone();
    expect((await failed).code).toBe('gpuError');
    await expect(encode(decoder, [decoder.createBlock('block')], [1])).rejects.toMatchObject({ code: 'gpuError' });
  });
});
