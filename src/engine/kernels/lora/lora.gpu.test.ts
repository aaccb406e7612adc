import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { Rng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { bitsOf, kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import type { Lanes } from '../kernel.ts';
import {
  recordLoraAGradient,
  recordLoraBGradient,
  recordLoraDownBackward,
  recordLoraUpBackward,
} from './lora-backward.ts';
import {
  dropoutKeep,
  loraAGradientReference,
  loraBGradientReference,
  loraDownBackwardReference,
  loraDownReference,
  loraUpBackwardReference,
  loraUpReference,
} from './lora.reference.ts';
import { recordLoraDown, recordLoraUp } from './lora.ts';

/** NMSE, inherited: f32 sums of at most some thousand products. */
const ACCURACY = 1e-12;
const SCALE = 2;

interface Case {
  readonly T: number;
  readonly D: number;
  readonly rank: number;
  /** Rows of the modules that read the input; two alternate in tiles of four as gate and up do. */
  readonly rows: readonly number[];
  readonly rate: number;
  readonly lanes: Lanes;
}

const CONTROL: Case = { T: 1, D: 64, rank: 8, rows: [32], rate: 0, lanes: 'few' };

const CASES: readonly (Case & { readonly what: string })[] = [
  { what: 'control', ...CONTROL },
  { what: 'control', ...CONTROL, lanes: 'many' },
  { what: 'two tokens, rank 1', ...CONTROL, T: 2, rank: 1, rows: [24, 24] },
  { what: 'SmolLM2 qkv', ...CONTROL, T: 9, D: 576, rows: [576, 192, 192] },
  { what: 'SmolLM2 qkv', ...CONTROL, T: 3, D: 576, rows: [576, 192, 192], lanes: 'many' },
  { what: 'gate and up, rank 3, dropout', ...CONTROL, T: 7, D: 48, rank: 3, rows: [96, 96], rate: 0.25 },
  {
    what: 'gate and up, rank 3, dropout',
    ...CONTROL,
    T: 25,
    D: 48,
    rank: 3,
    rows: [96, 96],
    rate: 0.25,
    lanes: 'many',
  },
  { what: 'down, rank 64', ...CONTROL, T: 18, D: 1536, rank: 64, rows: [36], lanes: 'many' },
  { what: 'the narrowest matrices', ...CONTROL, T: 18, D: 4, rank: 5, rows: [4, 4, 4], rate: 0.5 },
];

function shapesOf({ T, D, rank, rows, rate, lanes }: Case, bFirst: number) {
  const R = rank * rows.length;
  const isPaired = rows.length === 2;
  const total = rows.reduce((sum, count) => sum + count, 0);
  const input = { numTokens: T, D, R, aOffset: 8, dropout: { rate, seed: 0xfedcba98, rank }, lanes };
  let before = 0;
  const modules = rows.map((count, i) => {
    const yOffset = 4 + (isPaired ? 4 * i : before);
    const bOffset = bFirst + before * rank;
    before += count;
    const tileStride = isPaired ? (8 as const) : (4 as const);
    const place = { yStride: total + 8, yOffset, tileStride };
    return { numTokens: T, rank, rows: count, R, aColumn: i * rank, bOffset, ...place, lanes };
  });
  return { R, input, modules, numParameters: bFirst + total * rank + 4, yStride: total + 8 };
}

/** All six kernels; each is compared given what the kernels in front of it computed. */
async function runCase(bench: KernelBench, rng: Rng, testCase: Case): Promise<void> {
  const { T, D } = testCase;
  const aLength = testCase.rank * testCase.rows.length * D;
  const { R, input, modules, numParameters, yStride } = shapesOf(testCase, 8 + aLength);
  const SCALES_AT = 3;
  const table = new Uint32Array(SCALES_AT + T).fill(bitsOf(SCALE), SCALES_AT);
  const values = {
    x: normals(rng, T * D),
    parameters: normals(rng, numParameters),
    y: normals(rng, T * yStride),
    dy: normals(rng, T * yStride),
    gradients: normals(rng, numParameters),
    dx: normals(rng, T * D),
  };
  const x = bench.input('x', values.x);
  const parameters = bench.input('parameters', values.parameters);
  const dy = bench.input('dy', values.dy);
  const a = bench.output('a', T * R);
  const y = bench.inOut('y', values.y);
  const g = bench.output('g', T * R);
  const gradients = bench.inOut('gradients', values.gradients);
  const dx = bench.inOut('dx', values.dx);
  const { recorder } = bench;
  recordLoraDown(recorder, { x, parameters, table: bench.input('table', table), a }, { ...input, scalesAt: SCALES_AT });
  for (const shape of modules) {
    recordLoraUp(recorder, { a, parameters, y }, shape);
    recordLoraUpBackward(recorder, { dy, parameters, g }, { ...shape, scale: SCALE });
    recordLoraBGradient(recorder, { dy, a, gradients }, shape);
  }
  recordLoraAGradient(recorder, { x, g, gradients }, input);
  recordLoraDownBackward(recorder, { g, parameters, dx }, input);
  await bench.run();

  const expected = { y: Float64Array.from(values.y), g: new Float64Array(T * R) };
  let sums: Float64Array = Float64Array.from(values.gradients);
  for (const shape of modules) {
    expected.y.set(loraUpReference(bench.floats(a), values.parameters, expected.y, shape));
    const withScale = { ...shape, scale: SCALE };
    expected.g.set(loraUpBackwardReference(values.dy, values.parameters, expected.g, withScale));
    sums = loraBGradientReference(values.dy, bench.floats(a), sums, shape);
  }
  sums = loraAGradientReference(values.x, bench.floats(g), sums, input);
  const scales = new Float32Array(T).fill(SCALE);
  expectClose(bench.floats(a), loraDownReference(values.x, values.parameters, scales, input), ACCURACY);
  expectClose(bench.floats(y), expected.y, ACCURACY);
  expectClose(bench.floats(g), expected.g, ACCURACY);
  expectClose(bench.floats(gradients), sums, ACCURACY);
  const inputGradient = loraDownBackwardReference(bench.floats(g), values.parameters, values.dx, input);
  expectClose(bench.floats(dx), inputGradient, ACCURACY);
  for (const i of [0, 7, numParameters - 4, numParameters - 1])
    expect(bench.floats(gradients)[i], 'a gradient outside A and B').toBe(values.gradients[i]);
  for (let t = 0; t < T; t++)
    for (const i of [t * yStride, t * yStride + yStride - 1])
      expect(bench.floats(y)[i], 'an output that is no module’s').toBe(values.y[i]);
}

for (const { what, ...testCase } of CASES) {
  const { T, D, rank, rows, rate, lanes } = testCase;
  const name = `lora: ${what}, T ${T}, D ${D}, rank ${rank}, rows [${rows.join(', ')}], dropout ${rate}, ${lanes} lanes`;
  kernelTest(name, 51, (bench, rng) => runCase(bench, rng, testCase));
}

kernelTest('lora: the same dropout in all three places', 52, async (bench) => {
  const T = 2;
  const D = 12;
  const R = 2 * D;
  const dropout = { rate: 0.4, seed: 9, rank: D };
  const input = { numTokens: T, D, R, aOffset: 0, dropout, lanes: 'few' as const };
  // Two unit matrices A, all inputs 1: what comes through is the mask itself.
  const unit = Float32Array.from({ length: R * D }, (_, i) => (Math.floor(i / D) % D === i % D ? 1 : 0));
  const ones = bench.input('ones', new Float32Array(T * Math.max(R, D)).fill(1));
  const parameters = bench.input('parameters', unit);
  const table = bench.input('table', new Uint32Array(T).fill(bitsOf(1)));
  const a = bench.output('a', T * R);
  recordLoraDown(bench.recorder, { x: ones, parameters, table, a }, { ...input, scalesAt: 0 });
  const dx = bench.inOut('dx', new Float32Array(T * D));
  recordLoraDownBackward(bench.recorder, { g: ones, parameters, dx }, input);
  const first = bench.input(
    'g of token 0',
    Float32Array.from({ length: T * R }, (_, i) => (i < R ? 1 : 0)),
  );
  const gradients = bench.inOut('gradients', new Float32Array(R * D));
  recordLoraAGradient(bench.recorder, { x: ones, g: first, gradients }, input);
  await bench.run();

  const keep = (part: number, t: number, c: number) => dropoutKeep(dropout, part, t * D + c);
  const close = (actual: Float32Array, expected: readonly number[]) => expectClose(actual, expected, 1e-13);
  close(
    bench.floats(a),
    Array.from({ length: T * R }, (_, i) => keep(Math.floor((i % R) / D), Math.floor(i / R), i % D)),
  );
  close(
    bench.floats(dx),
    Array.from({ length: T * D }, (_, i) => keep(0, Math.floor(i / D), i % D) + keep(1, Math.floor(i / D), i % D)),
  );
  close(
    bench.floats(gradients),
    Array.from({ length: R * D }, (_, i) => keep(Math.floor(i / (D * D)), 0, i % D)),
  );
});

for (const lanes of ['few', 'many'] as const)
  kernelTest(`lora: a token of scale 0 gets zeros whatever A holds, ${lanes} lanes`, 53, async (bench, rng) => {
    const T = 21;
    const rank = 6;
    const shape = { numTokens: T, D: 8, R: rank, aOffset: 0, dropout: { rate: 0, seed: 0, rank }, lanes };
    const scales = Float32Array.from({ length: T }, (_, t) => (t < 9 || t % 2 === 0 ? 0 : t / 4));
    const table = bench.input('table', new Uint32Array(scales.buffer));
    const parameters = bench.input('parameters', new Float32Array(rank * 8).fill(NaN));
    const a = bench.output('a', T * rank);
    const x = bench.input('x', normals(rng, T * 8));
    recordLoraDown(bench.recorder, { x, parameters, table, a }, { ...shape, scalesAt: 0 });
    await bench.run();
    const results = bench.floats(a);
    for (let i = 0; i < T * rank; i++) expect(results[i]).toBe(at(scales, Math.floor(i / rank)) === 0 ? 0 : NaN);
  });
