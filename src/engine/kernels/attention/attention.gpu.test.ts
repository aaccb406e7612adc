import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { Rng } from '@/lib/rng.ts';
import { expectClose, nmse } from '@/testing/all-close.ts';
import { causal, CONTROL, inputsOf, QWEN3, SMOLLM2, THETA, TWO_WORKERS, whole } from '@/testing/attention-scenes.ts';
import type { Heads, Inputs, Scene } from '@/testing/attention-scenes.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { ropeTableReference, rotateByTable } from '../kv-write/kv-write.reference.ts';
import { attentionReference } from './attention.reference.ts';
import { recordAttention } from './attention.ts';

/** NMSE, inherited: exp in f32 and sums over all keys. The pool's f16 rounding is in the reference's input too. */
const ACCURACY = 1e-11;
function expectedOf(scene: Scene, inputs: Inputs): Float64Array {
  return attentionReference({
    qkv: inputs.qkv,
    keys: inputs.keys.values,
    values: inputs.values.values,
    rope: inputs.rope,
    headDim: scene.K,
    numHeads: scene.H,
    numKvHeads: scene.Hkv,
    views: scene.views.map(({ fragments }) =>
      fragments.map(({ block, visible, loc }) => ({ slots: at(inputs.slots, block).slice(0, visible), loc })),
    ),
  });
}

async function attend(bench: KernelBench, scene: Scene, inputs: Inputs): Promise<Float32Array> {
  const y = bench.output('y', scene.views.length * scene.H * scene.K);
  const buffers = {
    y,
    qkv: bench.input('qkv', inputs.qkv),
    kPool: bench.input('k pool', inputs.keys.words),
    vPool: bench.input('v pool', inputs.values.words),
    rope: bench.input('rope', inputs.rope),
    table: bench.input('table', inputs.table),
  };
  recordAttention(bench.recorder, buffers, {
    headDim: scene.K,
    numHeads: scene.H,
    numKvHeads: scene.Hkv,
    pageSize: scene.pageSize,
    kvType: scene.kvType,
    numTokens: scene.views.length,
    lanes: scene.lanes ?? 'many',
    tokensAt: inputs.tokensAt,
    fragmentsAt: inputs.fragmentsAt,
    pagesAt: inputs.pagesAt,
  });
  await bench.run();
  return bench.floats(y);
}

const SCENES: readonly (Scene & { readonly what: string })[] = [
  { what: 'control', ...CONTROL },
  { what: 'f16', ...CONTROL, kvType: 'f16' },
  { what: 'one key', ...CONTROL, views: [{ fragments: [whole(0, 1, 0)] }] },
  { what: 'visible keys below the length', ...CONTROL, views: [{ fragments: [whole(0, 5, 4)] }] },
  { what: 'K 32', ...CONTROL, H: 4, Hkv: 4, K: 32 },
  { what: 'K 40', ...CONTROL, H: 4, Hkv: 2, K: 40, kvType: 'f16' },
  { what: 'several pages', ...CONTROL, pageSize: 4 },
  { what: '64 keys', ...CONTROL, blockLengths: [64], views: [{ fragments: [whole(0, 64, 63)] }] },
  { what: '65 keys', ...CONTROL, blockLengths: [65], views: [{ fragments: [whole(0, 65, 64)] }] },
  { what: '129 keys', ...CONTROL, blockLengths: [129], views: [{ fragments: [whole(0, 129, 128)] }] },
  { what: 'two workers', ...CONTROL, ...TWO_WORKERS },
  { what: 'causal', ...CONTROL, blockLengths: [25], views: causal(0, 24) },
  { what: 'SmolLM2, two workers', ...CONTROL, ...SMOLLM2, ...TWO_WORKERS },
  { what: 'SmolLM2 f16, two workers', ...CONTROL, ...SMOLLM2, ...TWO_WORKERS, kvType: 'f16', pageSize: 32 },
  { what: 'SmolLM2, prefill behind a prefix', ...CONTROL, ...SMOLLM2, blockLengths: [89], views: causal(25, 88) },
  { what: 'qwen3, two workers', ...CONTROL, ...QWEN3, ...TWO_WORKERS },
  { what: 'qwen3 f16, causal', ...CONTROL, ...QWEN3, kvType: 'f16', blockLengths: [9], views: causal(1, 8) },
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
    const { H, Hkv, K, kvType, views } = scene;
    kernelTest(
      `attention, ${lanes} lanes: ${what}, T ${views.length}, H ${H}, Hkv ${Hkv}, K ${K}, ${kvType}`,
      21,
      async (bench, rng) => {
        const inputs = inputsOf(scene, rng);
        expectClose(await attend(bench, scene, inputs), expectedOf(scene, inputs), ACCURACY);
      },
    );
  }

