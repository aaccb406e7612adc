import { expect, test } from 'vitest';
import { growingEnd, tickText, timeAxis } from './time-axis.ts';

test('ticks are round, few, and reach the end', () => {
  expect(timeAxis(0, 21_300, 8)).toEqual({
    fromMs: 0,
    toMs: 25_000,
    ticksMs: [0, 5000, 10_000, 15_000, 20_000, 25_000],
  });
  expect(timeAxis(0, 3_000_000, 6).ticksMs.length).toBeLessThanOrEqual(8);
});

test('time before Enter begins where it begins, with ticks at round times', () => {
  const { fromMs, ticksMs } = timeAxis(-6200, 9000, 8);
  expect(fromMs).toBe(-6200);
  expect(ticksMs).toEqual([-6000, -4000, -2000, 0, 2000, 4000, 6000, 8000, 10_000]);
});

test('an empty axis still has a length', () => {
  const { fromMs, toMs } = timeAxis(0, 0, 8);
  expect(toMs).toBeGreaterThan(fromMs);
});

test('a growing axis jumps seldom', () => {
  expect([0, 900, 1001, 4000, 5001, 12_000, 60_000].map(growingEnd)).toEqual([
    1000, 1000, 2000, 5000, 10_000, 20_000, 100_000,
  ]);
});

test('ticks read as seconds', () => {
  expect([-6000, 0, 200, 25_000].map(tickText)).toEqual(['\u22126', '0', '0.2', '25']);
});
