import { expect, test } from 'vitest';
import { axisFor, outcomeOf, probeLimits, scaleFor } from './probe-decision.ts';

const rule = { yesBias: 1.4, marginThreshold: 0.5, hysteresis: 0.2 };

test('the hysteresis widens the threshold to a band', () => {
  expect(probeLimits(rule)).toEqual({ stop: 0.3, start: 0.7 });
});

test.each([
  [-0.6, 'yes'],
  [-0.9, 'between'],
  [-1.2, 'no'],
])('a margin of %d decides %s', (margin, outcome) => expect(outcomeOf(margin, rule)).toBe(outcome));

test('without hysteresis nothing lies between, and the limit itself is a no', () => {
  const plain = { yesBias: 0, marginThreshold: 0, hysteresis: 0 };
  expect([0, 0.01, -0.01].map((margin) => outcomeOf(margin, plain))).toEqual(['no', 'yes', 'no']);
});

test('scales hold what they show', () => {
  expect(scaleFor([])).toBe(4);
  expect(scaleFor([-1, 4.1])).toBe(8);
  expect(axisFor([1])).toEqual({ low: 0, high: 2 });
  const { low, high } = axisFor([-10, 10]);
  expect([low, high]).toEqual([-13, 13]);
});
