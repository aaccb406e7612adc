import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { expectClose } from '@/testing/all-close.ts';
import { causal, CONTROL, inputsOf, QWEN3, SMOLLM2, TWO_WORKERS, whole } from '@/testing/attention-scenes.ts';
import type { Inputs, Scene } from '@/testing/attention-scenes.ts';
import { kernelTest } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { attentionReference } from '../attention/attention.reference.ts';
import { attentionReadoutReference, meanOverHeadsReference } from './attention-readout.reference.ts';
import { readerWords, recordAttentionReadout } from './attention-readout.ts';

/** NMSE, as for the attention kernel: exp in f32 of scores of some units, and sums over all keys. */
const ACCURACY = 1e-11;
/** Sums of f32 weights that were each rounded once: about one part in 2^23 per key. */
const SUM_TOLERANCE = 1e-5;
const NUM_LAYERS = 2;

interface Readout {
  /** [H][fragments] of the layer that was run. */
  readonly mass: number[][];
  /** [H][keys] */
  readonly weights: number[][];
  /** [layers or 1][keys] */
  readonly keys: number[][];
  /** [K], then per fragment [key, weight, K] */
  readonly vectors: Float32Array;
}

interface Options {
  readonly byLayer?: boolean;
  readonly tokens?: readonly number[];
}

const numKeysOf = (scene: Scene, token: number): number =>
  at(scene.views, token).fragments.reduce((sum, { visible }) => sum + visible, 0);

/** Reads tokens of a scene, in every layer from the same pools. */
async function readOut(bench: KernelBench, scene: Scene, inputs: Inputs, options: Options = {}): Promise<Readout[]> {
  const { H, Hkv, K } = scene;
  const { byLayer = false, tokens = [scene.views.length - 1] } = options;
  const counts = tokens.map((token) => numKeysOf(scene, token));
  const maxKeys = Math.max(...counts) + 3;
  let next = 0;
  const take = (words: number): number => (next += words) - words;
  const readers = tokens.map((token, r) => {
    const numFragments = at(scene.views, token).fragments.length;
    return {
      token,
      numFragments,
      numKeys: at(counts, r),
      byLayer,
      shownLayer: 1,
      massAt: take(NUM_LAYERS * H * numFragments),
      keysAt: take((byLayer ? NUM_LAYERS : 1) * at(counts, r)),
      vectorsAt: take(K + numFragments * (K + 2)),
    };
  });
  const words = [...inputs.table, ...readers.flatMap(readerWords)];
  const weights = bench.output('weights', readers.length * H * maxKeys);
  const y = bench.output('y', next);
  const buffers = {
    weights,
    y,
    qkv: bench.input('qkv', inputs.qkv),
    kPool: bench.input('k pool', inputs.keys.words),
    rope: bench.input('rope', inputs.rope),
    table: bench.input('table', Uint32Array.from(words)),
  };
  for (let layer = 0; layer < NUM_LAYERS; layer++)
    recordAttentionReadout(bench.recorder, buffers, {
      headDim: K,
      numHeads: H,
      numKvHeads: Hkv,
      numLayers: NUM_LAYERS,
      pageSize: scene.pageSize,
      kvType: scene.kvType,
      lanes: scene.lanes ?? 'many',
      layer,
      numReaders: readers.length,
      maxKeys,
      numKeys: Math.max(...counts),
      tokensAt: inputs.tokensAt,
      fragmentsAt: inputs.fragmentsAt,
      pagesAt: inputs.pagesAt,
      readersAt: inputs.table.length,
    });
  await bench.run();
  const [all, out] = [bench.floats(weights), bench.floats(y)];
  return readers.map(({ massAt, keysAt, vectorsAt, numFragments, numKeys }, r) => ({
    mass: split(out.slice(massAt, massAt + NUM_LAYERS * H * numFragments), numFragments).slice(-H),
    weights: Array.from({ length: H }, (_, h) =>
      Array.from(all.subarray((r * H + h) * maxKeys, (r * H + h) * maxKeys + numKeys)),
    ),
    keys: split(out.slice(keysAt, keysAt + (byLayer ? NUM_LAYERS : 1) * numKeys), numKeys),
    vectors: out.slice(vectorsAt, vectorsAt + K + numFragments * (K + 2)),
  }));
}

