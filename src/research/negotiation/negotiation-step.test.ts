import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { rewardOf } from '@/protocol/negotiation-run.ts';
import { DEFAULT_TRAINING, type TrainingSettings } from '@/protocol/training.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { FakeTrainer } from '@/testing/fake-trainer.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import { RuleAgreement } from './agreement.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import type { Judge } from './judge.ts';
import { stepMetrics } from './step-metrics.ts';
import {
  negotiationStep,
  type NegotiationStepPlan,
  type NegotiationStepResult,
  tasksOfStep,
} from './negotiation-step.ts';

let vocabSize: number;
let tokenizer: ChatTokenizer;
let ids: Record<'a' | 'b' | 'end', number>;
beforeAll(async () => {
  const pieces = await readTinyTokenBytes();
  const tiny = new PieceTokenizer(pieces);
  vocabSize = pieces.length;
  tokenizer = chatMl(tiny);
  const idOf = (piece: string): number => tiny.idOf(piece) ?? -1;
  ids = { a: idOf('a'), b: idOf('b'), end: idOf('<|im_end|>') };
});

/** Says a and b, each as likely as the other. */
const babbler = (): FakeDecoder =>
  new FakeDecoder({
    vocabSize,
    logits: () =>
      new Map([
        [ids.a, 20],
        [ids.b, 20],
        [ids.end, 18],
      ]),
  });

/** The more of agent 1's first words are a, the better. */
const likesA: Judge = {
  name: 'likes a',
  score: ({ dialogue = [] }) =>
    Promise.resolve({ state: 'scored', score: Math.min(5, (dialogue[0]?.text.match(/a/g) ?? []).length) }),
};

const FIRST = {
  method: 'negotiation',
  stepsBefore: 0,
  updatesBefore: 0,
  measuresChange: true,
  trainsThoughts: false,
} as const;

async function step(
  trainer: FakeTrainer,
  judge: Judge,
  training: Partial<TrainingSettings> = {},
  more: Partial<NegotiationStepPlan> = {},
): Promise<NegotiationStepResult> {
  const decoder = babbler();
  const agreement = new RuleAgreement(['a', 'b']);
  const plan = {
    tasks: [{ dilemma: DILEMMA, pair: PAIR }],
    settings: tinySettings({ groupSize: 6, maxTurns: 1, seed: 3 }),
    training: { ...DEFAULT_TRAINING, learningRate: 0.05, ...training },
    ...FIRST,
    ...more,
  };
  const io = { tokenizer, prompts: SHORT_PROMPTS, agreement, signal: new AbortController().signal };
  const { result } = await collect(
    negotiationStep({ decoder: new SamplingDecoder(decoder), trainer, judge }, plan, io),
  );
  expect(decoder.numLiveObjects).toBe(0);
  return result;
}

const trainer = (): FakeTrainer =>
  new FakeTrainer(Array.from({ length: vocabSize }, () => Array.from({ length: vocabSize }, () => 0)));

