import { expect, test } from 'vitest';
import { timeGrowth } from './time-growth.ts';

test('tells time that grows with the square from time in proportion', () => {
  const trailingSpaces = /\s+$/;
  expect(timeGrowth((text) => trailingSpaces.test(`${text}.`), ' ', 4000)).toBeGreaterThan(24);
  expect(timeGrowth((text) => text.replaceAll(/\s/g, '.'), ' ', 40_000)).toBeLessThan(24);
}, 30_000);
