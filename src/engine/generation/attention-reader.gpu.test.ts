import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { referenceModelFrom } from '@/testing/reference-model.ts';
import type { CheckpointConfig } from '@/testing/reference-model.ts';
import { MAX_READ_BLOCKS } from './decoder.ts';
import type { CacheBlock, Decoder, DecoderRow, RowAttention, RowResult } from './decoder.ts';

const ids = (count: number, start = 0): number[] =>
  Array.from({ length: count }, (_, i) => ((start + i) * 29 + 7) % 250);

/** f32 on the GPU against double precision, over three layers that feed each other. */
const TOLERANCE = 1e-5;
/** Keys and values that were rounded to f16. */
const F16_TOLERANCE = 2e-3;

async function referenceOf(architecture: string): Promise<ReferenceDecoder> {
  const config = (await (await fetch(goldenUrl(`tiny/${architecture}/config.json`))).json()) as CheckpointConfig;
  const weights = await (await fetch(goldenUrl(`tiny/${architecture}/model.safetensors`))).arrayBuffer();
  return new ReferenceDecoder(referenceModelFrom(config, new Uint8Array(weights)));
}

/** Two rows over shared blocks, one with several new tokens, an empty block and a fork; both are read. */
async function twoRows(decoder: Decoder): Promise<RowResult[]> {
  const [prompt, empty, first, second] = ['prompt', 'empty', 'first', 'second'].map((name) =>
    decoder.createBlock(name),
  ) as [CacheBlock, CacheBlock, CacheBlock, CacheBlock];
  const fill = (view: CacheBlock[], tokenIds: number[]): Promise<RowResult[]> =>
    decoder.forward([{ view, tokenIds, output: { kind: 'none' } }]);
  await fill([prompt], ids(37));
  await fill([prompt, first], ids(20, 40));
  await fill([prompt, first, second], ids(9, 80));
  const fork = first.fork('fork', 11);
  const rows: DecoderRow[] = [
    { view: [prompt, empty, fork], tokenIds: [5, 6, 7], output: { kind: 'token' }, attention: { keys: 'byLayer' } },
    {
      view: [prompt, empty, fork, second],
      tokenIds: [9],
      output: { kind: 'allLogits' },
      attention: { keys: 'overall', withHead: true },
    },
  ];
  const results = await decoder.forward(rows);
  for (const block of [prompt, empty, first, second, fork]) block[Symbol.dispose]();
  return results;
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return Math.max(...actual.map((value, i) => Math.abs(value - at(expected, i))));
}

function expectSame(actual: RowAttention | undefined, expected: RowAttention | undefined, tolerance: number): void {
  if (actual === undefined || expected === undefined) throw new Error('A row was not read.');
  expect(actual.mass.map((heads) => heads.map((blocks) => blocks.length))).toEqual(
    expected.mass.map((heads) => heads.map((blocks) => blocks.length)),
  );
  expect(largestDifference(actual.mass.flat(2), expected.mass.flat(2))).toBeLessThan(tolerance);
  expect(actual.keys).toHaveLength(expected.keys.length);
  expect(largestDifference(actual.keys.flat(), expected.keys.flat())).toBeLessThan(tolerance);
  for (const head of actual.mass.flat()) expect(head.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 5);
  expect(actual.head === undefined).toBe(expected.head === undefined);
  if (actual.head === undefined || expected.head === undefined) return;
  const vectors = ({ query, keys }: typeof actual.head): number[] => [...query, ...keys.flatMap(({ key }) => key)];
  expect(actual.head.keys.map(({ block, token }) => [block, token])).toEqual(
    expected.head.keys.map(({ block, token }) => [block, token]),
  );
  expect(largestDifference(vectors(actual.head), vectors(expected.head))).toBeLessThan(10 * tolerance);
  expect([actual.head.layer, actual.head.ropeTheta]).toEqual([expected.head.layer, expected.head.ropeTheta]);
}

