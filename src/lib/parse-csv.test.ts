import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { timeGrowth } from '@/testing/time-growth.ts';
import { parseCsv } from './parse-csv.ts';

const fieldsOf = (text: string, delimiter?: string): unknown => parseCsv(text, delimiter).map(({ fields }) => fields);

describe('rows and fields', () => {
  test.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r1,2\r',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      '\uFEFFa,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a,b",c', [['a,b', 'c']]],
    ['"say ""no""",c', [['say "no"', 'c']]],
    [
      '"one\ntwo",c\n3,4',
      [
        ['one\ntwo', 'c'],
        ['3', '4'],
      ],
    ],
    ['"one\r\ntwo",c', [['one\r\ntwo', 'c']]],
    ['"","a"', [['', 'a']]],
    [',\n', [['', '']]],
    ['a,', [['a', '']]],
    ['\n\na\n\n\nb\n\n', [['a'], ['b']]],
    ['"a" ,b', [['a', 'b']]],
    ['a "quoted" word,b', [['a "quoted" word', 'b']]],
    ['""""', [['"']]],
    ['', []],
    ['\uFEFF', []],
    ['  x  ', [['  x  ']]],
  ])('%j', (text, expected) => {
    const rows = parseCsv(text);
    expect(rows.map(({ fields }) => fields)).toEqual(expected);
    expect(rows.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  test.each([';', '\t', '|'])('are cut at %j', (delimiter) => {
    expect(fieldsOf(`a${delimiter}"b${delimiter}c"\n1,5${delimiter}2`, delimiter)).toEqual([
      ['a', `b${delimiter}c`],
      ['1,5', '2'],
    ]);
  });

  it('know their lines, also behind fields of several', () => {
    const rows = parseCsv('h\r\n\r\n"a\r\nb\nc"\nlast');
    expect(rows.map(({ line, fields }) => [line, fields[0]])).toEqual([
      [1, 'h'],
      [3, 'a\r\nb\nc'],
      [6, 'last'],
    ]);
  });
});

describe('damage', () => {
  it('is told where it begins, and the next row is whole again', () => {
    expect(parseCsv('a,b\n"x"y,2\n3,4')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['x', '2'], fault: 'There is text behind a closing quote.' },
      { line: 3, fields: ['3', '4'] },
    ]);
    expect(parseCsv('a\n"open,2\n3')).toEqual([
      { line: 1, fields: ['a'] },
      { line: 2, fields: ['open,2\n3'], fault: 'A quoted field is never closed.' },
    ]);
  });

  it('never throws, and takes no longer than the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', '\uFEFF', '😀') }), (text) => {
        for (const { line, fields } of parseCsv(text)) {
          expect(line).toBeGreaterThan(0);
          expect(fields.length).toBeGreaterThan(0);
        }
      }),
    );
    for (const piece of ['"', '""', ',', '"a"b', '"\n']) expect(timeGrowth(parseCsv, piece, 20_000)).toBeLessThan(24);
  }, 30_000);
});

describe('what was written', () => {
  const field = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', 'ä', 'x', ' ') });

  it('is read back, quoted or not', () => {
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 }), (rows) => {
        const kept = rows.filter((row) => row.length > 1 || row[0] !== '');
        const text = kept.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        expect(fieldsOf(text)).toEqual(kept);
      }),
    );
  });
});