/** Textbook attention of the last token, keys and query rotated at contiguous positions in double precision. */
function ordinaryAttention({ H, Hkv, K }: Heads, q: Float32Array, keys: number[][], values: number[][]): Float64Array {
  const y = new Float64Array(H * K);
  const last = keys.length - 1;
  const rotated = (x: number[], position: number, i: number): number => {
    const half = K / 2;
    const angle = position * THETA ** ((-2 * (i % half)) / K);
    const sign = i < half ? -1 : 1;
    return at(x, i) * Math.cos(angle) + sign * at(x, (i + half) % K) * Math.sin(angle);
  };
  for (let h = 0; h < H; h++) {
    const group = Math.floor((h * Hkv) / H) * K;
    const query = Array.from(q.subarray(h * K, (h + 1) * K));
    const scores = keys.map((key, position) => {
      const own = key.slice(group, group + K);
      return own.reduce((sum, _, i) => sum + rotated(query, last, i) * rotated(own, position, i), 0) / Math.sqrt(K);
    });
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (let d = 0; d < K; d++)
      y[h * K + d] = scores.reduce(
        (sum, score, j) => sum + (Math.exp(score) / total) * at(at(values, j), group + d),
        0,
      );
  }
  return y;
}

/** Random keys per (block, key), not rotated, and the same rotated at block-local positions. */
function rawKeys(scene: Scene, rng: Rng) {
  const { Hkv, K } = scene;
  const rope = ropeTableReference(K, THETA, Math.max(...scene.blockLengths));
  const raw = scene.blockLengths.map((length) =>
    Array.from({ length }, () => Array.from({ length: Hkv * K }, () => rng.normal())),
  );
  const local = raw.map((block) =>
    block.map((key, position) =>
      Array.from({ length: Hkv }, (_, h) => [
        ...rotateByTable(Float64Array.from(key.slice(h * K, (h + 1) * K)), rope, position),
      ]).flat(),
    ),
  );
  return { raw, keyOf: (block: number, key: number, d: number) => at(at(at(local, block), key), d) };
}

const ONE_BLOCK: Scene = { ...CONTROL, ...SMOLLM2, blockLengths: [100], views: [{ fragments: [whole(0, 100, 99)] }] };
const THREE_BLOCKS: Scene = {
  ...ONE_BLOCK,
  blockLengths: [30, 45, 25],
  views: [{ fragments: [whole(0, 30, 99), whole(1, 45, 69), whole(2, 25, 24)] }],
};

for (const { what, scene } of [
  { what: 'one block', scene: ONE_BLOCK },
  { what: 'three blocks in a row', scene: THREE_BLOCKS },
])
  kernelTest(`attention: ${what} equals ordinary attention over contiguous positions`, 22, async (bench, rng) => {
    const { raw, keyOf } = rawKeys(scene, rng);
    const inputs = inputsOf(scene, rng, keyOf);
    const width = scene.Hkv * scene.K;
    const values = inputs.slots
      .flat()
      .map((slot) => [...inputs.values.values.subarray(slot * width, (slot + 1) * width)]);
    const expected = ordinaryAttention(scene, inputs.qkv, raw.flat(), values);
    expectClose(await attend(bench, scene, inputs), expected, 1e-10);
  });

