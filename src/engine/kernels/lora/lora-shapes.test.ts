import { describe, expect, test } from 'vitest';
import { moduleParams, planDropout, tokensPerOutput } from './lora-shapes.ts';

const INPUT = {
  numTokens: 3,
  D: 48,
  R: 24,
  aOffset: 0,
  dropout: { rate: 0, seed: 1, rank: 8 },
  lanes: 'few',
} as const;

const MODULE = {
  numTokens: 3,
  rank: 8,
  rows: 16,
  R: 24,
  aColumn: 16,
  bOffset: 0,
  yStride: 32,
  yOffset: 4,
  tileStride: 8,
  lanes: 'few',
} as const;

test('rows of different masks never share a block of four', () => {
  const of = (rank: number, R: number, rate: number) =>
    planDropout({ ...INPUT, R, dropout: { rate, seed: 1, rank } }).numBlocks;
  expect(of(8, 24, 0.1)).toBe(6);
  expect(of(3, 9, 0.1)).toBe(3);
  expect(of(3, 9, 0)).toBe(3);
  expect(of(1, 7, 0.1)).toBe(7);
  expect(of(1, 7, 0)).toBe(2);
});

test('tokens share registers once there are enough threads', () => {
  expect([1, 2, 3, 100].map((count) => tokensPerOutput(count, 'few'))).toEqual([1, 2, 4, 4]);
  expect([1, 2, 16, 17].map((count) => tokensPerOutput(count, 'many'))).toEqual([1, 1, 1, 4]);
});

describe('refuses', () => {
  test.each([
    ['columns that are no multiple of four', { D: 46 }],
    ['a start of A that is no multiple of four', { aOffset: 2 }],
    ['a rate of 1', { dropout: { rate: 1, seed: 1, rank: 8 } }],
    ['rows that are no whole modules', { dropout: { rate: 0.1, seed: 1, rank: 7 } }],
    ['more values than a hash has bits', { numTokens: 2 ** 30 }],
  ])('%s', (_what, change) => {
    expect(() => planDropout({ ...INPUT, ...change })).toThrow(/invariant/);
  });

  test.each([
    ['rank 0', { rank: 0 }],
    ['rank 65', { rank: 65, R: 99 }],
    ['columns behind the last', { aColumn: 17 }],
    ['rows that are no multiple of four', { rows: 14 }],
    ['an offset that is no multiple of four', { yOffset: 2 }],
    ['a stride without room for the last tile', { yOffset: 8 }],
  ])('%s', (_what, change) => {
    expect(() => moduleParams({ ...MODULE, ...change })).toThrow(/invariant/);
    expect(moduleParams(MODULE).numTiles).toBe(4);
  });
});
