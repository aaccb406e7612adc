import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import { adamWReference } from './adamw.reference.ts';
import type { AdamWState } from './adamw.reference.ts';
import { recordAdamW } from './adamw.ts';

/** NMSE of moments and of the way that parameters went: a few f32 operations, a root and a division. */
const ACCURACY = 1e-12;

const TORCH = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, gradientScale: 1 };

/** Steps 1, 2, ... with one gradient each; buffers as they are after the last. */
async function steps(
  bench: KernelBench,
  start: Float32Array,
  gradients: readonly Float32Array[],
  options: typeof TORCH & { readonly learningRate: number },
) {
  const parameters = bench.inOut('parameters', start);
  const expAvg = bench.inOut('exp_avg', new Float32Array(start.length));
  const expAvgSq = bench.inOut('exp_avg_sq', new Float32Array(start.length));
  gradients.forEach((values, i) => {
    const buffers = { parameters, expAvg, expAvgSq, gradients: bench.input('gradients', values) };
    recordAdamW(bench.recorder, buffers, { ...options, numValues: start.length, step: i + 1 });
  });
  await bench.run();
  return { parameters: bench.floats(parameters), expAvg: bench.floats(expAvg), expAvgSq: bench.floats(expAvgSq) };
}

const CASES = [
  { what: 'control', numValues: 64, numSteps: 1, options: {} },
  { what: 'three steps of an odd size', numValues: 1001, numSteps: 3, options: {} },
  {
    what: 'a clipped gradient and a large decay',
    numValues: 130,
    numSteps: 2,
    options: { gradientScale: 0.03, weightDecay: 0.5 },
  },
  { what: 'other betas, a large eps', numValues: 65, numSteps: 4, options: { beta1: 0.5, beta2: 0.95, eps: 0.1 } },
];

for (const { what, numValues, numSteps, options } of CASES)
  kernelTest(`adamw: ${what}, ${numValues} values, ${numSteps} steps`, 91, async (bench, rng) => {
    const all = { ...TORCH, learningRate: 1e-2, ...options };
    const start = normals(rng, numValues, 0.1);
    const gradients = Array.from({ length: numSteps }, () => normals(rng, numValues));
    const actual = await steps(bench, start, gradients, all);
    let expected: AdamWState = {
      parameters: Float64Array.from(start),
      expAvg: new Float64Array(numValues),
      expAvgSq: new Float64Array(numValues),
    };
    gradients.forEach((values, i) => {
      expected = adamWReference(expected, values, { ...all, step: i + 1 });
    });
    expectClose(actual.expAvg, expected.expAvg, ACCURACY);
    expectClose(actual.expAvgSq, expected.expAvgSq, ACCURACY);
    expectClose(actual.parameters, expected.parameters, ACCURACY);
    const way = (values: ArrayLike<number>): Float64Array => Float64Array.from(start, (p, i) => at(values, i) - p);
    expectClose(way(actual.parameters), way(expected.parameters), 1e-10);
  });

kernelTest('adamw: the first step goes by the learning rate against the gradient sign', 92, async (bench) => {
  const gradients = Float32Array.of(1e-3, -4, 700, -0.02);
  const options = { ...TORCH, learningRate: 1e-3, weightDecay: 0 };
  const { parameters } = await steps(bench, new Float32Array(4), [gradients], options);
  const expected = [-1e-3, 1e-3, -1e-3, 1e-3];
  parameters.forEach((value, i) => expect(Math.abs(value / at(expected, i) - 1)).toBeLessThan(2e-5));
});

kernelTest('adamw: two steps of torch, 0.5 -> 0.49899500005 -> 0.4987236730772', 93, async (bench) => {
  const gradients = [Float32Array.of(0.2), Float32Array.of(-0.1)];
  const options = { ...TORCH, learningRate: 1e-3 };
  const first = adamWReference(
    { parameters: Float64Array.of(0.5), expAvg: Float64Array.of(0), expAvgSq: Float64Array.of(0) },
    [0.2],
    { ...options, step: 1 },
  );
  expect(first.parameters[0]).toBeCloseTo(0.49899500005, 11);
  expect(adamWReference(first, [-0.1], { ...options, step: 2 }).parameters[0]).toBeCloseTo(0.4987236730772, 12);
  const { parameters } = await steps(bench, Float32Array.of(0.5), gradients, options);
  expect(parameters[0]).toBeCloseTo(0.4987236730772, 7);
});

kernelTest('adamw: without gradients and decay nothing moves', 94, async (bench) => {
  const start = Float32Array.of(0, 2, -3);
  const options = { ...TORCH, learningRate: 0.5, weightDecay: 0 };
  const still = await steps(bench, start, [new Float32Array(3), new Float32Array(3)], options);
  expect([...still.parameters]).toEqual([0, 2, -3]);
});

kernelTest('adamw: more workgroups than one dimension holds', 95, async (bench) => {
  const numValues = 64 * 32_768 + 70;
  const gradients = new Float32Array(numValues).fill(3);
  const options = { ...TORCH, learningRate: 0.25, weightDecay: 0 };
  const { parameters } = await steps(bench, new Float32Array(numValues), [gradients], options);
  expect(parameters.every((value) => Math.abs(value + 0.25) < 1e-5)).toBe(true);
});
