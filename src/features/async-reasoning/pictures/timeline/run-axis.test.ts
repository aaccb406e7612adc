import { expect, test } from 'vitest';
import { runAxis } from './run-axis.ts';

const cell = (step: number, elapsedMs: number) => ({ step, elapsedMs, thinker: 'a', writer: null });
const steps = [cell(0, 100), cell(1, 200), cell(2, 900), cell(3, 1000)];
const waits = [{ step: 2, reason: 'paused', fromMs: 250, toMs: 850 }] as const;

test('on the axis of steps every step is as wide as the others', () => {
  const axis = runAxis('steps', steps, waits, false, 1000);
  expect(axis.extent).toEqual({ end: 4, full: 10, least: 10 });
  expect([axis.startOf(2), axis.endOf(2)]).toEqual([2, 3]);
  expect([-5, 0, 2.99, 3, 80].map(axis.stepAt)).toEqual([0, 0, 2, 3, 3]);
  expect(axis.spansOf({ from: 1, to: 3 })).toEqual([{ from: 1, to: 4 }]);
  expect(runAxis('steps', steps, waits, true, 1000).extent.full).toBe(60);
});

test('on the axis of time a step begins where the one before or its wait has ended', () => {
  const axis = runAxis('time', steps, waits, false, 1200);
  expect(axis.extent).toMatchObject({ end: 1200, full: 1200 });
  expect([0, 1, 2, 3].map((step) => [axis.startOf(step), axis.endOf(step)])).toEqual([
    [0, 100],
    [100, 200],
    [850, 900],
    [900, 1000],
  ]);
  expect([0, 100, 101, 500, 901, 5000].map(axis.stepAt)).toEqual([0, 0, 1, 2, 3, 3]);
});

test('a wait breaks a run of steps in two', () => {
  const axis = runAxis('time', steps, waits, false, 1000);
  expect(axis.spansOf({ from: 0, to: 3 })).toEqual([
    { from: 0, to: 200 },
    { from: 850, to: 1000 },
  ]);
  expect(axis.spansOf({ from: 2, to: 3 })).toEqual([{ from: 850, to: 1000 }]);
});

test('without steps there is none to point at', () => {
  expect(runAxis('steps', [], [], true, 0).stepAt(3)).toBe(-1);
  expect(runAxis('time', [], [], true, 0).stepAt(3)).toBe(-1);
});
