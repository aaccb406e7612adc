import { describe, expect, it } from 'vitest';
import type { DialogueRecord, GroupRecord, Utterance } from '@/protocol/negotiation-run.ts';
import { DILEMMA, PAIR, tinySettings } from '@/testing/negotiation-doubles.ts';
import { advantagesOf } from '@/protocol/advantages.ts';
import type { NegotiationStepResult } from './negotiation-step.ts';
import { stepMetrics } from './step-metrics.ts';

const said = (role: Utterance['role'], text: string): Utterance => ({
  kind: 'utterance',
  role,
  turn: 1,
  promptIds: [1],
  tokenIds: [2, 3],
  logProbs: [-1, -2],
  text,
  stop: 'stopToken',
  isTruncated: false,
  origin: 'model',
});
const dialogue = (more: Partial<DialogueRecord>): DialogueRecord => ({
  row: 0,
  branch: 0,
  utterances: [said('agent1', 'With Benevolence and power'), said('agent2', 'I agree')],
  agreements: [{ state: 'judged', turn: 1, agreed: true }],
  outcome: 'agreed',
  completion: { ...said('agent1', 'Do it.'), kind: 'completion' },
  ...more,
});
const group = (dialogues: readonly DialogueRecord[]): GroupRecord => ({
  format: 'duet-negotiation-1',
  dilemma: DILEMMA,
  pair: PAIR,
  settings: tinySettings(),
  plan: { rowsPerForward: 1, maxForwardTokens: 1, keepsContext: false },
  dialogues,
});
const scored = (score: number): DialogueRecord => dialogue({ verdict: { state: 'scored', score } });
const failed = dialogue({ outcome: 'failed', agreements: [{ state: 'judged', turn: 1, agreed: false }] });
const unreadable = dialogue({ verdict: { state: 'unreadable', reason: '', raw: '' } });

/** @param rewards  of all dialogues, NaN where there is none */
function result(groups: readonly GroupRecord[], rewards: readonly number[]): NegotiationStepResult {
  const groupIds = groups.flatMap(({ dialogues }, index) => dialogues.map(() => index));
  const report = advantagesOf(
    rewards.map((reward) => [reward]),
    groupIds,
    { scaleRewards: 'group' },
  );
  return { groups, rewards: report, advantages: [], rows: [], reports: [], before: null, after: null };
}

describe('the numbers of a step', () => {
  it('count what agreed, failed and could not be read, and average groups', () => {
    const groups = [group([scored(4), scored(2), failed, unreadable]), group([scored(3), scored(3)])];
    const metrics = stepMetrics(result(groups, [4, 2, 0, Number.NaN, 3, 3]), 10);
    expect(metrics).toMatchObject({
      reward: 2.4,
      'reward/min': 1.5,
      'reward/max': 3.5,
      score: 3,
      frac_failed: 1 / 6,
      frac_unreadable: 1 / 6,
      frac_informative: 0.5,
      agreement_rate: 5 / 6,
      'num_turns/mean': 1,
      num_tokens: 10,
      'monitor/aspect_words': 2,
      'monitor/agreed_in_round_1': 5 / 6,
    });
    // All answers are the same words.
    expect(metrics['monitor/distinct_answers']).toBeCloseTo(1 / 6, 9);
  });

  it('leave out what is not known: JSON has no NaN', () => {
    const metrics = stepMetrics(result([group([unreadable, unreadable])], [Number.NaN, Number.NaN]), 0);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    for (const name of ['reward', 'score', 'loss', 'grad_norm', 'change/agreement'])
      expect(metrics).not.toHaveProperty(name);
  });

  it('say how many tokens an update moved the way their advantage pulled', () => {
    const row = (advantage: number, lossMask: number[]): NegotiationStepResult['rows'][number] => ({
      group: 0,
      dialogue: 0,
      utterance: 0,
      training: { promptIds: [1], completionIds: [2, 3], lossMask, advantage, oldLogProbs: [-1, -2] },
    });
    const read = (logProbs: number[]): { logProbs: number[]; entropies: number[] } => ({ logProbs, entropies: [] });
    const metrics = stepMetrics(
      {
        ...result([group([scored(4), scored(2)])], [4, 2]),
        // The masked token moved too, and does not count.
        rows: [row(1, [1, 1]), row(-1, [1, 0])],
        before: [read([-1, -2]), read([-1, -2])],
        after: [read([-0.5, -2.5]), read([-1.5, -9])],
      },
      0,
    );
    expect(metrics['change/agreement']).toBeCloseTo(2 / 3, 9);
    expect(metrics['change/mean_abs']).toBeCloseTo(0.5, 9);
    expect(metrics['sampling/sampling_logp_difference/max']).toBe(0);
  });
});
