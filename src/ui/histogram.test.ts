import { expect, test } from 'vitest';
import { histogram } from './histogram.ts';

test('every value is in one bin, and a bin lies on one side of the edge', () => {
  const values = [-1.9, -1.2, -1.2, -0.4, 0.3];
  const bins = histogram(values, [0], -0.4);
  expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
  for (const { from, to, count } of bins) {
    expect(values.filter((value) => value > from && value <= to)).toHaveLength(count);
    expect(from >= -0.4 - 1e-9 || to <= -0.4 + 1e-9).toBe(true);
  }
});

test('a value on the edge counts below it', () => {
  const bins = histogram([0.5], [], 0.5);
  expect(bins.find(({ count }) => count === 1)?.to).toBeCloseTo(0.5);
});

test('the axis reaches what it shall include, and has few bins', () => {
  const bins = histogram([-1], [12], 0);
  expect(bins.at(0)?.from).toBeLessThan(-1);
  expect(bins.at(-1)?.to).toBeGreaterThan(12);
  expect(bins.length).toBeLessThanOrEqual(31);
  expect(histogram([-4000, 4000], [], 0).length).toBeLessThanOrEqual(31);
});

test('nothing gives nothing', () => {
  expect(histogram([], [], 0)).toEqual([]);
});
