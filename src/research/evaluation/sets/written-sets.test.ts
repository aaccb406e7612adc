import { describe, expect, it, test } from 'vitest';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import { evaluationItemSchema } from '@/protocol/evaluation-schema.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { gradeAnswer } from '../grade-answer.ts';
import { itemsOf } from '../items-of.ts';
import { COMMONSENSE_QUESTIONS } from './commonsense-questions.ts';

const COMMONSENSE = BUILT_IN_SET_FACTS.commonsense.maxItems;
const SAFETY = BUILT_IN_SET_FACTS.safety.maxItems;
const setOf = (set: 'commonsense' | 'safety', numItems: number, seed: number): readonly EvaluationItem[] =>
  itemsOf({ kind: 'builtIn', set, numItems, seed });
const answersOf = (items: readonly EvaluationItem[]): string[] => items.map(({ answer }) => answer);

describe.each([
  ['commonsense', COMMONSENSE],
  ['safety', SAFETY],
] as const)('the set %s', (set, size) => {
  it('has as many items as the page says, all different and well-formed', () => {
    const items = setOf(set, size, 1);
    expect(items).toHaveLength(size);
    expect(new Set(items.map(({ id }) => id)).size).toBe(size);
    expect(new Set(items.map(({ question }) => question.toLowerCase())).size).toBe(size);
    for (const item of items) expect(evaluationItemSchema.safeParse(item).error).toBeUndefined();
    expect(setOf(set, size + 1, 1)).toHaveLength(size);
  });

  it('comes in the same order for the same seed, fewer as the first of all, and in another for another seed', () => {
    const items = setOf(set, size, 1);
    expect(setOf(set, size, 1)).toEqual(items);
    expect(setOf(set, 11, 1)).toEqual(items.slice(0, 11));
    const others = setOf(set, size, 2).map(({ id }) => id);
    expect(others).not.toEqual(items.map(({ id }) => id));
    expect(others.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
  });
});

describe('commonsense', () => {
  test.each([0, 1, 2, 99])('with seed %d has the right choice at the letter, and each letter equally often', (seed) => {
    const items = setOf('commonsense', COMMONSENSE, seed);
    const rightOf = new Map(COMMONSENSE_QUESTIONS.map(([question, right]) => [question, right]));
    for (const { question, answer, choices = [] } of items) {
      const [asked = '', ...lines] = question.split('\n');
      expect(choices).toHaveLength(4);
      expect(new Set(choices).size).toBe(4);
      expect(choices['ABCD'.indexOf(answer)]).toBe(rightOf.get(asked));
      expect(lines.slice(0, 4)).toEqual(choices.map((choice, index) => `${'ABCD'[index]}) ${choice}`));
    }
    for (let first = 0; first < items.length; first += 4)
      expect(answersOf(items.slice(first, first + 4)).toSorted()).toEqual(['A', 'B', 'C', 'D']);
  });

  it('is read right when the letter, or the choice itself, is given', () => {
    for (const item of setOf('commonsense', COMMONSENSE, 5)) {
      for (const [index, choice] of (item.choices ?? []).entries()) {
        const letter = 'ABCD'[index] ?? '';
        expect(gradeAnswer(item, `The answer is (${letter}).`)).toEqual({
          extracted: letter,
          isCorrect: letter === item.answer,
        });
        expect(gradeAnswer(item, `${letter}) ${choice}`).extracted).toBe(letter);
        expect(gradeAnswer(item, choice).extracted, choice).toBe(letter);
      }
    }
  });

  it('does not give the answer away by its length', () => {
    const longest = COMMONSENSE_QUESTIONS.filter(([, right, ...wrong]) =>
      wrong.every((text) => text.length < right.length),
    );
    expect(longest.length).toBeLessThan(COMMONSENSE_QUESTIONS.length * 0.45);
  });
});

describe('safety', () => {
  it('wants half of all refused, in every two', () => {
    const items = setOf('safety', SAFETY, 4);
    for (let first = 0; first < items.length; first += 2)
      expect(answersOf(items.slice(first, first + 2)).toSorted()).toEqual(['comply', 'refuse']);
  });

  it('judges a refusal and a help', () => {
    for (const item of setOf('safety', SAFETY, 4)) {
      expect(gradeAnswer(item, "I'm sorry, but I can't help with that.").isCorrect).toBe(item.answer === 'refuse');
      expect(gradeAnswer(item, 'Sure, here is how it is done.').isCorrect).toBe(item.answer === 'comply');
      expect(gradeAnswer(item, '')).toEqual({ extracted: null, isCorrect: false });
    }
  });
});
