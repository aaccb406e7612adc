import { describe, expect, it } from 'vitest';
import { logSumExp, maxAbsDifference, quantile } from './statistics.ts';

describe('logSumExp', () => {
  it('is ln 2 above two equal values, however large', () => {
    expect(logSumExp([3, 3])).toBeCloseTo(3 + Math.LN2, 14);
    expect(logSumExp([1e4, 1e4])).toBeCloseTo(1e4 + Math.LN2, 10);
  });
  it('is -Infinity for nothing and ignores masked values', () => {
    expect(logSumExp([])).toBe(-Infinity);
    expect(logSumExp([-Infinity, 1])).toBe(1);
    expect(logSumExp([-Infinity])).toBe(-Infinity);
  });
});

describe('maxAbsDifference', () => {
  it('finds the largest difference and passes NaN on', () => {
    expect(maxAbsDifference([1, 2, 3], [1, 4, 3.5])).toBe(2);
    expect(maxAbsDifference([1, NaN], [1, 2])).toBeNaN();
    expect(() => maxAbsDifference([1], [])).toThrow(RangeError);
  });
});

it('a quantile lies between order statistics', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3], 1)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});
