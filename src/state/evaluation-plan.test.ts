import { describe, expect, test } from 'vitest';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { evaluationConfigSchema } from '@/protocol/evaluation-schema.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import {
  estimateSeconds,
  FIRST_PLAN,
  hasProblem,
  MAX_NAME_LENGTH,
  planOf,
  problemsOf,
  requestOf,
  withConfigurationAdded,
  withConfigurationChanged,
  withConfigurationDuplicated,
  withConfigurationRemoved,
  type EvaluationPlan,
} from './evaluation-plan.ts';

const SETTINGS = { ...DEFAULT_REASONING_SETTINGS, budget: 77 };
const ITEMS = ['a', 'b', 'c'].map((id) => ({ id, question: `${id}?`, kind: 'number' as const, answer: '1' }));
const IMPORTED: EvaluationPlan = {
  ...FIRST_PLAN,
  set: 'imported',
  numItems: 2,
  imported: { name: 'mine.csv', items: ITEMS },
};

const names = ({ configurations }: EvaluationPlan): readonly string[] => configurations.map(({ name }) => name);
const ids = ({ configurations }: EvaluationPlan): readonly number[] => configurations.map(({ id }) => id);

describe('the list of configurations', () => {
  test('begins with the three that the paper compares, and can be started as it is', () => {
    expect(FIRST_PLAN.configurations.map(({ mode }) => mode)).toEqual([
      'asynchronous',
      'noThinking',
      'thinkThenAnswer',
    ]);
    expect(hasProblem(problemsOf(FIRST_PLAN))).toBe(false);
    expect(evaluationConfigSchema.safeParse(requestOf(FIRST_PLAN, SETTINGS)).error).toBeUndefined();
  });

  test('an added one has a name and an id that are free', () => {
    const plan = withConfigurationAdded(withConfigurationAdded(FIRST_PLAN));
    expect(names(plan)).toEqual(['Asynchronous', 'No thinking', 'Think first', 'Asynchronous 2', 'Asynchronous 3']);
    expect(new Set(ids(plan)).size).toBe(5);
    expect(names(withConfigurationAdded({ ...FIRST_PLAN, configurations: [] }))).toEqual(['Asynchronous']);
  });

  test('a copy stands behind its original with all that it has', () => {
    const changed = withConfigurationChanged(FIRST_PLAN, 2, { basis: { kind: 'preset', preset: 'qPause' } });
    const plan = withConfigurationDuplicated(changed, 2);
    expect(names(plan)).toEqual(['Asynchronous', 'No thinking', 'No thinking 2', 'Think first']);
    expect(plan.configurations[2]).toMatchObject({ mode: 'noThinking', basis: { preset: 'qPause' } });
    expect(hasProblem(problemsOf(plan))).toBe(false);
  });

  test('a copy of a long name is still within what a name may have', () => {
    const long = withConfigurationChanged(FIRST_PLAN, 1, { name: 'x'.repeat(MAX_NAME_LENGTH) });
    const [, copy = ''] = names(withConfigurationDuplicated(long, 1));
    expect(copy.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
  });

  test('one is changed or removed without the others', () => {
    const renamed = withConfigurationChanged(FIRST_PLAN, 1, { name: 'Mine' });
    expect(names(renamed)).toEqual(['Mine', 'No thinking', 'Think first']);
    expect(names(withConfigurationRemoved(renamed, 2))).toEqual(['Mine', 'Think first']);
  });
});

describe('what keeps a plan from being started', () => {
  test('names that are empty or taken twice', () => {
    const plan = withConfigurationChanged(withConfigurationChanged(FIRST_PLAN, 1, { name: ' ' }), 2, {
      name: 'Think first ',
    });
    expect(problemsOf(plan).names).toEqual({
      1: 'A name is needed.',
      2: 'Another one has this name.',
      3: 'Another one has this name.',
    });
    expect(hasProblem(problemsOf(plan))).toBe(true);
  });

  test.each([[null], [0], [1.5], [BUILT_IN_SET_FACTS.safety.maxItems + 1]])('%s questions', (numItems) => {
    const { maxItems } = BUILT_IN_SET_FACTS.safety;
    expect(problemsOf({ ...FIRST_PLAN, set: 'safety', numItems }).numItems).toBe(`1 to ${maxItems}.`);
    expect(problemsOf({ ...FIRST_PLAN, set: 'safety', numItems: maxItems }).numItems).toBeNull();
  });

  test.each([[null], [-1], [0.5], [2 ** 32]])('the seed %s', (seed) => {
    expect(problemsOf({ ...FIRST_PLAN, seed }).seed).toBe('0 to 2,147,483,647.');
    expect(problemsOf({ ...IMPORTED, seed }).seed).toBeNull();
  });

  test('no configuration, or no file where one is meant', () => {
    expect(problemsOf({ ...FIRST_PLAN, configurations: [] }).plan).toBe('At least one configuration is needed.');
    expect(problemsOf({ ...IMPORTED, imported: null }).plan).toBe('Import a file of questions first.');
  });
});

describe('what is asked of the engine', () => {
  test('every configuration has all of its settings: present ones, a preset over them, or kept ones', () => {
    const kept = { ...SETTINGS, budget: 5 };
    const plan = withConfigurationChanged(
      withConfigurationChanged(FIRST_PLAN, 2, { basis: { kind: 'preset', preset: 'qTts' } }),
      3,
      { basis: { kind: 'kept', settings: kept } },
    );
    const { configurations } = requestOf(plan, SETTINGS);
    expect(configurations[0]?.settings).toEqual(SETTINGS);
    expect(configurations[1]?.settings).toEqual({ ...SETTINGS, ...REASONING_PRESETS['qTts']?.settings });
    expect(configurations[1]?.settings).not.toEqual(SETTINGS);
    expect(configurations[2]?.settings).toEqual(kept);
  });

  test('a set by seed, or the first items of a file', () => {
    expect(requestOf({ ...FIRST_PLAN, set: 'commonsense', seed: 9 }, SETTINGS).source).toEqual({
      kind: 'builtIn',
      set: 'commonsense',
      numItems: 10,
      seed: 9,
    });
    expect(requestOf(IMPORTED, SETTINGS).source).toEqual({
      kind: 'items',
      name: 'mine.csv',
      items: ITEMS.slice(0, 2),
    });
  });

  test('a request becomes the form again; what follows the present settings goes on following them', () => {
    const plan = withConfigurationChanged(FIRST_PLAN, 3, {
      basis: { kind: 'kept', settings: { ...SETTINGS, seed: 8 } },
    });
    expect(planOf(requestOf(plan, SETTINGS), SETTINGS)).toEqual(plan);
    const again = planOf(requestOf(IMPORTED, SETTINGS), SETTINGS);
    expect(again).toMatchObject({ set: 'imported', numItems: 2, imported: { items: ITEMS.slice(0, 2) } });
    expect(requestOf(again, SETTINGS)).toEqual(requestOf(IMPORTED, SETTINGS));
  });
});

test('the time is estimated from every mode, or not at all', () => {
  expect(estimateSeconds(FIRST_PLAN, { asynchronous: 3, noThinking: 1, thinkThenAnswer: 2 })).toBe(60);
  expect(estimateSeconds(FIRST_PLAN, { asynchronous: 3, noThinking: 1 })).toBeNull();
  expect(estimateSeconds({ ...FIRST_PLAN, numItems: null }, { asynchronous: 3 })).toBeNull();
});
