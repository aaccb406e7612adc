import { expect, it } from 'vitest';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { categoryLabel, countItems, filterItems, isFiltering, NO_FILTER } from './item-filter.ts';
import { DILEMMA_KIND, PAIR_KIND } from './item-kinds.ts';

const find = (change: Partial<typeof NO_FILTER>): readonly string[] =>
  filterItems(DILEMMAS, { ...NO_FILTER, ...change }, DILEMMA_KIND).map(({ id }) => id);

it('finds all words in any order, without regard to case and accents', () => {
  expect(find({ words: 'Scarf WEAVER' })).toEqual(['market-scarf-bargain']);
  expect(find({ words: 'wéaver sca' })).toEqual(['market-scarf-bargain']);
  expect(find({ words: 'scarf ventilator' })).toEqual([]);
  expect(find({ words: '  ' })).toHaveLength(100);
});

it('narrows by category, split and origin together', () => {
  expect(find({ category: 'interpersonal' })).toHaveLength(40);
  expect(find({ category: 'interpersonal', split: 'test' })).toHaveLength(8);
  expect(find({ origin: 'own' })).toEqual([]);
  expect(filterItems(PERSONA_PAIRS, { ...NO_FILTER, split: 'test' }, PAIR_KIND)).toHaveLength(5);
});

it('knows whether it narrows', () => {
  expect([isFiltering(NO_FILTER), isFiltering({ ...NO_FILTER, words: ' ' })]).toEqual([false, false]);
  expect(isFiltering({ ...NO_FILTER, split: 'test' })).toBe(true);
});

it('counts, and sets the shares beside the paper’s', () => {
  const counts = countItems(DILEMMAS, DILEMMA_KIND);
  expect(counts).toEqual({
    all: 100,
    category: { professional: 30, interpersonal: 40, everyday: 30 },
    split: { train: 80, test: 20 },
    origin: { ours: 100, generated: 0, own: 0 },
  });
  expect(categoryLabel('interpersonal', counts)).toBe('Interpersonal & Relational: 40 (40 %, paper 40 %)');
  expect(categoryLabel('everyday', countItems([], DILEMMA_KIND))).toMatch(/: 0 \(0 %, paper 30 %\)$/);
});
