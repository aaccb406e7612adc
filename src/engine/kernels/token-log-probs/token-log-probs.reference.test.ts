import { expect, test } from 'vitest';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { centralDifferences } from '@/testing/finite-differences.ts';
import { tokenLogProbBackwardReference, tokenLogProbReference } from './token-log-probs.reference.ts';

const rng = createRng(1);
const LOGITS = Float64Array.from({ length: 13 }, () => 2 * rng.normal());

for (const temperature of [1, 0.7, 1.5])
  test(`the backward reference agrees with central differences at temperature ${temperature}`, () => {
    const gradient = { dLogProb: -1.3, dEntropy: 0.6 };
    const value = (logits: Float64Array): number => {
      const { logProb, entropy } = tokenLogProbReference(logits, 4, temperature);
      return gradient.dLogProb * logProb + gradient.dEntropy * entropy;
    };
    expectClose(
      tokenLogProbBackwardReference(LOGITS, 4, temperature, gradient),
      centralDifferences(value, LOGITS),
      1e-16,
    );
  });

test('equal logits have log-prob -ln V and entropy ln V, at every temperature', () => {
  const { logProb, entropy } = tokenLogProbReference(new Float64Array(50).fill(7), 3, 0.3);
  expect([logProb, entropy]).toEqual([-Math.log(50), expect.closeTo(Math.log(50), 12)]);
});

test('a logit of -infinity has no share in the entropy and no gradient', () => {
  const logits = [1, -Infinity, 0];
  const { entropy } = tokenLogProbReference(logits, 0, 1);
  expect(entropy).toBeCloseTo(tokenLogProbReference([1, 0], 0, 1).entropy, 12);
  expect(tokenLogProbBackwardReference(logits, 0, 1, { dLogProb: 1, dEntropy: 1 })[1]).toBeCloseTo(0, 300);
});

test('one hot logit gives its own token probability 1', () => {
  const { logProb, entropy } = tokenLogProbReference([0, 900, 0], 1, 0.1);
  expect([logProb, entropy]).toEqual([expect.closeTo(0, 300), expect.closeTo(0, 300)]);
});