describe.each(['llama', 'qwen2', 'qwen3'])('attention of tiny %s', (architecture) => {
  test.each(['f32', 'f16'] as const)('is that of the reference, KV in %s', async (kvType) => {
    using loaded = await loadGpuModel(goldenUrl(`tiny/${architecture}/tiny-${architecture}-F32.gguf`), { kvType });
    const tolerance = kvType === 'f32' ? TOLERANCE : F16_TOLERANCE;
    const actual = await twoRows(loaded.model.decoder);
    const expected = await twoRows(await referenceOf(architecture));
    actual.forEach(({ attention }, r) => expectSame(attention, at(expected, r).attention, tolerance));
    expect(at(actual, 1).logits).toHaveLength(loaded.model.decoder.vocabSize);
    // Logits of some units, through the head: ten times the weights' tolerance.
    expect(largestDifference(at(actual, 1).logits, at(expected, 1).logits)).toBeLessThan(10 * tolerance);
  });
});

describe('what reading costs', () => {
  let loaded: LoadedGpuModel;
  beforeAll(async () => {
    loaded = await loadGpuModel(goldenUrl('tiny/qwen3/tiny-qwen3-F32.gguf'));
  });
  afterAll(() => loaded[Symbol.dispose]());

  test('two dispatches a layer more, still one submit and one readback, and nothing is made', async () => {
    const { decoder, recorder, config, gpu } = loaded.model;
    using block = decoder.createBlock('block');
    const step = (attention?: DecoderRow['attention']): Promise<RowResult[]> =>
      decoder.forward([{ view: [block], tokenIds: [3], output: { kind: 'token' }, ...(attention && { attention }) }]);
    await step({ keys: 'overall' });
    const bytes = gpu.memory.report().total;
    recorder.resetCounts();
    await step({ keys: 'overall' });
    const { numHiddenLayers: L, numAttentionHeads: H } = config;
    expect(recorder.counts).toEqual({
      dispatches: 1 + 10 * L + 5,
      submits: 1,
      readbacks: 1,
      // The choice; the mass of one block per layer and head; the weights of two keys.
      readbackBytes: 64 + 4 * (L * H + 2),
      bindGroupsCreated: 0,
    });
    recorder.resetCounts();
    const [plain] = await step();
    expect(plain?.attention).toBeUndefined();
    expect(recorder.counts).toMatchObject({ dispatches: 1 + 8 * L + 5, submits: 1, readbacks: 1, readbackBytes: 64 });
    expect(gpu.memory.report().total).toBe(bytes);
  });

  test('a row that chooses nothing can be read, and only two rows of a forward', async () => {
    const { decoder } = loaded.model;
    const blocks = ['a', 'b', 'c'].map((name) => decoder.createBlock(name));
    const row = (block: CacheBlock): DecoderRow => ({
      view: [block],
      tokenIds: [3, 4],
      output: { kind: 'none' },
      attention: { keys: 'overall' },
    });
    await expect(decoder.forward(blocks.map(row))).rejects.toMatchObject({ code: 'invalidConfig' });
    expect(blocks.map(({ length }) => length)).toEqual([0, 0, 0]);
    const [read] = await decoder.forward([row(at(blocks, 0))]);
    expect(read?.attention?.keys[0]?.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
    for (const block of blocks) block[Symbol.dispose]();
  });

  test('a view of too many blocks is not read, and runs all the same', async () => {
    const { decoder } = loaded.model;
    const blocks = Array.from({ length: MAX_READ_BLOCKS + 1 }, (_, i) => decoder.createBlock(`${i}`));
    const ask = (view: CacheBlock[]): Promise<RowResult[]> =>
      decoder.forward([{ view, tokenIds: [3], output: { kind: 'token' }, attention: { keys: 'overall' } }]);
    const [tooMany] = await ask(blocks);
    expect(tooMany?.attention).toBeUndefined();
    expect(tooMany?.tokenId).toBeGreaterThanOrEqual(0);
    const [enough] = await ask(blocks.slice(1));
    expect(enough?.attention?.mass[0]?.[0]).toHaveLength(MAX_READ_BLOCKS);
    for (const block of blocks) block[Symbol.dispose]();
  });
});
