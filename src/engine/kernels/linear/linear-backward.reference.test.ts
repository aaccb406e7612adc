import { test } from 'vitest';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { finiteDifferences } from '@/testing/finite-differences.ts';
import { linearBackwardReference } from './linear-backward.reference.ts';
import { linearReference } from './linear.reference.ts';

test('linear backward is the gradient of the forward (seed 1)', () => {
  const rng = createRng(1);
  const [T, rows, columns] = [3, 5, 4];
  const weights = Float32Array.from({ length: rows * columns }, () => rng.normal());
  const x = Float32Array.from({ length: T * columns }, () => rng.normal());
  const dy = Float32Array.from({ length: T * rows }, () => rng.normal());
  const expected = finiteDifferences((point) => linearReference(weights, point, columns), x, dy);
  // A linear function has no third derivative: only double precision is left.
  expectClose(linearBackwardReference(weights, dy, columns), expected, 1e-20);
});
