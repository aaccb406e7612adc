import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import { centralDifferences } from '@/testing/finite-differences.ts';
import { tokenTable } from '@/testing/token-table.ts';
import { causalAttentionBackwardReference, causalAttentionReference } from './causal-attention.reference.ts';

const HEADS = { headDim: 4, numHeads: 4, numKvHeads: 2 };
const TABLE = tokenTable([
  { promptLength: 0, completionLengths: [3] },
  { promptLength: 2, completionLengths: [1, 3] },
]);
const NUM_TOKENS = TABLE.length / 4;

function normals(count: number, seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
}

test('the backward reference agrees with central differences of the forward reference', () => {
  const heads = normals(NUM_TOKENS * 8 * 4, 1);
  const dy = normals(NUM_TOKENS * 4 * 4, 2);
  const loss = (x: Float64Array): number =>
    causalAttentionReference({ heads: x, table: TABLE, ...HEADS }).y.reduce((sum, y, i) => sum + y * at(dy, i), 0);
  const gradient = causalAttentionBackwardReference({ heads, table: TABLE, ...HEADS }, dy);
  expectClose(gradient, centralDifferences(loss, heads), 1e-16);
});

test('a row of one token gives its values, whatever the query', () => {
  const heads = normals(8 * 4, 3);
  const { y, logsumexp } = causalAttentionReference({
    heads,
    table: tokenTable([{ promptLength: 0, completionLengths: [1] }]),
    ...HEADS,
  });
  const values = [0, 0, 1, 1].flatMap((kvHead) => [...heads.subarray((6 + kvHead) * 4, (7 + kvHead) * 4)]);
  expectClose(y, values, 1e-30);
  const score = heads.subarray(0, 4).reduce((sum, q, d) => sum + q * at(heads, 16 + d), 0) / 2;
  expect(at(logsumexp, 0)).toBeCloseTo(score, 12);
});

test('zero queries average the values, and their log-sum-exp is ln of the number of keys', () => {
  const heads = normals(3 * 8 * 4, 4);
  for (let token = 0; token < 3; token++) heads.fill(0, token * 32, token * 32 + 16);
  const { y, logsumexp } = causalAttentionReference({ heads, table: TABLE.slice(0, 12), ...HEADS });
  expect([0, 1, 2].map((token) => at(logsumexp, token * 4))).toEqual([1, 2, 3].map((count) => Math.log(count)));
  const mean = [0, 1, 2].reduce((sum, token) => sum + at(heads, token * 32 + 24) / 3, 0);
  expect(at(y, 2 * 16)).toBeCloseTo(mean, 12);
});
