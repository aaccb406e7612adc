import { expect, test } from 'vitest';
import {
  formatFlops,
  formatBytes,
  formatDuration,
  formatMicroseconds,
  formatRate,
  formatSeconds,
  formatSigned,
  formatToken,
} from './format.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [98_362_432, '98.4 MB'],
  [999_949_000, '1.0 GB'],
  [212_000_000, '212 MB'],
  [4_294_967_296, '4.3 GB'],
])('%d bytes read %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [-1, '0 s'],
  [0.2, '1 s'],
  [59, '59 s'],
  [80, '1 min 20 s'],
  [7500, '2 h 5 min'],
])('%d seconds read %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test.each([
  [0.4, '+0.40'],
  [-1.25, '\u22121.25'],
  [-0.001, '0.00'],
])('%d reads %s', (value, text) => expect(formatSigned(value)).toBe(text));

test('rates, seconds and tokens', () => {
  expect(formatRate(9.84)).toBe('9.8');
  expect(formatRate(141.2)).toBe('141');
  expect(formatMicroseconds(41.23)).toBe('41.2 µs');
  expect(formatMicroseconds(1768)).toBe('1.77 ms');
  expect(formatSeconds(3140)).toBe('3.1');
  expect(formatToken('a\n\n')).toBe('a\u21B5\u21B5');
});

test('operations by thousands', () => {
  expect([0, 512, 1500, 2.69e8, 3.14e12, 4.5e14, 2e22].map(formatFlops)).toEqual([
    '0 FLOP',
    '512 FLOP',
    '1.5 kFLOP',
    '269 MFLOP',
    '3.1 TFLOP',
    '450 TFLOP',
    '20000 EFLOP',
  ]);
});
