import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { mcNemarExact, meanInterval, pairedDifferenceInterval, wilsonInterval } from './proportions.ts';

describe("Wilson's interval", () => {
  // Newcombe, Statistics in Medicine 17 (1998), pages 857 to 872, table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d', (hits, trials, low, high) => {
    const interval = wilsonInterval(hits, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('solves the equation that defines it: |p - θ| = z sqrt(θ(1 - θ)/n)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2000), (trials, wanted) => {
        const hits = Math.min(wanted, trials);
        const { low, high } = wilsonInterval(hits, trials);
        for (const bound of [low, high].filter((value) => value > 0 && value < 1))
          expect(Math.abs(hits / trials - bound)).toBeCloseTo(1.959964 * Math.sqrt((bound * (1 - bound)) / trials), 6);
        expect(low).toBeLessThanOrEqual(hits / trials);
        expect(high).toBeGreaterThanOrEqual(hits / trials);
      }),
    );
    expect(wilsonInterval(7, 7).high).toBe(1);
    expect(wilsonInterval(0, 7).low).toBe(0);
  });
});

describe("Newcombe's interval of a paired difference", () => {
  it('of 36 both, 12 and 2 one, none neither, as published', () => {
    // Newcombe, Statistics in Medicine 17 (1998), pages 2635 to 2650, an example of method 10.
    const { low, high } = pairedDifferenceInterval({ both: 36, onlyFirst: 12, onlySecond: 2, neither: 0 });
    expect(low).toBeCloseTo(0.0569, 4);
    expect(high).toBeCloseTo(0.3404, 4);
  });

  it('of 14 both, 5 and 0 one, 22 neither, as published', () => {
    // Altman and others, Statistics with Confidence (2000), page 52.
    const { low, high } = pairedDifferenceInterval({ both: 14, onlyFirst: 5, onlySecond: 0, neither: 22 });
    expect(low).toBeCloseTo(0.011, 3);
    expect(high).toBeCloseTo(0.226, 3);
  });

  it('turns around with the methods, stays within -1 and 1 and holds the difference', () => {
    const count = fc.nat(60);
    fc.assert(
      fc.property(count, count, count, count, (both, onlyFirst, onlySecond, neither) => {
        const total = both + onlyFirst + onlySecond + neither;
        fc.pre(total > 0);
        const there = pairedDifferenceInterval({ both, onlyFirst, onlySecond, neither });
        const back = pairedDifferenceInterval({ both, onlyFirst: onlySecond, onlySecond: onlyFirst, neither });
        expect(there.low).toBeCloseTo(-back.high, 12);
        expect(there.high).toBeCloseTo(-back.low, 12);
        expect(there.low).toBeGreaterThanOrEqual(-1 - 1e-12);
        expect(there.high).toBeLessThanOrEqual(1 + 1e-12);
        const difference = (onlyFirst - onlySecond) / total;
        expect(there.low).toBeLessThanOrEqual(difference);
        expect(there.high).toBeGreaterThanOrEqual(difference);
      }),
    );
  });

  it('is the root of summed squares where nothing correlates', () => {
    // Half of all, and independent: correlation 0, both Wilson intervals the same.
    const { low, high } = pairedDifferenceInterval({ both: 25, onlyFirst: 25, onlySecond: 25, neither: 25 });
    const { low: wilsonLow } = wilsonInterval(50, 100);
    expect(high).toBeCloseTo(Math.SQRT2 * (0.5 - wilsonLow), 12);
    expect(low).toBeCloseTo(-high, 12);
  });
});

describe("McNemar's exact test", () => {
  test.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 2 / 32],
    [0, 6, 2 / 64],
    [3, 3, 1],
    // 2 (1 + 10 + 45) / 1024
    [8, 2, 112 / 1024],
    // 2 (1 + 14 + 91) / 16384
    [2, 12, 212 / 16_384],
  ])('of %d against %d', (first, second, expected) => {
    expect(mcNemarExact(first, second)).toBeCloseTo(expected, 12);
    expect(mcNemarExact(second, first)).toBe(mcNemarExact(first, second));
  });

  it('does not overflow', () => {
    expect(mcNemarExact(1000, 1000)).toBe(1);
    expect(mcNemarExact(900, 1100)).toBeGreaterThan(0);
    // By the normal approximation with continuity, z = 199 / sqrt(2000).
    expect(mcNemarExact(900, 1100)).toBeCloseTo(8.6e-6, 6);
    expect(mcNemarExact(0, 2000)).toBe(0);
  });
});

describe('a mean', () => {
  it('has the interval of the normal distribution', () => {
    // s = 2.138, 1.96 s / sqrt(8) = 1.4816
    const estimate = meanInterval([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(estimate?.mean).toBe(5);
    expect(estimate?.low).toBeCloseTo(3.5184, 4);
    expect(estimate?.high).toBeCloseTo(6.4816, 4);
  });

  it('of one value is that value, and of none nothing', () => {
    expect(meanInterval([3])).toEqual({ mean: 3, low: 3, high: 3 });
    expect(meanInterval([])).toBeNull();
  });
});
