/** The references' gradients against central differences, and the mask's statistics. */
import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import { expectClose } from '@/testing/all-close.ts';
import {
  dropoutKeep,
  loraAGradientReference,
  loraBGradientReference,
  loraDownBackwardReference,
  loraDownReference,
  loraUpBackwardReference,
  loraUpReference,
} from './lora.reference.ts';

const T = 3;
const D = 8;
const SCALE = 1.7;

/** Three modules that read one input, as q, then gate and up in alternating tiles; A first, then the B's. */
function sceneOf(rank: number, rate: number) {
  const R = 3 * rank;
  const input = { numTokens: T, D, R, aOffset: 4, dropout: { rate, seed: 77, rank } };
  const common = { numTokens: T, rank, R, yStride: 40 };
  const b = 4 + R * D;
  const modules = [
    { ...common, rows: 12, aColumn: 0, bOffset: b, yOffset: 4, tileStride: 4 },
    { ...common, rows: 8, aColumn: rank, bOffset: b + 12 * rank, yOffset: 20, tileStride: 8 },
    { ...common, rows: 8, aColumn: 2 * rank, bOffset: b + 20 * rank, yOffset: 24, tileStride: 8 },
  ] as const;
  return { input, modules, numParameters: b + 28 * rank + 4 };
}

function normals(count: number, seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
}

/** d of `of` by each value, by central differences. */
function differences(of: (values: Float64Array) => number, values: Float64Array): Float64Array {
  const step = 1e-4;
  return values.map((value, i) => {
    const moved = (to: number) => of(values.with(i, to));
    return (moved(value + step) - moved(value - step)) / (2 * step);
  });
}

describe.each([
  { rank: 1, rate: 0 },
  { rank: 3, rate: 0 },
  { rank: 4, rate: 0.3 },
  { rank: 3, rate: 0.3 },
])('rank $rank, dropout $rate', ({ rank, rate }) => {
  const { input, modules, numParameters } = sceneOf(rank, rate);
  const x = normals(T * D, 1);
  const parameters = normals(numParameters, 2);
  const weights = normals(T * 40, 3);
  const scales = new Float64Array(T).fill(SCALE);

  /** L = sum of weights * tanh(y): dL/dy depends on y. */
  const outputs = (values: Float64Array, p: Float64Array) => {
    const a = loraDownReference(values, p, scales, input);
    let y = new Float64Array(T * 40).fill(0.1);
    for (const shape of modules) y = Float64Array.from(loraUpReference(a, p, y, shape));
    return { a, y };
  };
  const loss = (values: Float64Array, p: Float64Array) =>
    outputs(values, p).y.reduce((sum, y, i) => sum + at(weights, i) * Math.tanh(y), 0);

  const { a, y } = outputs(x, parameters);
  const dy = y.map((value, i) => at(weights, i) * (1 - Math.tanh(value) ** 2));
  let g = new Float64Array(T * input.R);
  let gradients = new Float64Array(numParameters);
  for (const shape of modules) {
    g = Float64Array.from(loraUpBackwardReference(dy, parameters, g, { ...shape, scale: SCALE }));
    gradients = Float64Array.from(loraBGradientReference(dy, a, gradients, shape));
  }
  gradients = Float64Array.from(loraAGradientReference(x, g, gradients, input));

  test('the gradients of A and B are the loss’s differences, and 0 elsewhere', () => {
    expectClose(
      gradients,
      differences((moved) => loss(x, moved), parameters),
      1e-12,
    );
    for (const i of [0, 1, 2, 3, numParameters - 1]) expect(gradients[i]).toBe(0);
  });

  test('the gradient of the input is the loss’s difference, added to what was there', () => {
    const before = normals(T * D, 4);
    const dx = loraDownBackwardReference(g, parameters, before, input);
    expectClose(
      dx.map((value, i) => value - at(before, i)),
      differences((moved) => loss(moved, parameters), x),
      1e-12,
    );
  });
});

test('two steps are the merged matrix: y = (s B A) x', () => {
  const rank = 2;
  const shape = { numTokens: 1, D: 4, R: rank, aOffset: 0, dropout: { rate: 0, seed: 0, rank } };
  const A = [1, 2, 3, 4, 0, -1, 0, 2];
  const B = [1, 0, 0, 1, 2, 1, -1, 3];
  const a = loraDownReference([1, 1, 1, 1], [...A, ...B], [0.5], shape);
  const module = { numTokens: 1, rank, rows: 4, R: rank, aColumn: 0, bOffset: 8, yStride: 4, yOffset: 0 };
  const y = loraUpReference(a, [...A, ...B], [100, 0, 0, 0], { ...module, tileStride: 4 });
  // A x = (10, 1); B A x = (10, 1, 21, -7).
  expect([...y]).toEqual([105, 0.5, 10.5, -3.5]);
});

test('a token of scale 0 gets zeros, whatever A holds', () => {
  const shape = { numTokens: 2, D: 4, R: 1, aOffset: 0, dropout: { rate: 0, seed: 0, rank: 1 } };
  const a = loraDownReference([1, 1, 1, 1, 2, 2, 2, 2], [NaN, Infinity, 1, 1], [0, 1], shape);
  expect([...a]).toEqual([0, NaN]);
});

describe('dropout', () => {
  const COUNT = 200_000;
  const mask = (rate: number, seed: number, part: number) =>
    Array.from({ length: COUNT }, (_, i) => dropoutKeep({ rate, seed, rank: 8 }, part, i));

  test.each([0.05, 0.1, 0.5, 0.9])('keeps its share at rate %f within five standard deviations', (rate) => {
    const bound = 5 * Math.sqrt((rate * (1 - rate)) / COUNT);
    for (const [seed, part] of [
      [0, 0],
      [1, 0],
      [0xffffffff, 2],
    ] as const) {
      const kept = mask(rate, seed, part).filter((factor) => factor > 0);
      expect(Math.abs(kept.length / COUNT - (1 - rate))).toBeLessThan(bound);
      expect(new Set(kept)).toEqual(new Set([1 / (1 - rate)]));
    }
  });

  test('neighbours, modules and seeds are independent', () => {
    const base = mask(0.5, 5, 0);
    const agreement = (other: readonly number[], shift = 0) =>
      base.reduce((sum, factor, i) => sum + (i + shift < COUNT && factor === other[i + shift] ? 1 : 0), 0) / COUNT;
    const bound = 5 * Math.sqrt(0.25 / COUNT);
    for (const share of [
      agreement(mask(0.5, 5, 1)),
      agreement(mask(0.5, 6, 0)),
      ...[1, 2, 4, 576].map((shift) => agreement(base, shift) * (COUNT / (COUNT - shift))),
    ])
      expect(Math.abs(share - 0.5)).toBeLessThan(bound);
  });

  test('rate 0 changes nothing', () => {
    expect(dropoutKeep({ rate: 0, seed: 3, rank: 8 }, 1, 17)).toBe(1);
  });
});
