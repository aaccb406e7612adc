import { describe, expect, it, test } from 'vitest';
import { equalRationals, parseRational, rational, type Rational } from '@/lib/rational.ts';
import { evaluationItemSchema } from '@/protocol/evaluation-schema.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { arithmeticItems } from './arithmetic.ts';

/** Integers that make an equation true, by trying all. */
function solutions(holds: (x: number) => boolean): number[] {
  return Array.from({ length: 4001 }, (_, index) => index - 2000).filter(holds);
}

/** Value of one side of an equation such as `3x - 4`. */
function sideAt(side: string, x: number): number {
  const terms = side.replaceAll(' ', '').match(/[+-]?[^+-]+/g) ?? [];
  return terms.reduce((sum, term) => {
    const [, sign = '', digits = '', name = ''] = /^([+-]?)(\d*)(x\^2|x|)$/.exec(term) ?? [];
    if (digits === '' && name === '') throw new Error(`Not a term: ${term}`);
    const factor = Number(`${sign}${digits === '' ? '1' : digits}`);
    return sum + factor * (name === 'x^2' ? x * x : name === 'x' ? x : 1);
  }, 0);
}

const solveEquation = (left = '', right = ''): number[] => solutions((x) => sideAt(left, x) === sideAt(right, x));

function range(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, index) => index);
}

/** Reads a question and solves it in another way than the generator made it: by counting and by trying. */
const SOLVERS: readonly (readonly [RegExp, (...parts: string[]) => number | Rational | undefined])[] = [
  [/^What is (\d+) \+ (\d+)\?$/, (a, b) => Number(a) + Number(b)],
  [/^What is (\d+) - (\d+)\?$/, (a, b) => Number(a) - Number(b)],
  [/^What is (\d+) times (\d+)\?$/, (a, b) => range(Number(a) - 1).reduce((sum) => sum + Number(b), 0)],
  [/^\w+ has (\d+) (\w+) and gets (\d+) more\. How many \2 does \w+ have now\?$/, (a, _, b) => Number(a) + Number(b)],
  [/^What is (\d+) \+ (\d+) \* (\d+)\?$/, (a, b, c) => Number(a) + Number(b) * Number(c)],
  [/^What is \((\d+) - (\d+)\) \* (\d+)\?$/, (a, b, c) => Number(a) * Number(c) - Number(b) * Number(c)],
  [
    /^There are (\d+) boxes with (\d+) (\w+) each\. (\d+) \3 are lost\. How many \3 are left\?$/,
    (boxes, each, _, lost) => range(Number(boxes) - 1).reduce((sum) => sum + Number(each), 0) - Number(lost),
  ],
  [
    /^(\d+) friends share (\d+) (\w+) equally\. Each of them gives away (\d+)\. How many \3 does each friend keep\?$/,
    (people, all, _, away) => solutions((x) => Number(people) * (x + Number(away)) === Number(all))[0],
  ],
  [/^Solve for x: (.+) = (.+)\. What is x\?$/, (left, right) => solveEquation(left, right)[0]],
  [
    /^I think of a number, multiply it by (\d+) and add (\d+)\. The result is (\d+)\. Which number did I think of\?$/,
    (a, b, c) => solutions((x) => x * Number(a) + Number(b) === Number(c))[0],
  ],
  [/^What is (\d+) percent of (\d+)\?$/, (p, n) => rational(BigInt(p ?? 0) * BigInt(n ?? 0), 100n)],
  [
    /^What is (\d+)\/(\d+) \+ (\d+)\/(\d+)\? Give a fraction or an integer\.$/,
    (a, b, c, d) => {
      const [over, under] = [Number(b), Number(d)];
      const common = range(over * under).find((n) => n > 0 && n % over === 0 && n % under === 0) ?? 1;
      return rational(BigInt(Number(a) * (common / over) + Number(c) * (common / under)), BigInt(common));
    },
  ],
  [
    /^A coat costs (\d+) euros\. Its price is reduced by (\d+) percent\. What does it cost then, in euros\?$/,
    (price, percent) => rational(BigInt(price ?? 0) * 100n - BigInt(price ?? 0) * BigInt(percent ?? 0), 100n),
  ],
  [
    /^A train travels for (\d) hours and (\d+) minutes at (\d+) kilometres an hour\. How many kilometres does it travel\?$/,
    (hours, minutes, speed) => ((Number(hours) * 60 + Number(minutes)) * Number(speed)) / 60,
  ],
  [
    /^If x \+ (\d+)y = (-?\d+) and (\d+)x - y = (-?\d+), what is x\?$/,
    (a, s, b, d) => solutions((x) => x + Number(a) * (Number(b) * x - Number(d)) === Number(s))[0],
  ],
  [/^What is the largest solution of (.+) = 0\?$/, (left) => solveEquation(left, '0').at(-1)],
  [
    /^What is the remainder when (\d+) \* (\d+) is divided by (\d+)\?$/,
    (a, b, m) => range(Number(m) - 1).find((r) => Number.isInteger((Number(a) * Number(b) - r) / Number(m))),
  ],
  [
    /^(\w+) is (\d) times as old as (\w+)\. In (\d+) years they will be (\d+) years old together\. How old is \3 now\?$/,
    (_, times, __, years, together) =>
      solutions((age) => age * Number(times) + Number(years) + age + Number(years) === Number(together))[0],
  ],
];