const split = (values: Float32Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) => [...values.subarray(i * width, (i + 1) * width)]);

const viewOf = (scene: Scene, inputs: Inputs, token: number) =>
  at(scene.views, token).fragments.map(({ block, visible, loc }) => ({
    slots: at(inputs.slots, block).slice(0, visible),
    loc,
  }));

const expectedOf = (scene: Scene, inputs: Inputs, token: number): number[][][] =>
  attentionReadoutReference({
    qkv: inputs.qkv,
    keys: inputs.keys.values,
    rope: inputs.rope,
    headDim: scene.K,
    numHeads: scene.H,
    numKvHeads: scene.Hkv,
    token,
    view: viewOf(scene, inputs, token),
  });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const SCENES: readonly (Scene & { readonly what: string })[] = [
  { what: 'control', ...CONTROL },
  { what: 'f16', ...CONTROL, kvType: 'f16' },
  { what: 'one key', ...CONTROL, views: [{ fragments: [whole(0, 1, 0)] }] },
  { what: 'visible keys below the length', ...CONTROL, views: [{ fragments: [whole(0, 5, 4)] }] },
  { what: 'K 40', ...CONTROL, H: 4, Hkv: 2, K: 40, kvType: 'f16' },
  { what: '129 keys', ...CONTROL, blockLengths: [129], views: [{ fragments: [whole(0, 129, 128)] }] },
  { what: 'last token of several', ...CONTROL, blockLengths: [25], views: causal(0, 24) },
  { what: 'SmolLM2, two workers', ...CONTROL, ...SMOLLM2, ...TWO_WORKERS },
  { what: 'SmolLM2 f16, two workers', ...CONTROL, ...SMOLLM2, ...TWO_WORKERS, kvType: 'f16', pageSize: 32 },
  { what: 'qwen3, two workers', ...CONTROL, ...QWEN3, ...TWO_WORKERS },
  {
    what: 'SmolLM2, 1100 keys',
    ...CONTROL,
    ...SMOLLM2,
    blockLengths: [1030, 70],
    views: [{ fragments: [whole(0, 1030, 1099), whole(1, 70, 69)] }],
  },
];

for (const lanes of ['many', 'few'] as const)
  for (const { what, ...rest } of SCENES) {
    const scene: Scene = { ...rest, lanes };
    kernelTest(`attention read-out, ${lanes} lanes: ${what}`, 41, async (bench, rng) => {
      const inputs = inputsOf(scene, rng);
      const token = Math.min(1, scene.views.length - 1);
      for (const [r, read] of (await readOut(bench, scene, inputs, { tokens: [token, 0] })).entries()) {
        const expected = expectedOf(scene, inputs, [token, 0][r] ?? 0);
        expectClose(read.weights.flat(), expected.flat(2), ACCURACY);
        const masses = expected.map((head) => head.map(sum));
        expectClose(read.mass.flat(), masses.flat(), ACCURACY);
        expectClose(read.keys.flat(), meanOverHeadsReference(expected), ACCURACY);
        for (const head of read.mass) expect(Math.abs(sum(head) - 1)).toBeLessThan(SUM_TOLERANCE);
      }
    });
  }

kernelTest('attention read-out: by layer, each layer has its own mean', 42, async (bench, rng) => {
  const scene: Scene = { ...CONTROL, ...SMOLLM2, ...TWO_WORKERS };
  const inputs = inputsOf(scene, rng);
  const [read] = await readOut(bench, scene, inputs, { byLayer: true, tokens: [1] });
  const mean = meanOverHeadsReference(expectedOf(scene, inputs, 1));
  expect(read?.keys).toHaveLength(NUM_LAYERS);
  for (const layer of read?.keys ?? []) expectClose(layer, mean, ACCURACY);
});

