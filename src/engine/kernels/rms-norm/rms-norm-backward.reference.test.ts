import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { finiteDifferences } from '@/testing/finite-differences.ts';
import { rmsNormBackwardReference } from './rms-norm-backward.reference.ts';
import { rmsNormReference } from './rms-norm.reference.ts';

const normals = (seed: number, count: number) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: count }, () => rng.normal());
};

test.each([1e-5, 0.5])('RMS norm backward is the gradient of the forward, eps %d (seeds 1 to 3)', (eps) => {
  const x = normals(1, 3 * 7);
  const weight = normals(2, 7);
  const dy = normals(3, 3 * 7);
  const expected = finiteDifferences((point) => rmsNormReference(point, weight, eps), x, dy);
  expectClose(rmsNormBackwardReference(x, weight, dy, eps), expected, 1e-11);
});

test('without eps the gradient is orthogonal to x: a longer x gives the same y (seeds 4 to 6)', () => {
  const x = normals(4, 16);
  const dx = rmsNormBackwardReference(x, normals(5, 16), normals(6, 16), 0);
  expect(x.reduce((sum, value, d) => sum + value * at(dx, d), 0)).toBeCloseTo(0, 12);
});