function solve(question: string): Rational | undefined {
  const [first = ''] = question.split('\n');
  const found = SOLVERS.flatMap(([pattern, solver]) => {
    const match = pattern.exec(first);
    return match === null ? [] : [solver(...match.slice(1))];
  });
  expect(found, first).toHaveLength(1);
  const [value] = found;
  return typeof value === 'number' ? parseRational(String(value)) : value;
}

describe('the generator', () => {
  test.each([0, 1, 42, 0xffff_ffff])('with seed %d asks what another way of solving answers alike', (seed) => {
    const used = new Set<number>();
    for (const { question, answer } of arithmeticItems(500, seed)) {
      const [expected, given] = [solve(question), parseRational(answer)];
      expect(
        expected !== undefined && given !== undefined && equalRationals(expected, given),
        `${question} ${answer}`,
      ).toBe(true);
      used.add(SOLVERS.findIndex(([pattern]) => pattern.test(question.split('\n')[0] ?? '')));
    }
    expect(used.size).toBe(SOLVERS.length);
  });

  it('gives the same items for the same seed, fewer as the first of more, and others for another seed', () => {
    const items = arithmeticItems(200, 7);
    expect(arithmeticItems(200, 7)).toEqual(items);
    expect(arithmeticItems(31, 7)).toEqual(items.slice(0, 31));
    const other = new Set(arithmeticItems(200, 8).map(({ question }) => question));
    expect(items.filter(({ question }) => other.has(question)).length).toBeLessThan(20);
  });

  it('reaches the number of items that the page offers, none twice and all well-formed', () => {
    const { maxItems } = BUILT_IN_SET_FACTS.arithmetic;
    const items = arithmeticItems(maxItems, 3);
    expect(new Set(items.map(({ question }) => question)).size).toBe(maxItems);
    expect(new Set(items.map(({ id }) => id)).size).toBe(maxItems);
    for (const item of items) expect(evaluationItemSchema.safeParse(item).success).toBe(true);
  });

  it('mixes levels, signs and kinds of numbers', () => {
    const answers = arithmeticItems(500, 5).map(({ answer }) => answer);
    expect(answers.filter((answer) => answer.startsWith('-')).length).toBeGreaterThan(25);
    const fractions = answers.filter((answer) => answer.includes('/'));
    expect(fractions.length).toBeGreaterThan(5);
    expect(fractions.length).toBeLessThan(50);
    expect(answers.filter((answer) => answer.includes('.'))).toEqual([]);
    const levels = arithmeticItems(10, 5).map(({ id }) => Number(id.at(-1)));
    expect(levels).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });
});
