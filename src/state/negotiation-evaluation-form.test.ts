import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { AdapterInfo } from '@/protocol/training-api.ts';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import {
  contestantsOf,
  FIRST_NEGOTIATION_EVALUATION as FIRST,
  hasEvaluationProblem,
  heldOutDilemmas,
  orderOf,
  problemsOfEvaluation,
  requestOfOrder,
  totalWork,
  withAdapterChosen,
  withAdapterRole,
  workOfForm,
  type NegotiationEvaluationForm,
  type OrderMaterial,
} from './negotiation-evaluation-form.ts';

const adapter = (id: string, name: string): AdapterInfo => ({
  id,
  name,
  config: DEFAULT_LORA,
  numParameters: 1,
  baseModelSha256: 'k',
  baseModelName: 'm',
  step: 1,
  createdAt: '2026-03-01T00:00:00.000Z',
});

const form = (change: Partial<NegotiationEvaluationForm>): NegotiationEvaluationForm => ({ ...FIRST, ...change });

const MATERIAL: OrderMaterial = {
  contestants: contestantsOf(FIRST, []),
  dilemmas: DILEMMAS,
  pairs: PERSONA_PAIRS,
  settings: { ...DEFAULT_NEGOTIATION, maxTurns: 9, thinking: 'both' },
  judge: { kind: 'engine' },
  templates: {},
};

describe('who is compared', () => {
  test('a role has one adapter, and three adapters are the most', () => {
    const two = withAdapterChosen(withAdapterChosen(FIRST, 'a'), 'b');
    expect(two.adapters).toEqual([
      { id: 'a', role: 'multi' },
      { id: 'b', role: null },
    ]);
    expect(withAdapterRole(two, 'b', 'multi').adapters.map(({ role }) => role)).toEqual([null, 'multi']);
    const four = ['c', 'd'].reduce(withAdapterChosen, two);
    expect(four.adapters.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(withAdapterChosen(two, 'a').adapters.map(({ id }) => id)).toEqual(['b']);
  });

  test('the base always takes part, adapters that are gone do not, and each has a name of its own', () => {
    const chosen = ['a', 'gone', 'b'].reduce(withAdapterChosen, FIRST);
    expect(contestantsOf(chosen, [adapter('a', 'Base'), adapter('b', 'Base 2')])).toEqual([
      { name: 'Base', adapterId: null, role: 'base' },
      { name: 'Base 2', adapterId: 'a', role: 'multi' },
      { name: 'Base 2 2', adapterId: 'b', role: null },
    ]);
  });
});

describe('how much work it is', () => {
  test.each([
    ['the base alone', FIRST, 1, [4, 0, 0, 0, 0]],
    ['base and an adapter: two aspects of each dilemma', FIRST, 2, [8, 0, 8, 0, 0]],
    ['open questions have one aspect', form({ sets: ['open'] }), 3, [0, 12, 12, 0, 0]],
    [
      'greedy once, sampling as often as it is repeated',
      form({ sets: ['conflict', 'open'], decodings: ['greedy', 'sampling'], repetitions: 2 }),
      3,
      [36, 36, 108, 0, 0],
    ],
    ['nobody compares', form({ isCompared: false }), 3, [12, 0, 0, 0, 0]],
    ['ability', form({ isAbilityMeasured: true, text: ' A text. ' }), 2, [8, 0, 8, 20, 2]],
    ['an empty field', form({ numDilemmas: null }), 2, [0, 0, 0, 0, 0]],
  ] as const)('%s', (_name, asked, numContestants, counts) => {
    const { dialogues, answers, comparisons, questions, readings } = workOfForm(asked, numContestants);
    expect([dialogues, answers, comparisons, questions, readings]).toEqual(counts);
    expect(totalWork({ dialogues, answers, comparisons, questions, readings })).toBe(
      counts.reduce((sum: number, count) => sum + count, 0),
    );
  });
});

describe('what is wrong with the form', () => {
  test.each([
    ['no set', { sets: [] }, null],
    ['no decoding', { decodings: [] }, null],
    ['ability of nothing', { isAbilityMeasured: true, abilitySets: [] }, null],
    ['more dilemmas than there are', { numDilemmas: 21 }, 'numDilemmas'],
    ['an empty number', { maxTurns: null }, 'maxTurns'],
    ['no whole number', { seed: 1.5 }, 'seed'],
    ['repetitions of sampling', { decodings: ['sampling'], repetitions: 0 }, 'repetitions'],
    [
      'more questions than the smallest set has',
      { isAbilityMeasured: true, abilitySets: ['safety'], itemsPerSet: 37 },
      'itemsPerSet',
    ],
  ] as const)('%s', (_name, change, field) => {
    const problems = problemsOfEvaluation(form(change), 20);
    expect(hasEvaluationProblem(problems)).toBe(true);
    if (field === null) expect(problems.form).not.toBeNull();
    else expect(Object.keys(problems.numbers)).toEqual([field]);
  });

  test('nothing at first, and nothing of what is not asked for', () => {
    expect(hasEvaluationProblem(problemsOfEvaluation(FIRST, 20))).toBe(false);
    expect(hasEvaluationProblem(problemsOfEvaluation(form({ repetitions: 0, itemsPerSet: null }), 20))).toBe(false);
  });
});

describe('what is asked of the engine', () => {
  test('held-out dilemmas only, categories in turn, ours before the visitor’s', () => {
    const own = { ...at(DILEMMAS, 0), id: 'mine', split: 'test' as const, origin: 'own' as const };
    const heldOut = heldOutDilemmas([own, ...DILEMMAS]);
    expect(heldOut).toHaveLength(21);
    expect(heldOut.every(({ split }) => split === 'test')).toBe(true);
    expect(heldOut.slice(0, 4).map(({ category }) => category)).toEqual([
      'professional',
      'interpersonal',
      'everyday',
      'professional',
    ]);
    expect(heldOut.at(-1)?.id).toBe('mine');
  });

  test('the form’s lengths over the settings of the panel, and one dialogue with an answer in any case', () => {
    const order = orderOf(FIRST, MATERIAL);
    expect(order.dilemmas).toHaveLength(4);
    expect(order.pairs.every(({ split }) => split === 'test')).toBe(true);
    expect(order.settings).toMatchObject({
      maxTurns: 3,
      maxUtteranceTokens: 64,
      maxCompletionTokens: 96,
      thinking: 'both',
      groupSize: 1,
      completeOnFailure: true,
      seed: 1,
    });
  });

  test('a key is in no order; the request has it', () => {
    const judge = { kind: 'endpoint', url: 'http://localhost/v1', model: 'm', apiKey: 'secret' } as const;
    const order = orderOf(FIRST, { ...MATERIAL, judge });
    expect(JSON.stringify(order)).not.toContain('secret');
    expect(requestOfOrder(order, judge, []).judge).toEqual(judge);
  });

  test('a person judges nothing here, and nobody compares where that is not wanted', () => {
    const order = orderOf(form({ isCompared: false }), { ...MATERIAL, judge: { kind: 'human' } });
    expect(order.judge).toEqual({ kind: 'engine' });
    const request = requestOfOrder(order, order.judge, []);
    expect(request.pairwiseJudge).toBeNull();
    expect(request).not.toHaveProperty('done');
    expect(request).not.toHaveProperty('ability');
    expect(requestOfOrder(orderOf(FIRST, MATERIAL), order.judge, [])).not.toHaveProperty('pairwiseJudge');
  });
});
