import { test } from 'vitest';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { finiteDifferences } from '@/testing/finite-differences.ts';
import { swigluBackwardReference, swigluReference } from './swiglu.reference.ts';

test('SwiGLU backward is the gradient of the forward (seed 1)', () => {
  const rng = createRng(1);
  const gateAndUp = Float32Array.from({ length: 3 * 2 * 8 }, () => 2 * rng.normal());
  const dy = Float32Array.from({ length: 3 * 8 }, () => rng.normal());
  expectClose(swigluBackwardReference(dy, gateAndUp), finiteDifferences(swigluReference, gateAndUp, dy), 1e-11);
});
