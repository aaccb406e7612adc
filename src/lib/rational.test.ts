import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { equalRationals, formatRational, parseRational, rational } from './rational.ts';

describe('reading a number', () => {
  test.each([
    ['12', '12'],
    ['-12', '-12'],
    ['+7', '7'],
    ['007', '7'],
    ['3.50', '7/2'],
    ['-0.125', '-1/8'],
    ['.5', '1/2'],
    ['5.', '5'],
    ['1.2e3', '1200'],
    ['1.2E-3', '3/2500'],
    ['6/8', '3/4'],
    ['-6/8', '-3/4'],
    ['1.5/2', '3/4'],
    ['1 3/4', '7/4'],
    ['-1 3/4', '-7/4'],
    ['0', '0'],
    ['-0', '0'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
  ])('%s is %s', (text, expected) => {
    const value = parseRational(text);
    expect(value === undefined ? undefined : formatRational(value)).toBe(expected);
  });

  test.each([
    '',
    '-',
    '.',
    '1.2.3',
    '1,000',
    '1/0',
    '1 2/0',
    '1/2/3',
    '--1',
    ' 1',
    '1 ',
    'e5',
    'abc',
    '1e9999',
    '0x10',
  ])('%j is none', (text) => {
    expect(parseRational(text)).toBeUndefined();
  });

  it('leaves out what is too long to reckon with', () => {
    expect(parseRational('9'.repeat(400))).toBeDefined();
    expect(parseRational('9'.repeat(401))).toBeUndefined();
  });
});

describe('fractions', () => {
  it('are exact where floating point is not', () => {
    const sum = parseRational('0.3');
    expect(sum).toEqual(rational(3n, 10n));
    expect(equalRationals(rational(1n, 3n), parseRational('0.3333333333') ?? rational(0n))).toBe(false);
  });

  it('have one form, and are read back from it', () => {
    fc.assert(
      fc.property(fc.bigInt(-10_000n, 10_000n), fc.bigInt(1n, 10_000n), fc.bigInt(1n, 50n), (a, b, factor) => {
        const value = rational(a, b);
        expect(rational(a * factor, b * factor)).toEqual(value);
        expect(rational(-a, -b)).toEqual(value);
        expect(value.denominator > 0n).toBe(true);
        expect(value.numerator * b).toBe(a * value.denominator);
        expect(parseRational(formatRational(value))).toEqual(value);
      }),
    );
  });

  it('never throw on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseRational(text);
      }),
    );
    expect(() => rational(1n, 0n)).toThrow(RangeError);
  });
});
