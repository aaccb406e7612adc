import { expect, test } from 'vitest';
import { barsPath, stepAt, stepsOnAxis, strokesPath } from './lane-path.ts';

test.each([
  [0, 60],
  [60, 60],
  [61, 120],
  [500, 960],
])('%d steps are drawn on an axis of %d', (numSteps, shown) => expect(stepsOnAxis(numSteps)).toBe(shown));

test('a span becomes one bar, however many steps it holds', () => {
  const spans = [
    { from: 0, to: 2 },
    { from: 6, to: 6 },
  ];
  expect(barsPath(spans, 60)).toBe('M0.000 6h5.000v8h-5.000zM10.000 6h1.667v8h-1.667z');
  expect(barsPath([], 60)).toBe('');
});

test('strokes stand in the middle of their columns', () => {
  expect(strokesPath([0, 30], 60, 1, 10)).toBe('M0.833 1V10M50.833 1V10');
});

test('a position picks the step under it, inside the run', () => {
  expect(stepAt(0.5, 60, 60)).toBe(30);
  expect(stepAt(0.99, 60, 10)).toBe(9);
  expect(stepAt(-0.2, 60, 10)).toBe(0);
});
