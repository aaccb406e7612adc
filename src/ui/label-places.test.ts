import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelPlaces } from './label-places.ts';

const WIDTH = 600;
const HEIGHT = 300;

describe('labelPlaces', () => {
  test('a lone point has its name to the right', () => {
    expect(labelPlaces([{ x: 100, y: 100, name: 'Alone' }], WIDTH, HEIGHT)).toEqual([
      { x: 109, y: 95, anchor: 'start' },
    ]);
  });

  test('at the right edge it stands to the left', () => {
    expect(labelPlaces([{ x: 590, y: 100, name: 'At the edge' }], WIDTH, HEIGHT)[0]?.anchor).toBe('end');
  });

  test('names of points at one place do not cover each other', () => {
    const points = ['First', 'Second', 'Third'].map((name) => ({ x: 300, y: 150, name }));
    const places = labelPlaces(points, WIDTH, HEIGHT);
    expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
  });

  test('every point has a place, wherever the points are', () => {
    const place = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const point = fc.record({ x: place, y: place, name: fc.string() });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 8 }), (points) => {
        expect(labelPlaces(points, WIDTH, HEIGHT)).toHaveLength(points.length);
      }),
    );
  });
});
