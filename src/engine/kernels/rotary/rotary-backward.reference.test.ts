import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { finiteDifferences } from '@/testing/finite-differences.ts';
import { ropeTableReference } from '../kv-write/kv-write.reference.ts';
import { rotaryBackwardReference } from './rotary-backward.reference.ts';
import { rotaryReference } from './rotary.reference.ts';

function inputOf(hasQkNorm: boolean) {
  const rng = createRng(1);
  const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
  const [K, H, Hkv] = [8, 2, 1];
  const positions = [0, 3, 7];
  const width = (H + 2 * Hkv) * K;
  return {
    qkv: normals(positions.length * width),
    dHeads: normals(positions.length * width),
    bias: normals(width),
    qNorm: hasQkNorm ? normals(K) : null,
    kNorm: hasQkNorm ? normals(K) : null,
    rope: ropeTableReference(K, 100, 8),
    headDim: K,
    numHeads: H,
    numKvHeads: Hkv,
    eps: 1e-6,
    positions,
  };
}

test.each([false, true])('rotary backward is the gradient of the forward, with norms: %s (seed 1)', (hasQkNorm) => {
  const { dHeads, ...input } = inputOf(hasQkNorm);
  const expected = finiteDifferences((qkv) => rotaryReference({ ...input, qkv }), input.qkv, dHeads);
  expectClose(rotaryBackwardReference(input, dHeads), expected, 1e-11);
});

test('a rotation turns back: without norms the gradient is as long as what came (seed 1)', () => {
  const { dHeads, ...input } = inputOf(false);
  const dQkv = rotaryBackwardReference(input, dHeads);
  for (let from = 0; from < dQkv.length; from += 8) {
    const lengthOf = (values: ArrayLike<number>) =>
      Math.hypot(...Array.from({ length: 8 }, (_, d) => at(values, from + d)));
    expect(lengthOf(dQkv)).toBeCloseTo(lengthOf(dHeads), 6);
  }
});
