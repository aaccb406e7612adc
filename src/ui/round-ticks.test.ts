import { expect, test } from 'vitest';
import { roundTicks } from './round-ticks.ts';

test.each([
  [
    [12.7, 3],
    [0, 5, 10, 15],
  ],
  [[0.3], [0, 0.1, 0.2, 0.3]],
  [[592], [0, 200, 400, 600]],
  [[], [0, 0.0005, 0.001]],
])('%j has the ticks %j', (values, ticks) => {
  expect(roundTicks(values)).toEqual(ticks);
});