kernelTest(
  'attention read-out: the shown head has its query and the keys that it read most',
  43,
  async (bench, rng) => {
    for (const kvType of ['f32', 'f16'] as const) {
      const scene: Scene = { ...CONTROL, ...SMOLLM2, ...TWO_WORKERS, kvType };
      const { K, Hkv } = scene;
      const inputs = inputsOf(scene, rng);
      const [read] = await readOut(bench, scene, inputs, { tokens: [1] });
      const { vectors } = read ?? { vectors: new Float32Array() };
      const start = (scene.H + 2 * Hkv) * K;
      expect([...vectors.subarray(0, K)]).toEqual([...inputs.qkv.subarray(start, start + K)]);
      const expected = at(expectedOf(scene, inputs, 1), 0);
      viewOf(scene, inputs, 1).forEach(({ slots }, f) => {
        const [key = -1, weight = NaN, ...vector] = vectors.subarray(K + f * (K + 2), K + (f + 1) * (K + 2));
        const block = at(expected, f);
        expect(key).toBe(block.indexOf(Math.max(...block)));
        expect(weight).toBeCloseTo(Math.max(...block), 6);
        const from = at(slots, key) * Hkv * K;
        expect(vector).toEqual([...inputs.keys.values.subarray(from, from + K)]);
      });
    }
  },
);

kernelTest('attention read-out: weights times values are what attention gives', 44, async (bench, rng) => {
  const scene: Scene = { ...CONTROL, ...SMOLLM2, ...TWO_WORKERS };
  const { H, Hkv, K } = scene;
  const inputs = inputsOf(scene, rng);
  const [read] = await readOut(bench, scene, inputs, { tokens: [1] });
  const views = scene.views.map((_, token) => viewOf(scene, inputs, token));
  const attended = attentionReference({
    qkv: inputs.qkv,
    keys: inputs.keys.values,
    values: inputs.values.values,
    rope: inputs.rope,
    headDim: K,
    numHeads: H,
    numKvHeads: Hkv,
    views,
  }).subarray(H * K, 2 * H * K);
  const slots = at(views, 1).flatMap((block) => block.slots);
  const summed = (read?.weights ?? []).flatMap((head, h) =>
    Array.from({ length: K }, (_, d) => {
      const group = Math.floor((h * Hkv) / H) * K + d;
      return sum(head.map((weight, i) => weight * at(inputs.values.values, at(slots, i) * Hkv * K + group)));
    }),
  );
  expectClose(summed, attended, 1e-10);
});

kernelTest('attention read-out: a block of zero keys is read evenly', 45, async (bench, rng) => {
  const scene: Scene = {
    ...CONTROL,
    blockLengths: [30, 10],
    views: [{ fragments: [whole(0, 30, 39), whole(1, 10, 9)] }],
  };
  // A rotated zero is zero, so every score is 0 and block b has the share length_b / 40.
  const inputs = inputsOf(scene, rng, () => 0);
  const [read] = await readOut(bench, scene, inputs);
  for (const head of read?.mass ?? []) {
    expect(head[0]).toBeCloseTo(0.75, 6);
    expect(head[1]).toBeCloseTo(0.25, 6);
  }
  for (const weight of read?.weights.flat() ?? []) expect(weight).toBeCloseTo(1 / 40, 7);
});

kernelTest('attention read-out: scores far apart neither overflow nor vanish', 46, async (bench, rng) => {
  const scene: Scene = { ...CONTROL, blockLengths: [130], views: [{ fragments: [whole(0, 130, 129)] }] };
  const inputs = inputsOf(scene, rng);
  for (let i = 0; i < inputs.qkv.length; i++) inputs.qkv[i] = (inputs.qkv[i] ?? 0) * 300;
  const [read] = await readOut(bench, scene, inputs);
  expectClose(read?.weights.flat() ?? [], expectedOf(scene, inputs, 0).flat(2), 1e-7);
});
