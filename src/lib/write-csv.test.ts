import { describe, expect, test } from 'vitest';
import { csvText } from './write-csv.ts';

describe('csvText', () => {
  test('quotes only what needs it', () => {
    expect(csvText([['a', 'b, c', 'd "e"', 'f\ng', '']])).toBe('a,"b, c","d ""e""","f\ng",\r\n');
  });

  test('writes numbers, switches and what is missing', () => {
    expect(csvText([[1.5, -2, true, null], []])).toBe('1.5,-2,true,\r\n\r\n');
  });

  test.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '\uFF1D1'])(
    'keeps a spreadsheet from running %j',
    (text) => {
      expect(csvText([[text]]).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  test.each(['-5', '+3.25', '-1,234.5', 'x = 1'])('leaves %j as it is', (text) => {
    expect(csvText([[text]])).toContain(text);
    expect(csvText([[text]])).not.toContain("'");
  });
});