describe('a step', () => {
  it('makes what was rewarded likelier, on the tokens of agent 1 only', async () => {
    const table = trainer();
    const before = table.policy(ids.a)[ids.a] ?? 0;
    const { groups, rewards, reports } = await step(table, likesA);
    expect(rewards.rewards).toEqual(groups[0]?.dialogues.map(rewardOf));
    expect(rewards.advantages.reduce((sum, a) => sum + a, 0)).toBeCloseTo(0, 9);
    expect(new Set(rewards.rewards).size).toBeGreaterThan(1);
    expect(reports).toHaveLength(1);
    expect(reports[0]?.rows).toHaveLength(6);
    expect(table.policy(ids.a)[ids.a]).toBeGreaterThan(before);
    expect(table.updates).toHaveLength(1);
  });

  it('changes nothing where all rewards are equal, or none could be read', async () => {
    const same: Judge = { name: 'same', score: () => Promise.resolve({ state: 'scored', score: 3 }) };
    const mute: Judge = {
      name: 'mute',
      score: () => Promise.resolve({ state: 'unreadable', reason: 'It says nothing.', raw: '' }),
    };
    for (const judge of [same, mute]) {
      const table = trainer();
      const { reports, rewards } = await step(table, judge);
      expect(reports).toEqual([]);
      expect(table.updates).toEqual([]);
      expect(rewards.advantages.every((advantage) => advantage === 0)).toBe(true);
    }
  });

  it('reads what it trained again, and finds it moved towards the advantages', async () => {
    const { rows, before, after, advantages } = await step(trainer(), likesA);
    expect(advantages).toHaveLength(1);
    for (const [index, { training, dialogue }] of rows.entries()) {
      expect(training.advantage).toBe(advantages[0]?.[dialogue]);
      const sum = (lists: NegotiationStepResult['after']): number =>
        (lists?.[index]?.logProbs ?? []).reduce((total, value) => total + value, 0);
      expect(before?.[index]?.logProbs).toHaveLength(training.completionIds.length);
      if (training.advantage > 0) expect(sum(after)).toBeGreaterThan(sum(before));
    }
    const metrics = stepMetrics(await step(trainer(), likesA), 100);
    expect(metrics['change/agreement']).toBeGreaterThan(0.5);
    expect(metrics['agreement_rate']).toBe(1);
    expect(metrics['num_tokens']).toBeGreaterThan(100);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });

  it('is whole once it has updated: stopped then, it makes its other updates and only leaves out the last reading', async () => {
    const stop = new AbortController();
    const table = trainer();
    const plan = {
      tasks: [{ dilemma: DILEMMA, pair: PAIR }],
      settings: tinySettings({ groupSize: 6, maxTurns: 1, seed: 3 }),
      training: { ...DEFAULT_TRAINING, learningRate: 0.05, numIterations: 2 },
      ...FIRST,
    };
    const agreement = new RuleAgreement(['a', 'b']);
    const io = { tokenizer, prompts: SHORT_PROMPTS, agreement, signal: stop.signal };
    const parts = { decoder: new SamplingDecoder(babbler()), trainer: table, judge: likesA };
    const { result } = await collect(negotiationStep(parts, plan, io), ({ kind }) => {
      if (kind === 'updated') stop.abort();
    });
    expect(result.reports.map((report) => report.step)).toEqual([1, 2]);
    expect(table.updates).toHaveLength(2);
    expect(result.before).not.toBeNull();
  });

  it('trains the answers of one agent alone, whose judge sees no personas', async () => {
    const seen: string[] = [];
    const likesLongAnswers: Judge = {
      name: 'long',
      score: ({ persona1, persona2, completion }) => {
        seen.push(persona1 + persona2);
        return Promise.resolve({ state: 'scored', score: Math.min(5, completion.length) });
      },
    };
    const { groups, rows } = await step(trainer(), likesLongAnswers, {}, { method: 'singleAgent' });
    expect(rows.map(({ utterance }) => utterance)).toEqual([null, null, null, null, null, null]);
    expect(rows[0]?.training.completionIds).toEqual(groups[0]?.dialogues[0]?.completion?.tokenIds);
    expect(new Set(seen)).toEqual(new Set(['']));
  });

  it('trains both sides where the settings say so', async () => {
    const { reports } = await step(trainer(), likesA, { trainRoles: 'both' });
    expect(reports[0]?.rows).toHaveLength(12);
  });
});

describe('the tasks of a step', () => {
  it('use every dilemma and pair once before any comes again, and are the same when repeated', () => {
    const dilemmas = DILEMMAS.slice(0, 6);
    const pairs = PERSONA_PAIRS.slice(0, 4);
    const all = Array.from({ length: 6 }, (_, index) =>
      tasksOfStep(dilemmas, pairs, { seed: 1, stepsBefore: index, groupsPerStep: 2 }),
    ).flat();
    for (const epoch of [all.slice(0, 6), all.slice(6)])
      expect(new Set(epoch.map(({ dilemma }) => dilemma.id)).size).toBe(6);
    expect(new Set(all.slice(0, 4).map(({ pair }) => pair.id)).size).toBe(4);
    expect(tasksOfStep(dilemmas, pairs, { seed: 1, stepsBefore: 3, groupsPerStep: 2 })).toEqual([
      at(all, 6),
      at(all, 7),
    ]);
    const other = tasksOfStep(dilemmas, pairs, { seed: 2, stepsBefore: 0, groupsPerStep: 6 });
    expect(other).not.toEqual(all.slice(0, 6));
  });
});
