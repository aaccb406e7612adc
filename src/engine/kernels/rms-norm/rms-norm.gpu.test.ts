import { expect } from 'vitest';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest, normals } from '@/testing/kernel-test.ts';
import { rmsNormBackwardReference } from './rms-norm-backward.reference.ts';
import { rmsNormReference } from './rms-norm.reference.ts';
import { recordRmsNorm, recordRmsNormBackward } from './rms-norm.ts';

/** Inherited accuracy: an f32 sum of D squares, a square root, a division. */
const ACCURACY = 1e-12;

const CASES = [
  { what: 'control', T: 1, D: 64, eps: 1e-5 },
  { what: 'SmolLM2', T: 25, D: 576, eps: 1e-5 },
  { what: 'tiny', T: 2, D: 48, eps: 1e-5 },
  { what: 'D below the workgroup', T: 3, D: 8, eps: 1e-5 },
  { what: 'D not a multiple of the workgroup', T: 8, D: 1000, eps: 1e-6 },
  { what: 'a large eps', T: 1, D: 64, eps: 10 },
];

for (const lanes of ['many', 'few'] as const)
  for (const { what, T, D, eps } of CASES)
    kernelTest(`rms-norm, ${lanes} lanes: ${what}, T ${T}, D ${D}, eps ${eps}`, 1, async (bench, rng) => {
      const x = normals(rng, T * D);
      const weight = normals(rng, D);
      const y = bench.output('y', T * D);
      recordRmsNorm(bench.recorder, bench.input('x', x), bench.input('weight', weight), y, {
        numRows: T,
        D,
        eps,
        lanes,
      });
      await bench.run();
      expectClose(bench.floats(y), rmsNormReference(x, weight, eps), ACCURACY);
    });

kernelTest('rms-norm: rows have mean square 1 under weight 1', 2, async (bench, rng) => {
  const D = 576;
  const y = bench.output('y', 3 * D);
  const x = bench.input('x', normals(rng, 3 * D, 40));
  const weight = bench.input('weight', new Float32Array(D).fill(1));
  recordRmsNorm(bench.recorder, x, weight, y, { numRows: 3, D, eps: 1e-5, lanes: 'many' });
  await bench.run();
  for (let row = 0; row < 3; row++) {
    const squares = bench
      .floats(y)
      .subarray(row * D, (row + 1) * D)
      .map((value) => value * value);
    expect(squares.reduce((sum, value) => sum + value, 0) / D).toBeCloseTo(1, 5);
  }
});

kernelTest('rms-norm: zeros stay zeros', 3, async (bench) => {
  const y = bench.output('y', 64);
  const x = bench.input('x', new Float32Array(64));
  recordRmsNorm(bench.recorder, x, bench.input('weight', new Float32Array(64).fill(1)), y, {
    numRows: 1,
    D: 64,
    eps: 1e-5,
    lanes: 'few',
  });
  await bench.run();
  expect([...bench.words(y)]).toEqual(Array.from({ length: 64 }, () => 0));
});

/** Both shapes in one test: the gradient is added to what dx holds. */
for (const { what, T, D, eps } of CASES)
  kernelTest(`rms-norm backward: ${what}, T ${T}, D ${D}, eps ${eps}`, 4, async (bench, rng) => {
    const x = normals(rng, T * D);
    const weight = normals(rng, D);
    const dy = normals(rng, T * D);
    const before = normals(rng, T * D);
    const inputs = { x: bench.input('x', x), weight: bench.input('weight', weight), dy: bench.input('dy', dy) };
    const outputs = (['few', 'many'] as const).map((lanes) => {
      const dx = bench.inOut('dx', before);
      recordRmsNormBackward(bench.recorder, { ...inputs, dx }, { numRows: T, D, eps, lanes });
      return dx;
    });
    await bench.run();
    const gradient = rmsNormBackwardReference(x, weight, dy, eps);
    const expected = gradient.map((value, i) => value + (before[i] ?? NaN));
    for (const dx of outputs) expectClose(bench.floats(dx), expected, ACCURACY);
  });
