import { describe, expect, it } from 'vitest';
import { evaluationPlan, HELD_OUT, OUR_PAIRS } from '@/testing/negotiation-evaluation-doubles.ts';
import type { Contestant } from '@/protocol/negotiation-evaluation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { itemsOf } from '../evaluation/items-of.ts';
import { jobsOf, keyOfJob, labelOf } from './jobs.ts';
import { comparisonsOf, planEvaluation, settingsOf } from './plan.ts';

const contestant = (name: string, role: Contestant['role'] = null): Contestant => ({
  name,
  adapterId: role === 'base' ? null : name,
  role,
});

describe('the plan of an evaluation', () => {
  it('refuses what is trained on, by its split or by its id, and names it', () => {
    const [trained] = DILEMMAS.filter(({ split }) => split === 'train');
    if (trained === undefined) throw new Error('There is no dilemma to train on.');
    for (const dilemma of [trained, { ...trained, split: 'test' as const }]) {
      const plan = (): unknown => planEvaluation({ ...evaluationPlan(), dilemmas: [...HELD_OUT.slice(0, 1), dilemma] });
      expect(plan).toThrow(expect.objectContaining({ code: 'invalidConfig' }));
      expect(plan).toThrow(`"${trained.id}"`);
    }
    const own = { ...trained, id: 'own-one', split: 'test', origin: 'own' } as const;
    expect(planEvaluation({ ...evaluationPlan(), dilemmas: [own] }).dilemmas).toEqual([own]);
  });

  it('refuses names and dilemmas that are there twice, and nothing at all', () => {
    const wishes = evaluationPlan();
    const [one] = wishes.dilemmas;
    if (one === undefined) throw new Error('There is no dilemma.');
    const two = [contestant('a'), contestant('a')];
    expect(() => planEvaluation({ ...wishes, contestants: two })).toThrow('contestants: "a" is there twice');
    expect(() => planEvaluation({ ...wishes, dilemmas: [one, one] })).toThrow('is there twice');
    expect(() => planEvaluation({ ...wishes, dilemmas: [] })).toThrow('dilemmas');
    expect(() => planEvaluation({ ...wishes, contestants: [] })).toThrow('contestants');
    expect(() => planEvaluation({ ...wishes, pairs: [] })).toThrow('pairs');
    expect(planEvaluation({ ...wishes, pairs: [], sets: ['open'] }).pairs).toEqual([]);
  });

  it('deals each pair once before any comes again, in an order of the seed alone', () => {
    const wishes = { ...evaluationPlan(), dilemmas: HELD_OUT, pairs: OUR_PAIRS };
    const { pairs } = planEvaluation(wishes);
    expect(pairs).toHaveLength(HELD_OUT.length);
    for (let first = 0; first + OUR_PAIRS.length <= pairs.length; first += OUR_PAIRS.length)
      expect(new Set(pairs.slice(first, first + OUR_PAIRS.length)).size).toBe(OUR_PAIRS.length);
    expect(planEvaluation({ ...wishes, contestants: [contestant('x')], sets: ['conflict'] }).pairs).toEqual(pairs);
    expect(planEvaluation({ ...wishes, seed: 8 }).pairs).not.toEqual(pairs);
  });

  it('always has an answer written, of one row', () => {
    expect(planEvaluation(evaluationPlan()).settings).toMatchObject({ groupSize: 1, completeOnFailure: true });
  });
});

describe('who is compared', () => {
  it('is everyone with the base, and multi with single, wherever they stand', () => {
    const all = [
      contestant('other'),
      contestant('multi', 'multi'),
      contestant('base', 'base'),
      contestant('one', 'single'),
    ];
    const sides = comparisonsOf(all).map(({ left, right }) => `${left}/${right}`);
    expect(sides).toEqual(['one/base', 'multi/base', 'multi/one', 'other/base', 'other/one', 'other/multi']);
    expect(comparisonsOf([contestant('alone')])).toEqual([]);
  });
});

describe('the settings of a dialogue', () => {
  const plan = evaluationPlan();
  const [dilemma] = plan.dilemmas;
  if (dilemma === undefined) throw new Error('There is no dilemma.');
  const job = { contestant: contestant('a'), set: 'conflict', decoding: 'greedy', repetition: 0, dilemma } as const;

  it('are greedy, or those of the paper, in the dialogue and the answer', () => {
    const of = (decoding: 'greedy' | 'sampling'): unknown[] => {
      const settings = settingsOf(plan, { ...job, decoding });
      const { utteranceTemperature, utteranceTopP, completionTemperature, completionTopP } = settings;
      return [utteranceTemperature, utteranceTopP, completionTemperature, completionTopP];
    };
    expect(of('greedy')).toEqual([0, 1, 0, 1]);
    expect(of('sampling')).toEqual([0.7, 0.95, 0.7, 0.95]);
  });

  it('use the adapter on both sides where there is one', () => {
    expect(settingsOf(plan, job)).toMatchObject({ adapterAgent1: 'on', adapterAgent2: 'on' });
    const base = settingsOf(plan, { ...job, contestant: contestant('b', 'base') });
    expect(base).toMatchObject({ adapterAgent1: 'off', adapterAgent2: 'off' });
  });

  it('have another seed in each repetition, and the same for all contestants', () => {
    const seeds = [0, 1, 2].map((repetition) => settingsOf(plan, { ...job, repetition }).seed);
    expect(new Set(seeds).size).toBe(3);
    expect(settingsOf(plan, { ...job, contestant: contestant('other') }).seed).toBe(seeds[0]);
  });
});

describe('the pieces', () => {
  const plan = planEvaluation({
    ...evaluationPlan(),
    sets: ['conflict', 'open'],
    decodings: ['greedy', 'sampling'],
    repetitions: 3,
    ability: { sets: ['commonsense'], itemsPerSet: 2, text: 'Some text.' },
  });

  it('are all there once: greedy once, sampling as often as asked for, conflicts by two aspects', () => {
    const jobs = jobsOf(plan);
    const dialogues = 2 * 4 * 2 * 2;
    const comparisons = 2 * 4 * (2 + 1);
    expect(jobs).toHaveLength(dialogues + comparisons + 2 * 2 + 2);
    expect(new Set(jobs.map(keyOfJob)).size).toBe(jobs.length);
    expect(
      jobs.some((job) => job.kind === 'pairwise' && job.set === 'open' && job.aspect === 'conflictResolution'),
    ).toBe(false);
  });

  it('come in a fixed order: who is compared has been heard', () => {
    const kinds = jobsOf({ ...plan, decodings: ['greedy'], dilemmas: plan.dilemmas.slice(0, 1) }).map(labelOf);
    const id = plan.dilemmas[0]?.id;
    const items = itemsOf({ kind: 'builtIn', set: 'commonsense', numItems: 2, seed: plan.seed });
    expect(kinds).toEqual([
      `base: ${id}, greedy`,
      `tuned: ${id}, greedy`,
      `tuned against base (CA alignment): ${id}, greedy`,
      `tuned against base (conflict resolution): ${id}, greedy`,
      `base: ${id}, open question, greedy`,
      `tuned: ${id}, open question, greedy`,
      `tuned against base (CA alignment): ${id}, open question, greedy`,
      ...items.flatMap((item) => [`base: ${item.id}`, `tuned: ${item.id}`]),
      'base: perplexity',
      'tuned: perplexity',
    ]);
  });

  it('are not compared where nobody judges', () => {
    expect(jobsOf({ ...plan, pairwiseJudge: null }).some(({ kind }) => kind === 'pairwise')).toBe(false);
  });
});
