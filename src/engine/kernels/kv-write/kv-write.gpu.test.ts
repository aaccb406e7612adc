import { expect } from 'vitest';
import { floatToHalf, halfToFloat } from '@/engine/quantisation/half.ts';
import { shuffled, type Rng } from '@/lib/rng.ts';
import type { KvType } from '@/protocol/model.ts';
import { expectClose } from '@/testing/all-close.ts';
import { POISON, bitsOf, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench, Words } from '@/testing/kernel-test.ts';
import { kvWriteReference, ropeTableReference } from './kv-write.reference.ts';
import { recordKvWrite } from './kv-write.ts';

/** NMSE. f32: inherited (sum, sqrt, products). f16: rounding once to 11 bits, uniform error 2^-12 relative at most. */
const ACCURACY: Readonly<Record<KvType, number>> = { f32: 1e-12, f16: 1e-7 };

interface Case {
  readonly what: string;
  readonly T: number;
  readonly H: number;
  readonly Hkv: number;
  readonly K: number;
  readonly hasQkNorm: boolean;
  readonly hasBias: boolean;
  readonly finishesQueries: boolean;
  readonly kvType: KvType;
}

const CONTROL: Case = {
  what: 'control',
  T: 1,
  H: 2,
  Hkv: 1,
  K: 16,
  hasQkNorm: false,
  hasBias: false,
  finishesQueries: false,
  kvType: 'f32',
};

const CASES: readonly Case[] = [
  CONTROL,
  { ...CONTROL, what: 'f16', kvType: 'f16' },
  { ...CONTROL, what: 'bias', hasBias: true, finishesQueries: true },
  { ...CONTROL, what: 'bias, queries left', hasBias: true },
  { ...CONTROL, what: 'norms', hasQkNorm: true, finishesQueries: true },
  { ...CONTROL, what: 'many tokens', T: 25 },
  { ...CONTROL, what: 'SmolLM2', T: 9, H: 9, Hkv: 3, K: 64 },
  { ...CONTROL, what: 'SmolLM2 f16', T: 64, H: 9, Hkv: 3, K: 64, kvType: 'f16' },
  { ...CONTROL, what: 'qwen2', T: 3, H: 14, Hkv: 2, K: 64, hasBias: true, finishesQueries: true, kvType: 'f16' },
  { ...CONTROL, what: 'qwen3', T: 8, H: 16, Hkv: 8, K: 128, hasQkNorm: true, finishesQueries: true },
  {
    ...CONTROL,
    what: 'qwen3 f16',
    T: 2,
    H: 16,
    Hkv: 8,
    K: 128,
    hasQkNorm: true,
    finishesQueries: true,
    kvType: 'f16',
  },
  {
    ...CONTROL,
    what: 'odd head size',
    T: 3,
    H: 4,
    Hkv: 2,
    K: 40,
    hasQkNorm: true,
    hasBias: true,
    finishesQueries: true,
  },
];

const NUM_SLOTS = 96;
const NUM_POSITIONS = 200;
const EPS = 1e-6;
/** Words in front of the tokens' entries, as other parts of a step table take. */
const TOKENS_AT = 12;

function inputsOf({ T, H, Hkv, K, hasQkNorm, hasBias }: Case, rng: Rng) {
  const width = (H + 2 * Hkv) * K;
  const slots = shuffled([...Array(NUM_SLOTS).keys()], rng).slice(0, T);
  const positions = Array.from({ length: T }, () => rng.integer(NUM_POSITIONS));
  const table = new Uint32Array(TOKENS_AT + 4 * T).fill(0xffffffff);
  slots.forEach((slot, t) => table.set([slot, positions[t] ?? 0], TOKENS_AT + 4 * t));
  return {
    qkv: normals(rng, T * width),
    bias: hasBias ? normals(rng, width) : new Float32Array(width),
    qNorm: hasQkNorm ? normals(rng, K) : null,
    kNorm: hasQkNorm ? normals(rng, K) : null,
    rope: ropeTableReference(K, 10_000, NUM_POSITIONS),
    headDim: K,
    numHeads: H,
    numKvHeads: Hkv,
    eps: EPS,
    positions,
    slots,
    table,
  };
}

async function runCase(bench: KernelBench, testCase: Case, inputs: ReturnType<typeof inputsOf>) {
  const { K, Hkv, H, T, kvType, hasQkNorm, finishesQueries } = testCase;
  const numPoolWords = (NUM_SLOTS * Hkv * K) / (kvType === 'f16' ? 2 : 1);
  const qkv = bench.inOut('qkv', inputs.qkv);
  const kPool = bench.output('k pool', numPoolWords);
  const vPool = bench.output('v pool', numPoolWords);
  const bound = {
    qkv,
    kPool,
    vPool,
    bias: bench.input('bias', inputs.bias),
    qNorm: bench.input('q norm', inputs.qNorm ?? new Float32Array(K)),
    kNorm: bench.input('k norm', inputs.kNorm ?? new Float32Array(K)),
    rope: bench.input('rope', inputs.rope),
    table: bench.input('table', inputs.table),
  };
  const shape = { headDim: K, numHeads: H, numKvHeads: Hkv, hasQkNorm, finishesQueries, kvType };
  recordKvWrite(bench.recorder, bound, { ...shape, eps: EPS, numTokens: T, tokensAt: TOKENS_AT });
  await bench.run();
  return { qkv: bench.floats(qkv), kPool: bench.words(kPool), vPool: bench.words(vPool) };
}

