import { expect, test } from 'vitest';
import { barsPath, stepAt, stepsOnAxis } from './lane-path.ts';

test.each([
  [0, 60],
  [60, 60],
  [61, 120],
  [500, 960],
])('%d steps are drawn on an axis of %d', (numSteps, shown) => expect(stepsOnAxis(numSteps)).toBe(shown));

test('consecutive steps become one bar, a gap begins the next', () => {
  expect(barsPath([0, 1, 2, 6], 60)).toBe('M0.000 6h5.000v8h-5.000zM10.000 6h1.667v8h-1.667z');
  expect(barsPath([], 60)).toBe('');
});

test('a position picks the step under it, inside the run', () => {
  expect(stepAt(0.5, 60, 60)).toBe(30);
  expect(stepAt(0.99, 60, 10)).toBe(9);
  expect(stepAt(-0.2, 60, 10)).toBe(0);
});
