import { expect, test } from 'vitest';
import { keyAction } from './timeline-keys.ts';

const press = (key: string, chosen: number | null, shiftKey = false) => keyAction({ key, shiftKey }, chosen, 40, 10);
const chosenBy = (key: string, chosen: number | null): unknown => press(key, chosen);

test.each([
  ['ArrowLeft', null, 38],
  ['ArrowLeft', 0, 0],
  ['ArrowRight', 12, 13],
  ['ArrowRight', 39, null],
  ['ArrowRight', null, null],
  ['PageUp', 25, 15],
  ['PageUp', 4, 0],
  ['PageDown', 25, 35],
  ['PageDown', 35, null],
  ['Home', 25, 0],
  ['End', 25, null],
  ['Escape', 25, null],
])('%s at step %s chooses %s', (key, chosen, step) => {
  expect(chosenBy(key, chosen)).toEqual({ kind: 'choose', step });
});

test('plus, minus and nought zoom, shift and arrows pan, other keys are left to the page', () => {
  expect(press('+', 3)).toEqual({ kind: 'zoom', factor: 0.5 });
  expect(press('-', 3)).toEqual({ kind: 'zoom', factor: 2 });
  expect(press('0', 3)).toEqual({ kind: 'fit' });
  expect(press('ArrowLeft', 3, true)).toEqual({ kind: 'pan', share: -0.25 });
  expect(press('a', 3)).toBeUndefined();
  expect(press('Tab', 3)).toBeUndefined();
});
