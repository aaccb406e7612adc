import { expect, test } from 'vitest';
import { panned, rangeOf, roomyEnd, showing, ticksIn, WHOLE_RUN, zoomed, type Extent } from './viewport.ts';

const extent: Extent = { end: 80, full: 100, least: 10 };

test('all is shown up to the end of the axis', () => {
  expect(rangeOf(WHOLE_RUN, extent)).toEqual({ from: 0, to: 100 });
});

test('zooming keeps the place under the pointer, and zooming out ends with all', () => {
  const near = zoomed(WHOLE_RUN, extent, 0.5, 20);
  expect(rangeOf(near, extent)).toEqual({ from: 10, to: 60 });
  const nearer = zoomed(near, extent, 0.5, 20);
  expect(rangeOf(nearer, extent)).toEqual({ from: 15, to: 40 });
  expect(zoomed(nearer, extent, 10, 20)).toEqual(WHOLE_RUN);
  expect(rangeOf(zoomed(nearer, extent, 0.001, 20), extent)).toEqual({ from: 18, to: 28 });
});

test('a part that reaches the newest step moves with it; panning away holds it', () => {
  const newest = zoomed(WHOLE_RUN, extent, 0.2, 100);
  expect(rangeOf(newest, extent)).toEqual({ from: 60, to: 80 });
  expect(rangeOf(newest, { ...extent, end: 95 })).toEqual({ from: 75, to: 95 });
  const held = panned(newest, extent, -30);
  expect(rangeOf(held, extent)).toEqual({ from: 30, to: 50 });
  expect(rangeOf(held, { ...extent, end: 95 })).toEqual({ from: 30, to: 50 });
  expect(rangeOf(panned(held, extent, -100), extent)).toEqual({ from: 0, to: 20 });
  expect(panned(held, extent, 100)).toEqual({ span: 20, from: null });
});

test('while the part is wider than what there is, it begins at the beginning', () => {
  expect(rangeOf({ span: 50, from: null }, { end: 20, full: 60, least: 10 })).toEqual({ from: 0, to: 50 });
});

test('a chosen place outside comes into view, one inside moves nothing', () => {
  const held = { span: 20, from: 30 };
  expect(showing(held, extent, 40)).toBe(held);
  expect(rangeOf(showing(held, extent, 10), extent)).toEqual({ from: 9, to: 29 });
  expect(rangeOf(showing(held, extent, 60), extent)).toEqual({ from: 41, to: 61 });
});

test('the axis of a growing run has room, at most half as much again', () => {
  expect([0, 60, 61, 100, 101, 151, 4100, 5000, 8001].map((value) => roomyEnd(value, 60))).toEqual([
    60, 60, 80, 100, 150, 200, 6000, 6000, 10_000,
  ]);
});

test('ticks are round, and no more than asked for', () => {
  expect(ticksIn({ from: 0, to: 60 }, 6)).toEqual([0, 10, 20, 30, 40, 50, 60]);
  expect(ticksIn({ from: 13, to: 29 }, 8)).toEqual([14, 16, 18, 20, 22, 24, 26, 28]);
  expect(ticksIn({ from: 0, to: 6000 }, 8)).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000]);
  expect(ticksIn({ from: 3, to: 6 }, 8)).toEqual([3, 4, 5, 6]);
});
