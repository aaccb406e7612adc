import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseRational } from '@/lib/rational.ts';
import { timeGrowth } from '@/testing/time-growth.ts';
import { boxedAnswer } from './boxed-answer.ts';
import { equalFormulas, equalNumbers } from './equal-answers.ts';
import { numberAnswer } from './number-answer.ts';

describe('a box', () => {
  test.each([
    ['So \\boxed{42}.', '42'],
    ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}'],
    ['First \\boxed{1}, then \\boxed{2}.', '2'],
    ['\\boxed{\\boxed{7}}', '7'],
    ['\\boxed{ x^{2} + \\sqrt{3} }', 'x^{2} + \\sqrt{3}'],
    ['\\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
    ['\\fbox{9}', '9'],
    ['\\boxed 5', '5'],
    ['\\boxed 3/4.', '3/4'],
    ['\\boxed {6}', '6'],
    ['$$\\boxed{\n-12\n}$$', '-12'],
    ['\\boxed{1} and the unfinished \\boxed{2', '1'],
    ['a stray { and \\boxed{4}', '4'],
    ['a stray } and \\boxed{4}', '4'],
    ['\\boxed{}', null],
    ['\\boxed{1', null],
    ['no box, but boxed{5}', null],
    ['', null],
  ])('%j holds %j', (text, expected) => {
    expect(boxedAnswer(text)).toBe(expected);
  });
});

describe('the number of an answer', () => {
  test.each([
    ['The answer is 42.', '42'],
    ['= 42.', '42'],
    ['3 + 4 = 7', '7'],
    ['It is -5.', '-5'],
    ['It is −5.', '-5'],
    ['It is –5 degrees', '-5'],
    ['x=-3', '-3'],
    ['x = - 3', '-3'],
    ['(-8)', '-8'],
    ['**-8**', '-8'],
    ['negative 6', '-6'],
    ['10-3', '3'],
    ['10 - 3', '3'],
    ['pages 10-12', '12'],
    ['10 minus 4', '4'],
    ['-$12.50', '-12.50'],
    ['$-12', '-12'],
    ['It costs $1,234,567.89.', '1234567.89'],
    ['1,2345', '2345'],
    ['1\u202F234\u202F567', '1234567'],
    ['$1{,}234$', '1234'],
    ['$1\\,234$', '1234'],
    ['$12,\\!345$', '12345'],
    ['0.5', '0.5'],
    ['.75 of it', '.75'],
    ['3.', '3'],
    ['3/4', '3/4'],
    ['3 / 4', '3/4'],
    ['-3/4', '-3/4'],
    ['1 3/4 cups', '1 3/4'],
    ['1/2/3', '3'],
    ['\\frac{3}{4}', '3/4'],
    ['-\\frac{3}{4}', '-3/4'],
    ['\\frac{-3}{4}', '-3/4'],
    ['$\\dfrac34$', '3/4'],
    ['1\\frac{1}{2}', '1 1/2'],
    ['\\tfrac{1,000}{3}', '1000/3'],
    ['5/0 is not defined', null],
    ['50%', '50%'],
    ['50 %', '50%'],
    ['12.5 percent', '12.5%'],
    ['$25\\%$', '25%'],
    ['1.5e3', '1.5e3'],
    ['1.2 \\times 10^{5}', '1.2e5'],
    ['3 × 10^-2', '3e-2'],
    ['$2^{10}$', '1024'],
    ['2^-2', '1/4'],
    ['12 cm^2', '12'],
    ['12\\text{ cm}^{2}', '12'],
    ['24 km/h', '24'],
    ['7 apples and CO2', '7'],
    ['with x1 it is 9', '9'],
    ['x_1 = 4, y_2', '4'],
    ['3\\sqrt{2}', '3'],
    ['\\approx5', '5'],
    ['the 3rd', '3'],
    ['答案是42', '42'],
    ['#### 18', '18'],
    ['#### 18\nI checked it 3 times.', '18'],
    ['\\boxed{18} after 3 steps', '18'],
    ['\\boxed{x} then 5', '5'],
    ['\\boxed{x = -4}', '-4'],
    ['**Answer: 1,000**', '1000'],
    ['"6"', '6'],
    ['forty-two', null],
    ['', null],
    ['...', null],
    ['-', null],
  ])('%j is %j', (text, expected) => {
    expect(numberAnswer(text)).toBe(expected);
  });
});

