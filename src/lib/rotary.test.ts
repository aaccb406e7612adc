import { expect, test } from 'vitest';
import { createRng } from './rng.ts';
import { angleBetween, attentionScore, handOf, pairFrequency, rotated } from './rotary.ts';

const THETA = 100_000;
const rng = createRng(7);
const vector = (length: number): number[] => Array.from({ length }, () => rng.normal());

/** Straight from the definition, in doubles, with complex numbers: an independent spelling of the same rotation. */
function dotInDoubles(query: readonly number[], key: readonly number[], distance: number): number {
  const half = query.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) {
    const [a = 0, b = 0, c = 0, d = 0] = [query[i], query[i + half], key[i], key[i + half]];
    const turn = distance * THETA ** (-i / half);
    sum += (a * c + b * d) * Math.cos(turn) + (a * d - b * c) * Math.sin(turn);
  }
  return sum / Math.sqrt(query.length);
}

test.each([
  { headDim: 8, i: 5, j: 3 },
  { headDim: 64, i: 900, j: 14 },
  { headDim: 64, i: 3, j: 700 },
  { headDim: 128, i: 4000, j: 4000 },
])('rho(q, $i) . rho(k, $j) = rho(q, $i - $j) . k, head size $headDim', ({ headDim, i, j }) => {
  for (let repeat = 0; repeat < 20; repeat++) {
    const query = vector(headDim);
    const key = vector(headDim);
    const both = attentionScore(rotated(query, i, THETA), rotated(key, j, THETA));
    const queryOnly = attentionScore(rotated(query, i - j, THETA), key);
    expect(Math.abs(both - queryOnly)).toBeLessThan(1e-5);
    expect(Math.abs(queryOnly - dotInDoubles(query, key, i - j))).toBeLessThan(1e-5);
  }
});

test('the query turned back by a, or the key turned forward by a: the same product, whatever stands in front', () => {
  const query = vector(64);
  const stored = rotated(vector(64), 11, THETA);
  const offset = 40;
  const alone = attentionScore(rotated(query, offset, THETA), stored);
  for (const inFront of [0, 1, 83, 500]) {
    const keyTurned = attentionScore(rotated(query, offset + inFront, THETA), rotated(stored, inFront, THETA));
    expect(Math.abs(keyTurned - alone)).toBeLessThan(1e-5);
  }
  // And it is no accident of vectors that do not matter: one token further is another score.
  expect(Math.abs(attentionScore(rotated(query, offset + 1, THETA), stored) - alone)).toBeGreaterThan(1e-3);
});

test('scores explain softmax: masses of two keys are in the ratio of exp(score)', () => {
  const query = vector(32);
  const keys = Array.from({ length: 6 }, (_, token) => rotated(vector(32), token, THETA));
  // An ordinary cache: every key turned to its place behind 20 tokens, the query at its own.
  const ordinary = keys.map((key) => attentionScore(rotated(query, 31, THETA), rotated(key, 20, THETA)));
  const total = ordinary.reduce((sum, score) => sum + Math.exp(score), 0);
  const masses = ordinary.map((score) => Math.exp(score) / total);
  const fromBlock = keys.map((key) => attentionScore(rotated(query, 11, THETA), key));
  for (let i = 1; i < keys.length; i++) {
    const ratio = Math.exp((fromBlock[i] ?? 0) - (fromBlock[0] ?? 0));
    expect(ratio / ((masses[i] ?? 0) / (masses[0] ?? 1))).toBeCloseTo(1, 4);
  }
});

test('pair 0 turns one radian a token, the last one nearly theta times slower', () => {
  expect(pairFrequency(THETA, 64, 0)).toBe(1);
  expect(pairFrequency(THETA, 64, 31) * THETA).toBeCloseTo(THETA ** (1 / 32), 6);
  const hand = handOf(rotated([1, 0, 0, 0], 1, THETA), 0);
  expect(hand.angle).toBeCloseTo(1);
  expect(hand.length).toBeCloseTo(1);
});

test('the angle between hands is the shorter way, with its sign', () => {
  const at = (degrees: number): ReturnType<typeof handOf> => {
    const angle = (degrees * Math.PI) / 180;
    return handOf([Math.cos(angle), Math.sin(angle)], 0);
  };
  const degrees = (from: number, to: number): number => (angleBetween(at(from), at(to)) * 180) / Math.PI;
  expect(degrees(10, 50)).toBeCloseTo(40);
  expect(degrees(50, 10)).toBeCloseTo(-40);
  expect(degrees(170, -170)).toBeCloseTo(20);
  expect(degrees(-170, 170)).toBeCloseTo(-20);
});