kernelTest('attention: the order of two blocks matters', 23, async (bench, rng) => {
  const [p, a, b] = [20, 30, 12];
  const scene: Scene = {
    ...CONTROL,
    ...SMOLLM2,
    blockLengths: [p, a, b],
    views: [
      { fragments: [whole(0, p, p + a + b - 1), whole(1, a, a + b - 1), whole(2, b, b - 1)] },
      { fragments: [whole(0, p, p + a + b - 1), whole(2, b, a + b - 1), whole(1, a, a - 1)] },
    ],
  };
  const inputs = inputsOf(scene, rng);
  const size = inputs.qkv.length / 2;
  inputs.qkv.copyWithin(size, 0, size);
  const actual = await attend(bench, scene, inputs);
  expectClose(actual, expectedOf(scene, inputs), ACCURACY);
  const half = actual.length / 2;
  expect(nmse(actual.subarray(0, half), actual.subarray(half))).toBeGreaterThan(1e-3);
});

kernelTest(
  'attention: only the distance counts, keys moved by +s against the query moved by +s',
  24,
  async (bench, rng) => {
    const length = 17;
    const shift = 23;
    const scene: Scene = {
      ...CONTROL,
      ...SMOLLM2,
      blockLengths: [length, length],
      views: [{ fragments: [whole(0, length, length - 1)] }, { fragments: [whole(1, length, length - 1 + shift)] }],
    };
    const rope = ropeTableReference(64, THETA, length + shift);
    const raw = Array.from({ length }, () => normals(rng, 3 * 64));
    const keyOf = (block: number, key: number, d: number): number => {
      const head = Float64Array.from(at(raw, key).subarray(d - (d % 64), d - (d % 64) + 64));
      return at(rotateByTable(head, rope, key + block * shift), d % 64);
    };
    const inputs = inputsOf(scene, rng, keyOf);
    inputs.qkv.copyWithin(inputs.qkv.length / 2, 0, inputs.qkv.length / 2);
    const width = 3 * 64;
    at(inputs.slots, 0).forEach((slot, key) => {
      const other = at(at(inputs.slots, 1), key);
      inputs.values.values.copyWithin(other * width, slot * width, (slot + 1) * width);
    });
    const actual = await attend(bench, scene, inputs);
    const half = actual.length / 2;
    expectClose(actual.subarray(half), actual.subarray(0, half), 1e-10);
  },
);

kernelTest('attention: equal values come back unchanged, whatever the weights', 25, async (bench, rng) => {
  const scene: Scene = { ...CONTROL, ...QWEN3, blockLengths: [200], views: [{ fragments: [whole(0, 200, 199)] }] };
  const inputs = inputsOf(scene, rng);
  inputs.values.values.fill(2.5);
  const actual = await attend(bench, scene, inputs);
  for (const value of actual) expect(value).toBeCloseTo(2.5, 5);
});

kernelTest('attention: scores far apart neither overflow nor vanish', 26, async (bench, rng) => {
  const scene: Scene = { ...CONTROL, blockLengths: [130], views: [{ fragments: [whole(0, 130, 129)] }] };
  const inputs = inputsOf(scene, rng);
  for (let i = 0; i < inputs.qkv.length; i++) inputs.qkv[i] = (inputs.qkv[i] ?? 0) * 300;
  expectClose(await attend(bench, scene, inputs), expectedOf(scene, inputs), 1e-7);
});

kernelTest('attention: a NaN key cannot pass unseen', 27, async (bench, rng) => {
  const inputs = inputsOf(CONTROL, rng, (_, key) => (key === 3 ? NaN : 1));
  const actual = await attend(bench, CONTROL, inputs);
  expect([...actual].every((value) => Number.isNaN(value))).toBe(true);
});
