import { expect, test } from 'vitest';
import { barsPath, labelsApart, marginsPath, placeOf, strokesPath, xOf } from './lane-paths.ts';

const scale = { range: { from: 10, to: 20 }, left: 50, width: 100 };

test('places and pixels are two ways to say the same', () => {
  expect(xOf(scale, 15)).toBe(100);
  expect(placeOf(scale, xOf(scale, 12.5))).toBeCloseTo(12.5);
});

test('bars are cut at the edges, and those that touch are one', () => {
  const spans = [
    { from: 0, to: 5 },
    { from: 8, to: 11 },
    { from: 12, to: 13 },
    { from: 13, to: 14 },
    { from: 19, to: 30 },
  ];
  expect(barsPath(spans, scale, 4, 8)).toBe('M50.0 4H60.0v8H50.0zM70.0 4H90.0v8H70.0zM140.0 4H150.0v8H140.0z');
});

test('five thousand alternating steps make a path that the screen can tell apart', () => {
  const wide = { range: { from: 0, to: 10_000 }, left: 0, width: 800 };
  const spans = Array.from({ length: 5000 }, (_, index) => ({ from: 2 * index, to: 2 * index + 1 }));
  expect(barsPath(spans, wide, 0, 1)).toBe('M0.0 0H800.0v1H0.0z');
  const strokes = strokesPath(
    spans.map(({ from }) => from),
    wide,
    0,
    1,
  );
  expect(strokes.split('M').length - 1).toBeLessThanOrEqual(1601);
});

test('a margin goes up from its base when it is positive, and the longest of a pixel is drawn', () => {
  const scaled = { base: 30, reach: 20, half: 4 };
  expect(
    marginsPath(
      [
        { place: 11, value: 2 },
        { place: 15, value: -1 },
        { place: 15.01, value: -8 },
        { place: 18, value: 0.001 },
        { place: 40, value: 1 },
      ],
      scale,
      scaled,
    ),
  ).toBe('M60 30v-10.0M100 30v20.0M130 30v-2.0');
});

test('labels that would run into others, into marks or out of the picture are left away', () => {
  const labels = [
    { x: 90, text: 'Enter' },
    { x: 10, text: 'remark' },
    { x: 70, text: 'edit' },
    { x: 180, text: 'turn 2' },
    { x: 140, text: 'edit' },
  ];
  expect(labelsApart(labels, [5, 86, 150], 6, 200).map(({ text }) => text)).toEqual(['Enter', 'remark']);
  expect(labelsApart(labels, [], 6, 230)).toHaveLength(4);
});
