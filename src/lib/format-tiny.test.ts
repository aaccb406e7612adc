import { expect, test } from 'vitest';
import { formatTiny } from './format-tiny.ts';

test.each([
  [0, '0'],
  [3.4e-5, '3e\u22125'],
  [0.00094, '9e\u22124'],
  [0.042, '0.042'],
  [0.0999, '0.10'],
  [4.2, '4.20'],
])('a small number by its size: %d is %s', (value, text) => {
  expect(formatTiny(value)).toBe(text);
});
