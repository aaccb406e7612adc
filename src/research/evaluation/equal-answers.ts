/** When two answers say the same. */
import { equalRationals, parseRational, rational, type Rational } from '@/lib/rational.ts';
import { numberAnswer } from './number-answer.ts';

/**
 * Numbers are compared as exact fractions. If one of them is percent and the other is not, both readings are let pass: 50 %
 * equals 50 and 0.5.
 */
export function equalNumbers(given: string, expected: string): boolean {
  const [a, b] = [readNumber(given), readNumber(expected)];
  if (a === undefined || b === undefined) return given.trim() === expected.trim();
  if (equalRationals(a.value, b.value)) return true;
  return a.isPercent !== b.isPercent && equalRationals(scaled(a), scaled(b));
}

interface NumberAnswer {
  readonly value: Rational;
  readonly isPercent: boolean;
}

function readNumber(text: string): NumberAnswer | undefined {
  const plain = text.trim();
  const value = parseRational(plain.replace(/\s?%$/, ''));
  return value === undefined ? undefined : { value, isPercent: plain.endsWith('%') };
}

function scaled({ value, isPercent }: NumberAnswer): Rational {
  return isPercent ? rational(value.numerator, value.denominator * 100n) : value;
}

/** What changes the look of a formula and not its meaning. */
const FORMULA_REWRITES: readonly (readonly [RegExp, string])[] = [
  [/\\(?:left|right|displaystyle)(?![A-Za-z])/g, ''],
  [/\\[!,;: ]|~|\\quad(?![A-Za-z])/g, ''],
  [/\\[dtc]frac/g, '\\frac'],
  [/\\frac\s*([\da-zA-Z])\s*([\da-zA-Z])/g, '\\frac{$1}{$2}'],
  [/\\sqrt\s*([\da-zA-Z])/g, '\\sqrt{$1}'],
  [/\^\s*\{?\s*\\circ\s*\}?|°|\\degree(?![A-Za-z])/g, ''],
  [/\\[$%]|[$%]/g, ''],
  [/\\(?:text|mbox|textbf|textit|mathrm|mathbf)\s*\{([^{}]*)\}/g, '$1'],
  [/([\^_])\{(\w)\}/g, '$1$2'],
  [/\{,\}/g, ','],
  [/[\u2212\u2013]/g, '-'],
  [/\\cdot(?![A-Za-z])|×/g, '\\times'],
  [/\s+/g, ''],
  [/\.$/g, ''],
];

/** Units behind a number: 12 cm, 12\text{ square units}. A single letter may be a variable. */
const TRAILING_WORDS =
  /(?<=\d|\})(?:(?:\\?\s)+[a-z]{2}[a-z. ]*|(?:\\?\s)*\\(?:text|mbox|mathrm)\s*\{\s*[^{}]*\})(?:\^\{?[23]\}?)?\s*$/;
const LEADING_NAME = /^\s*[a-zA-Z](?:\([a-zA-Z]\))?\s*=\s*(?=\S)/;
const PLAIN_NUMBER = String.raw`(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)`;
const ONE_NUMBER = new RegExp(
  String.raw`^[+-]?(?:${PLAIN_NUMBER}(?:/${PLAIN_NUMBER}|e[+-]?\d+|\\times10\^\{?-?\d+\}?|\^\{?-?\d+\}?)?|\d*\\frac\{-?${PLAIN_NUMBER}\}\{${PLAIN_NUMBER}\})$`,
);
/** Longer ones are compared as they stand. */
const MAX_FORMULA = 2000;

/**
 * Formulas are equal if they are one number each and these are equal, or if they are the same text but for spaces, sizes of
 * brackets, units, degrees and a name in front (x = 5). It is no algebra: 2(x + 1) is not 2x + 2.
 */
export function equalFormulas(given: string, expected: string): boolean {
  if (given.length > MAX_FORMULA || expected.length > MAX_FORMULA) return given === expected;
  const [a, b] = [plainFormula(given), plainFormula(expected)];
  if (a === b) return true;
  if (!ONE_NUMBER.test(a) || !ONE_NUMBER.test(b)) return false;
  const [x, y] = [numberAnswer(a), numberAnswer(b)];
  return x !== null && y !== null && equalNumbers(x, y);
}

function plainFormula(text: string): string {
  const bare = text.replace(LEADING_NAME, '').replace(TRAILING_WORDS, '');
  const plain = FORMULA_REWRITES.reduce((result, [pattern, by]) => result.replaceAll(pattern, by), bare);
  return /^[A-Za-z]+$/.test(plain) ? plain.toLowerCase() : plain;
}
