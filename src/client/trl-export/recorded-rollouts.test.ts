import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Dilemma, PersonaPair } from '@/protocol/negotiation.ts';
import type { DialogueRecord, GroupRecord, NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { DEFAULT_TRAINING, type TrainingSettings } from '@/protocol/training.ts';
import { recordedFiles } from './recorded-rollouts.ts';

const DILEMMA: Dilemma = {
  id: 'lent-ladder',
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'You lent a ladder. Do you ask for it?',
  split: 'train',
  origin: 'own',
};
const PAIR: PersonaPair = {
  id: 'own-pair',
  theme: 'Own pair',
  persona1: 'Be quick.',
  persona2: 'Be thorough.',
  split: 'train',
  origin: 'own',
};

const filesOf = (
  groups: readonly GroupRecord[],
  {
    groupsPerStep = 2,
    training = DEFAULT_TRAINING,
  }: { readonly groupsPerStep?: number; readonly training?: TrainingSettings } = {},
): Record<string, string> => recordedFiles({ groups, groupsPerStep, training });

function linesOf(files: Record<string, string>, name: string): Record<string, unknown>[] {
  const lines = (files[name] ?? '').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

test('without groups there are no files', () => {
  expect(filesOf([])).toEqual({});
});

test('recorded groups go into the files of TRL', () => {
  const first = group([
    dialogue(0, { score: 4, answer: 'Best.' }),
    dialogue(1, { score: 1, answer: 'Worst.' }),
    dialogue(2, { outcome: 'failed' }),
    dialogue(3, { answer: 'Unread.' }),
  ]);
  const second = group([dialogue(0, { score: 3, answer: 'A.' }), dialogue(1, { score: 3, answer: 'B.' })]);
  const files = filesOf([first, second], { groupsPerStep: 1 });
  const prompt = [{ role: 'user', content: DILEMMA.prompt }];
  expect(linesOf(files, 'prompts.jsonl')).toEqual([{ prompt }, { prompt }]);
  const std = Math.sqrt(((4 - 5 / 3) ** 2 + (1 - 5 / 3) ** 2 + (5 / 3) ** 2) / 2);
  const advantages = [4, 1, 0].map((reward) => (reward - 5 / 3) / (std + 1e-4));
  const rows = linesOf(files, 'completions.jsonl');
  expect(rows.map(({ step, collective_agency: reward }) => [step, reward])).toEqual([
    [1, 4],
    [1, 1],
    [1, 0],
    [1, null],
    [2, 3],
    [2, 3],
  ]);
  const found = rows.map(({ advantage }) => Number(advantage));
  for (const [index, advantage] of [...advantages, 0, 0, 0].entries()) expect(found[index]).toBeCloseTo(advantage, 12);
  expect(rows[0]).toMatchObject({ prompt, completion: [{ role: 'assistant', content: 'Best.' }], outcome: 'agreed' });
  expect(linesOf(files, 'preference.jsonl')).toEqual([
    { prompt, chosen: [{ role: 'assistant', content: 'Best.' }], rejected: [{ role: 'assistant', content: 'Worst.' }] },
  ]);
});

test('recorded utterances have their masks; what no prompt leads to is left out', () => {
  const person: Utterance = { ...utterance('agent2', 2), origin: 'person', logProbs: [] };
  const groups = [
    group([
      {
        ...dialogue(0, { score: 2, answer: 'x' }),
        utterances: [utterance('agent1', 1), utterance('agent2', 1), person],
      },
      { ...dialogue(1, {}), outcome: 'stopped' },
      {
        ...dialogue(2, { outcome: 'failed' }),
        thoughts: [{ role: 'agent2', turn: 1, tokenIds: [1], logProbs: [-1], heard: [0], text: '', stop: 'cut' }],
      },
    ]),
  ];
  const row = { prompt_ids: [5, 6], completion_ids: [7, 8], logprobs: [-0.5, -0.25], group: 0, turn: 1 };
  expect(linesOf(filesOf(groups), 'rollouts.jsonl')).toEqual([
    { ...row, env_mask: [1, 1], row: 0, agent: 1 },
    { ...row, env_mask: [0, 0], row: 0, agent: 2 },
    { ...row, env_mask: [1, 1], row: 2, agent: 1 },
  ]);
  const both = filesOf(groups, { training: { ...DEFAULT_TRAINING, trainRoles: 'both' } });
  expect(linesOf(both, 'rollouts.jsonl')[1]).toMatchObject({ agent: 2, env_mask: [1, 1] });
});

test('advantages over the batch take the rewards of the whole step', () => {
  const groups = [
    [1, 2],
    [0, 5],
  ].map((scores) => group(scores.map((score, row) => dialogue(row, { score, answer: 'x' }))));
  const std = Math.sqrt([1, 2, 0, 5].reduce((sum, score) => sum + (score - 2) ** 2, 0) / 3);
  const files = filesOf(groups, { training: { ...DEFAULT_TRAINING, scaleRewards: 'batch' } });
  const found = linesOf(files, 'completions.jsonl').map(({ advantage }) => Number(advantage));
  for (const [index, centred] of [-0.5, 0.5, -2.5, 2.5].entries())
    expect(found[index]).toBeCloseTo(centred / (std + 1e-4), 12);
});

function group(dialogues: readonly DialogueRecord[]): GroupRecord {
  const plan = { rowsPerForward: 4, maxForwardTokens: 64, keepsContext: true };
  return { format: 'duet-negotiation-1', dilemma: DILEMMA, pair: PAIR, settings: DEFAULT_NEGOTIATION, plan, dialogues };
}

function dialogue(
  row: number,
  { score, answer, outcome = 'agreed' }: { score?: number; answer?: string; outcome?: DialogueRecord['outcome'] },
): DialogueRecord {
  return {
    row,
    branch: 0,
    utterances: [utterance('agent1', 1), utterance('agent2', 1)],
    agreements: [{ state: 'judged', turn: 1, agreed: outcome === 'agreed' }],
    outcome,
    ...(answer !== undefined && { completion: { ...utterance('agent1', 1), kind: 'completion', text: answer } }),
    ...(score !== undefined && { verdict: { state: 'scored', score } }),
  };
}

function utterance(role: NegotiationRole, turn: number): Utterance {
  return {
    kind: 'utterance',
    role,
    turn,
    promptIds: [5, 6],
    tokenIds: [7, 8],
    logProbs: [-0.5, -0.25],
    text: 'I agree.',
    stop: 'stopToken',
    isTruncated: false,
    origin: 'model',
  };
}