/** The written slots' values in token order; every other slot must still be poisoned. */
function writtenSlots(pool: Words, slots: readonly number[], width: number, kvType: KvType): Float64Array {
  const perWord = kvType === 'f16' ? 2 : 1;
  const wordsPerSlot = width / perWord;
  const written = new Set(slots);
  for (let slot = 0; slot < NUM_SLOTS; slot++) {
    if (written.has(slot)) continue;
    const words = pool.subarray(slot * wordsPerSlot, (slot + 1) * wordsPerSlot);
    expect(
      words.every((word) => word === POISON),
      `slot ${slot} is untouched`,
    ).toBe(true);
  }
  const floats = new Float32Array(pool.buffer);
  return Float64Array.from({ length: slots.length * width }, (_, i) => {
    const index = (slots[Math.floor(i / width)] ?? 0) * wordsPerSlot + Math.floor((i % width) / perWord);
    if (kvType === 'f32') return floats[index] ?? NaN;
    return halfToFloat((pool[index] ?? 0) >>> (16 * (i % 2)));
  });
}

for (const testCase of CASES) {
  const { what, T, H, Hkv, K, kvType, finishesQueries } = testCase;
  kernelTest(`kv-write: ${what}, T ${T}, H ${H}, Hkv ${Hkv}, K ${K}, ${kvType}`, 11, async (bench, rng) => {
    const inputs = inputsOf(testCase, rng);
    const expected = kvWriteReference(inputs);
    const actual = await runCase(bench, testCase, inputs);
    const width = Hkv * K;
    expectClose(writtenSlots(actual.kPool, inputs.slots, width, kvType), expected.keys, ACCURACY[kvType]);
    expectClose(writtenSlots(actual.vPool, inputs.slots, width, kvType), expected.values, ACCURACY[kvType]);

    const stride = (H + 2 * Hkv) * K;
    for (let t = 0; t < T; t++) {
      const row = actual.qkv.subarray(t * stride, (t + 1) * stride);
      const original = inputs.qkv.subarray(t * stride, (t + 1) * stride);
      const queries = expected.queries.subarray(t * H * K, (t + 1) * H * K);
      expectClose(row.subarray(0, H * K), finishesQueries ? queries : original.subarray(0, H * K), 1e-12);
      expect(row.subarray(H * K)).toEqual(original.subarray(H * K));
    }
  });
}

kernelTest('kv-write: position 0 stores keys and values as they are', 12, async (bench, rng) => {
  const inputs = { ...inputsOf(CONTROL, rng), positions: [0] };
  inputs.table[TOKENS_AT + 1] = 0;
  const { kPool, vPool } = await runCase(bench, CONTROL, inputs);
  const from = (inputs.slots[0] ?? 0) * CONTROL.K;
  const bits = new Uint32Array(inputs.qkv.buffer);
  expect(kPool.subarray(from, from + 16)).toEqual(bits.subarray(32, 48));
  expect(vPool.subarray(from, from + 16)).toEqual(bits.subarray(48, 64));
});

kernelTest('kv-write: rotation keeps the length of each pair', 13, async (bench, rng) => {
  const testCase = { ...CONTROL, H: 9, Hkv: 3, K: 64, T: 3 };
  const inputs = inputsOf(testCase, rng);
  const { kPool } = await runCase(bench, testCase, inputs);
  const keys = writtenSlots(kPool, inputs.slots, 192, 'f32');
  for (let i = 0; i < keys.length; i++) {
    if (i % 64 >= 32) continue;
    const original = Math.floor(i / 192) * 15 * 64 + 9 * 64 + (i % 192);
    const before = Math.hypot(inputs.qkv[original] ?? NaN, inputs.qkv[original + 32] ?? NaN);
    expect(Math.hypot(keys[i] ?? NaN, keys[i + 32] ?? NaN)).toBeCloseTo(before, 5);
  }
});

kernelTest('kv-write: f16 stores the nearest half', 14, async (bench) => {
  const testCase: Case = { ...CONTROL, kvType: 'f16' };
  const inputs = inputsOf(testCase, { uniform: () => 0, integer: () => 0, normal: () => 0 });
  const values = [
    1,
    -1,
    0,
    65_504,
    2 ** -24,
    1 / 3,
    -1 / 3,
    1 + 2 ** -10,
    1e-3,
    1000.3,
    -0.1,
    5.96e-6,
    3,
    7,
    1e-9,
    0.5,
  ];
  inputs.qkv.set(values, 48);
  const { vPool } = await runCase(bench, testCase, inputs);
  const from = ((inputs.slots[0] ?? 0) * CONTROL.K) / 2;
  values.forEach((value, d) => {
    const half = ((vPool[from + (d >> 1)] ?? 0) >>> (16 * (d % 2))) & 0xffff;
    expect(half, `half of ${value} (${bitsOf(value).toString(16)})`).toBe(floatToHalf(Math.fround(value)));
  });
});