describe('equal numbers', () => {
  test.each([
    ['42', '42', true],
    ['42.0', '42', true],
    ['0.5', '1/2', true],
    ['6/8', '3/4', true],
    ['1 3/4', '1.75', true],
    ['0.1', '1/10', true],
    ['0.333', '1/3', false],
    ['1.5e3', '1500', true],
    ['50%', '50', true],
    ['50%', '0.5', true],
    ['50%', '5', false],
    ['50%', '0.5%', false],
    ['-3', '3', false],
    ['9007199254740993', '9007199254740992', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(equalNumbers(a, b)).toBe(expected);
    expect(equalNumbers(b, a)).toBe(expected);
  });
});

describe('equal formulas', () => {
  test.each([
    ['\\frac{3}{2}', '\\dfrac{3}{2}', true],
    ['\\frac32', '\\frac{3}{2}', true],
    ['1.5', '\\frac{3}{2}', true],
    ['3/2', '\\frac{3}{2}', true],
    ['\\left( 3, \\frac{\\pi}{2} \\right)', '(3,\\frac{\\pi}{2})', true],
    ['x = 5', '5', true],
    ['5 \\text{ cm}', '5', true],
    ['12 square units', '12', true],
    ['90^\\circ', '90', true],
    ['\\$18.90', '18.90', true],
    ['10\\%', '10', true],
    ['1,234', '1234', true],
    ['1{,}234', '1234', true],
    ['\\text{Evelyn}', 'Evelyn', true],
    ['\\text{(C)}', '(C)', true],
    ['x^2+2x+1', 'x^{2}+2x+1', true],
    ['x^2+2x+1', '(x+1)^2', false],
    ['2\\sqrt3', '2\\sqrt{3}', true],
    ['2x', '2', false],
    ['2 \\pi', '2', false],
    ['(1,2)', '(3,2)', false],
    ['1,2', '3,2', false],
    ['-\\frac{1}{2}', '\\frac{1}{2}', false],
    ['1.2 \\times 10^{5}', '120000', true],
    ['2^{5}', '32', true],
    ['x \\in [1,2]', '[1,2]', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(equalFormulas(a, b)).toBe(expected);
    expect(equalFormulas(b, a)).toBe(expected);
  });
});

describe('whatever the text', () => {
  const piece = fc.constantFrom(
    '1',
    '9',
    '.',
    ',',
    '/',
    '-',
    '%',
    ' ',
    '\\frac',
    '{',
    '}',
    '\\boxed',
    '^',
    'e',
    '=',
    '×',
    '\\,',
    'x',
    '$',
    '\n',
  );
  const text = fc.oneof(fc.string({ unit: piece, maxLength: 60 }), fc.string({ unit: 'binary' }));

  it('nothing is thrown, and what is read is a number', () => {
    fc.assert(
      fc.property(text, text, (given, other) => {
        const read = numberAnswer(given);
        if (read !== null) expect(parseRational(read.replace(/%$/, ''))).toBeDefined();
        boxedAnswer(given);
        expect(equalFormulas(given, given)).toBe(true);
        expect(equalFormulas(given, other)).toBe(equalFormulas(other, given));
      }),
      { numRuns: 1000 },
    );
  }, 30_000);

  it('a number is found again in a sentence, with its sign', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom('The answer is N.', 'x = N', '$N$', '\\boxed{N}', '#### N'),
        (value, sentence) => {
          const grouped = value.toLocaleString('en-US');
          expect(numberAnswer(sentence.replace('N', String(value)))).toBe(String(value));
          expect(numberAnswer(sentence.replace('N', grouped))).toBe(String(value));
        },
      ),
    );
  });

  test.each([
    '9',
    '9,',
    '9,999',
    '1/',
    '1 1/',
    '9.',
    '\\boxed{',
    '\\frac{1}',
    '\\frac ',
    '}',
    '-',
    '1e',
    '10^',
    '9 ',
    '1\u202F',
    '{,}000',
    '\\!',
    '$',
  ])(
    'long runs of %j take time in proportion',
    (unit) => {
      expect(timeGrowth(numberAnswer, unit, 4000)).toBeLessThan(24);
      expect(timeGrowth(boxedAnswer, unit, 4000)).toBeLessThan(24);
    },
    30_000,
  );
});
