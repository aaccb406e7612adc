import { expect } from 'vitest';
import { at } from '@/lib/assert.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import type { KernelBench } from '@/testing/kernel-test.ts';
import type { Lanes } from '../kernel.ts';
import { gradientNormReference } from './gradient-norm.reference.ts';
import { recordGradientNorm } from './gradient-norm.ts';

/** NMSE, inherited: f32 sums of blocks, then of at most a few hundred blocks a lane. */
const ACCURACY = 1e-13;
const TENSORS_AT = 3;

type Tensors = readonly (readonly [start: number, length: number])[];

async function sumsOf(bench: KernelBench, gradients: Float32Array, tensors: Tensors, lanes: Lanes) {
  const sums = bench.output('sums', tensors.length);
  const buffers = {
    sums,
    gradients: bench.input('gradients', gradients),
    table: bench.input('table', Uint32Array.from([7, 7, 7, ...tensors.flat()])),
  };
  recordGradientNorm(bench.recorder, buffers, { numTensors: tensors.length, tensorsAt: TENSORS_AT, lanes });
  await bench.run();
  return bench.floats(sums);
}

/** Tensors of these lengths, one behind the other. */
function packed(lengths: readonly number[]): Tensors {
  return lengths.map((length, i) => [lengths.slice(0, i).reduce((sum, before) => sum + before, 0), length]);
}

const CASES = [
  { what: 'control', lengths: [64] },
  { what: 'unequal lengths', lengths: [1, 17, 4096, 0, 4097, 1000] },
  { what: 'the longest tensor', lengths: [200_000, 3] },
  { what: 'many tensors', lengths: Array.from({ length: 500 }, (_, i) => 20 + (i % 13)) },
];

for (const lanes of ['many', 'few'] as const)
  for (const { what, lengths } of CASES)
    kernelTest(`gradient-norm, ${lanes} lanes: ${what}, ${lengths.length} tensors`, 81, async (bench, rng) => {
      const tensors = packed(lengths);
      const gradients = normals(
        rng,
        lengths.reduce((sum, length) => sum + length, 0),
        1e-3,
      );
      expectClose(await sumsOf(bench, gradients, tensors, lanes), gradientNormReference(gradients, tensors), ACCURACY);
    });

kernelTest('gradient-norm: tensors of one value repeated have length times its square', 82, async (bench) => {
  const gradients = new Float32Array(30_000).fill(0.5);
  const sums = await sumsOf(bench, gradients, packed([10_000, 20_000]), 'few');
  expect([...sums]).toEqual([2500, 5000]);
});

kernelTest(
  'gradient-norm: NaN, infinity and squares beyond f32 come through, each in its tensor',
  83,
  async (bench, rng) => {
    const gradients = normals(rng, 400);
    gradients[50] = NaN;
    gradients[150] = -Infinity;
    gradients[250] = 1e20;
    const sums = await sumsOf(bench, gradients, packed([100, 100, 100, 100]), 'many');
    expect([...sums.subarray(0, 3)]).toEqual([NaN, Infinity, Infinity]);
    expect(Number.isFinite(at(sums, 3))).toBe(true);
  },
);
