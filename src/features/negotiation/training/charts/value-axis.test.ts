import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOn, spreadOut, stepTicks, valueAxis } from './value-axis.ts';

const AUTO = { range: null, isLog: false };

test('an axis holds all values, at round ticks', () => {
  expect(valueAxis([0.2, 3.9], AUTO).ticks).toEqual([0, 1, 2, 3, 4]);
  expect(valueAxis([0.02, 0.11], AUTO).ticks).toEqual([0, 0.05, 0.1, 0.15]);
  expect(valueAxis([-0.4, 0.3], AUTO).ticks).toEqual([-0.4, -0.2, 0, 0.2, 0.4]);
  expect(valueAxis([8, 9], AUTO).ticks).toEqual([8, 8.2, 8.4, 8.6, 8.8, 9]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const { domain, ticks } = valueAxis(values, AUTO);
      const slack = 1e-12 + 1e-6 * Math.max(...values.map(Math.abs));
      expect(domain[0]).toBeLessThanOrEqual(Math.min(...values) + slack);
      expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values) - slack);
      expect(domain[1]).toBeGreaterThan(domain[0]);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(8);
    }),
  );
});

test('a fixed range stays unless a value is outside', () => {
  expect(valueAxis([1, 2], { range: [0, 5], isLog: false }).domain).toEqual([0, 5]);
  expect(valueAxis([], { range: [0, 5], isLog: false }).domain).toEqual([0, 5]);
  expect(valueAxis([6], { range: [0, 5], isLog: false }).domain[1]).toBeGreaterThan(6);
  expect(valueAxis([0, 0], AUTO).domain).toEqual([0, 1]);
  // A running average of shares that are all 1.
  expect(valueAxis([1, 1 + 4e-16], { range: [0, 1], isLog: false }).ticks.at(-1)).toBe(1);
});

test('a logarithmic axis ends at round values near to its own, and has not too many ticks', () => {
  const axisOf = (...values: number[]) => valueAxis(values, { range: null, isLog: true });
  expect(axisOf(2e-6, 3e-5).ticks).toEqual([2e-6, 5e-6, 1e-5, 2e-5, 5e-5]);
  expect(axisOf(0.82, 1.45).domain).toEqual([0.5, 2]);
  expect(axisOf(1, 1).domain).toEqual([1, 2]);
  expect(placeOn(axisOf(1, 100), 10)).toBeCloseTo(0.5);
  fc.assert(
    fc.property(
      fc.double({ min: -11, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 9, noNaN: true }),
      (from, span) => {
        const [low, high] = [10 ** from, 10 ** (from + span)];
        const { domain, ticks } = axisOf(low, high);
        expect(domain[0]).toBeLessThanOrEqual(low * (1 + 1e-6));
        expect(domain[1]).toBeGreaterThanOrEqual(high * (1 - 1e-6));
        expect(domain[1]).toBeGreaterThan(domain[0]);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
      },
    ),
  );
});

test('ticks of steps are whole, within the range, and begin with its first', () => {
  expect(stepTicks({ first: 1, last: 1 })).toEqual([1]);
  expect(stepTicks({ first: 1, last: 3 })).toEqual([1, 2, 3]);
  expect(stepTicks({ first: 1, last: 40 })).toEqual([1, 10, 20, 30, 40]);
  expect(stepTicks({ first: 1, last: 2000 })).toEqual([1, 500, 1000, 1500, 2000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e5 }), fc.integer({ min: 0, max: 1e5 }), (first, span) => {
      const ticks = stepTicks({ first, last: first + span });
      expect(ticks[0]).toBe(first);
      expect(ticks.every((tick) => Number.isInteger(tick) && tick >= first && tick <= first + span)).toBe(true);
      expect(new Set(ticks).size).toBe(ticks.length);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }),
  );
});

test('labels keep their order and their distance, and stay inside', () => {
  expect(spreadOut([10, 50], { from: 0, to: 100, gap: 10 })).toEqual([10, 50]);
  expect(spreadOut([50, 52, 51], { from: 0, to: 100, gap: 10 })).toEqual([50, 70, 60]);
  expect(spreadOut([99, 98], { from: 0, to: 100, gap: 10 })).toEqual([100, 90]);
});
