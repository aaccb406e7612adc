import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

test('cells with commas, quotes and line ends are quoted, numbers stay numbers', () => {
  expect(
    toCsv(
      ['a', 'b, c'],
      [
        ['say "no"', -1.5],
        ['two\nlines', 0],
      ],
    ),
  ).toBe('a,"b, c"\r\n"say ""no""",-1.5\r\n"two\nlines",0\r\n');
});

test('a text that a spreadsheet would compute stays a text', () => {
  expect(toCsv(['token'], [['=1+1'], ['-'], [' the']])).toBe("token\r\n'=1+1\r\n'-\r\n the\r\n");
});
