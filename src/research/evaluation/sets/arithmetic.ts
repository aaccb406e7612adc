/** Arithmetic and algebra made from a seed: five levels by turns, the answer exact. */
import { at } from '@/lib/assert.ts';
import { formatRational, rational } from '@/lib/rational.ts';
import { createRng, type Rng } from '@/lib/rng.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import { questionText } from '@/protocol/evaluation-question.ts';

interface Problem {
  readonly question: string;
  readonly answer: number | string;
}

type Template = (draw: Draw) => Problem;

const NAMES = ['Ana', 'Ben', 'Chidi', 'Dilara', 'Emil', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jun'] as const;
const THINGS = [
  'apples',
  'books',
  'coins',
  'eggs',
  'marbles',
  'pencils',
  'shells',
  'stamps',
  'stickers',
  'tickets',
] as const;

/** Random choices of a template. */
class Draw {
  readonly #rng: Rng;

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** An integer, both ends included. */
  from(low: number, high: number): number {
    return low + this.#rng.integer(high - low + 1);
  }

  /** As `from`, but not 0. */
  nonZero(low: number, high: number): number {
    const value = this.from(low, high - 1);
    return value >= 0 ? value + 1 : value;
  }

  one<T>(values: readonly T[]): T {
    return at(values, this.#rng.integer(values.length));
  }
}

/** `+ 5` or `- 5`. */
function signed(value: number): string {
  return value < 0 ? `- ${-value}` : `+ ${value}`;
}

/** One step. */
const LEVEL_1: readonly Template[] = [
  (draw) => {
    const [a, b] = [draw.from(12, 980), draw.from(12, 980)];
    return { question: `What is ${a} + ${b}?`, answer: a + b };
  },
  (draw) => {
    const [a, b] = [draw.from(12, 980), draw.from(12, 980)];
    return { question: `What is ${a} - ${b}?`, answer: a - b };
  },
  (draw) => {
    const [a, b] = [draw.from(3, 39), draw.from(3, 29)];
    return { question: `What is ${a} times ${b}?`, answer: a * b };
  },
  (draw) => {
    const [name, things, a, b] = [draw.one(NAMES), draw.one(THINGS), draw.from(5, 90), draw.from(5, 90)];
    const question = `${name} has ${a} ${things} and gets ${b} more. How many ${things} does ${name} have now?`;
    return { question, answer: a + b };
  },
];

/** Two steps. */
const LEVEL_2: readonly Template[] = [
  (draw) => {
    const [a, b, c] = [draw.from(5, 99), draw.from(3, 25), draw.from(3, 19)];
    return { question: `What is ${a} + ${b} * ${c}?`, answer: a + b * c };
  },
  (draw) => {
    const [a, b, c] = [draw.from(5, 60), draw.from(5, 60), draw.from(3, 15)];
    return { question: `What is (${a} - ${b}) * ${c}?`, answer: (a - b) * c };
  },
  (draw) => {
    const [things, boxes, each] = [draw.one(THINGS), draw.from(4, 25), draw.from(6, 30)];
    const lost = draw.from(2, boxes * each - 1);
    const question = `There are ${boxes} boxes with ${each} ${things} each. ${lost} ${things} are lost. How many ${things} are left?`;
    return { question, answer: boxes * each - lost };
  },
  (draw) => {
    const [things, people, each, eaten] = [draw.one(THINGS), draw.from(3, 12), draw.from(4, 30), draw.from(1, 3)];
    const question = `${people} friends share ${people * each} ${things} equally. Each of them gives away ${eaten}. How many ${things} does each friend keep?`;
    return { question, answer: each - eaten };
  },
];

/** A linear equation. */
const LEVEL_3: readonly Template[] = [
  (draw) => {
    const [a, x, b] = [draw.from(2, 15), draw.from(-20, 20), draw.nonZero(-60, 60)];
    return { question: `Solve for x: ${a}x ${signed(b)} = ${a * x + b}. What is x?`, answer: x };
  },
  (draw) => {
    const [a, c, x, b] = [draw.from(6, 15), draw.from(2, 5), draw.from(-12, 12), draw.nonZero(-40, 40)];
    const d = a * x + b - c * x;
    if (d === 0) return { question: `Solve for x: ${a}x ${signed(b)} = ${c}x. What is x?`, answer: x };
    return { question: `Solve for x: ${a}x ${signed(b)} = ${c}x ${signed(d)}. What is x?`, answer: x };
  },
  (draw) => {
    const [a, b, x] = [draw.from(2, 12), draw.from(3, 70), draw.from(2, 60)];
    const question = `I think of a number, multiply it by ${a} and add ${b}. The result is ${a * x + b}. Which number did I think of?`;
    return { question, answer: x };
  },
];

/** Parts, percent and speed. */
const LEVEL_4: readonly Template[] = [
  (draw) => {
    const [percent, hundreds] = [draw.from(1, 19) * 5, draw.from(1, 45) * 20];
    return { question: `What is ${percent} percent of ${hundreds}?`, answer: (percent * hundreds) / 100 };
  },
  (draw) => {
    const [a, c, b, d] = [draw.from(1, 8), draw.from(1, 8), draw.from(2, 9), draw.from(2, 9)];
    const sum = rational(BigInt(a * d + c * b), BigInt(b * d));
    return { question: `What is ${a}/${b} + ${c}/${d}? Give a fraction or an integer.`, answer: formatRational(sum) };
  },
  (draw) => {
    const [price, percent] = [draw.from(2, 60) * 20, draw.from(1, 15) * 5];
    const question = `A coat costs ${price} euros. Its price is reduced by ${percent} percent. What does it cost then, in euros?`;
    return { question, answer: (price * (100 - percent)) / 100 };
  },
  (draw) => {
    const [speed, hours, quarters] = [draw.from(5, 35) * 4, draw.from(1, 6), draw.from(1, 3)];
    const question = `A train travels for ${hours} hours and ${quarters * 15} minutes at ${speed} kilometres an hour. How many kilometres does it travel?`;
    return { question, answer: speed * hours + (speed / 4) * quarters };
  },
];

/** Two unknowns, squares and remainders. */
const LEVEL_5: readonly Template[] = [
  (draw) => {
    const [x, y] = [draw.from(-15, 40), draw.from(-15, 40)];
    const [a, b] = [draw.from(2, 7), draw.from(2, 7)];
    const question = `If x + ${a}y = ${x + a * y} and ${b}x - y = ${b * x - y}, what is x?`;
    return { question, answer: x };
  },
  (draw) => {
    const [p, q] = [draw.from(-12, 12), draw.from(-12, 12)];
    const [sum, product] = [p + q, p * q];
    const middle = sum === 0 ? '' : ` ${signed(-sum)}x`;
    const last = product === 0 ? '' : ` ${signed(product)}`;
    return { question: `What is the largest solution of x^2${middle}${last} = 0?`, answer: Math.max(p, q) };
  },
  (draw) => {
    const [a, b, m] = [draw.from(13, 98), draw.from(13, 98), draw.from(7, 29)];
    return { question: `What is the remainder when ${a} * ${b} is divided by ${m}?`, answer: (a * b) % m };
  },
  (draw) => {
    const [first, second] = [draw.one(NAMES.slice(0, 5)), draw.one(NAMES.slice(5))];
    const [times, age, years] = [draw.from(2, 5), draw.from(3, 14), draw.from(2, 20)];
    const together = age * (times + 1) + 2 * years;
    const question = `${first} is ${times} times as old as ${second}. In ${years} years they will be ${together} years old together. How old is ${second} now?`;
    return { question, answer: age };
  },
];

const LEVELS = [LEVEL_1, LEVEL_2, LEVEL_3, LEVEL_4, LEVEL_5];

/**
 * Items of the levels 1 to 5 by turns, no question twice. The same seed gives the same items, and fewer are the first of
 * them. Answers are integers, a few are fractions in lowest terms.
 *
 * @param numItems  0 to 2000
 * @param seed  32 bits
 */
export function arithmeticItems(numItems: number, seed: number): EvaluationItem[] {
  const draw = new Draw(createRng(seed));
  const items = new Map<string, EvaluationItem>();
  while (items.size < numItems) {
    const level = items.size % LEVELS.length;
    const { question, answer } = draw.one(at(LEVELS, level))(draw);
    if (items.has(question)) continue;
    const id = `arithmetic-${seed}-${items.size + 1}-level-${level + 1}`;
    items.set(question, { id, question: questionText('number', question), kind: 'number', answer: String(answer) });
  }
  return [...items.values()];
}
