import { describe, expect, test } from 'vitest';
import type { DialogueRecord, GroupRecord, NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import type { NegotiationTrainingStep, TrainedRow } from '@/protocol/negotiation-training.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { formatPercent } from '@/ui/format.ts';
import { dialogueHeads, saidIn, type TrainedToken } from './said-tokens.ts';
import { colouredValue, countedTokens, movementOf, scaleOf, strengthOf } from './token-scale.ts';
import {
  formatFactor,
  formatNats,
  spokenToken,
  TOKEN_COLUMNS,
  tokenLines,
  tableRow,
  TABLE_COLUMNS,
  visibleText,
} from './token-texts.ts';

const TOKEN: TrainedToken = {
  id: 7,
  text: ' the',
  isCounted: true,
  advantage: 0.5,
  logProb: Math.log(0.25),
  logProbAfter: Math.log(0.5),
  change: Math.log(2),
  logRatio: 0,
  entropy: 1.5,
  isStop: false,
};

function utterance(role: NegotiationRole, turn: number, over: Partial<Utterance> = {}): Utterance {
  const base = { kind: 'utterance', role, turn, promptIds: [1], tokenIds: [10, 11], logProbs: [-1, -2] } as const;
  return { ...base, text: `${role} ${turn}`, stop: 'stopToken', isTruncated: false, origin: 'model', ...over };
}

function row(over: Partial<TrainedRow> = {}): TrainedRow {
  return {
    group: 0,
    dialogue: 0,
    utterance: 0,
    tokenIds: [10, 11],
    texts: ['Hello', ''],
    lossMask: [1, 1],
    advantage: 1,
    sampledLogProbs: [-1, -2],
    logProbs: [-1, -2],
    entropies: [0.5, 0.25],
    logProbsAfter: [-0.9, -2.1],
    ...over,
  };
}

function stepOf(rows: readonly TrainedRow[], record: Partial<DialogueRecord> = {}): NegotiationTrainingStep {
  const dialogue: DialogueRecord = {
    row: 0,
    branch: 0,
    utterances: [utterance('agent1', 1), utterance('agent2', 1)],
    agreements: [],
    outcome: 'agreed',
    completion: utterance('agent1', 1, { kind: 'completion', text: 'So be it.' }),
    verdict: { state: 'scored', score: 4 },
    ...record,
  };
  const group: GroupRecord = {
    format: 'duet-negotiation-1',
    dilemma: { id: 'd', goal: 'Goal', prompt: 'What?', category: 'everyday', split: 'train', origin: 'ours' },
    pair: { id: 'p', theme: 'Theme', persona1: 'One.', persona2: 'Two.', split: 'train', origin: 'ours' },
    settings: DEFAULT_NEGOTIATION,
    plan: { rowsPerForward: 1, maxForwardTokens: 64, keepsContext: true },
    dialogues: [dialogue],
  };
  return {
    step: 3,
    updates: 3,
    metrics: {},
    phaseSeconds: {},
    tasks: [],
    groups: [group],
    rewards: [[4]],
    advantages: [[1]],
    rows,
  };
}

describe('what was said', () => {
  test('a trained row has a token for each id, others say why they were not trained', () => {
    const blocks = saidIn(stepOf([row()]), 0, 0);
    expect(blocks.map(({ whyUntrained }) => whyUntrained)).toEqual([
      null,
      'this side is not trained',
      'the answer is judged, not trained',
    ]);
    const [first] = blocks;
    expect(first?.tokens.map(({ id, isStop }) => [id, isStop])).toEqual([
      [10, false],
      [11, true],
    ]);
    expect(first?.tokens[0]?.change).toBeCloseTo(0.1, 12);
  });

  test('a person, a stopped dialogue and a step that left a trained side out have reasons of their own', () => {
    const spoken = [utterance('agent1', 1, { origin: 'person' }), utterance('agent2', 1)];
    expect(saidIn(stepOf([], { utterances: spoken }), 0, 0)[0]?.whyUntrained).toContain('person');
    expect(saidIn(stepOf([], { outcome: 'stopped' }), 0, 0)[0]?.whyUntrained).toContain('stopped');
    const twice = [utterance('agent1', 1), utterance('agent2', 1), utterance('agent1', 2)];
    expect(saidIn(stepOf([row()], { utterances: twice }), 0, 0)[2]?.whyUntrained).toBe('not trained in this step');
  });

  test('of one agent alone the answer is trained', () => {
    const blocks = saidIn(stepOf([row({ utterance: null })], { utterances: [] }), 0, 0);
    expect(blocks.map(({ kind, tokens }) => [kind, tokens.length])).toEqual([['completion', 2]]);
  });

  test('tokens in front of the utterance are thoughts', () => {
    const long = row({ tokenIds: [1, 2, 10, 11], texts: ['a', 'b', 'c', 'd'], lossMask: [1, 1, 1, 1] });
    expect(saidIn(stepOf([long]), 0, 0)[0]?.numThoughts).toBe(2);
  });

  test('without a measurement there is no change, without sampled probabilities no ratio', () => {
    const [block] = saidIn(stepOf([row({ logProbsAfter: null, sampledLogProbs: null })]), 0, 0);
    expect(block?.tokens[0]).toMatchObject({ change: null, logProbAfter: null, logRatio: null });
  });

  test('a dialogue has its reward and advantage', () => {
    expect(dialogueHeads(stepOf([row()]), 0)).toEqual([{ name: '1', reward: 4, advantage: 1 }]);
    expect(dialogueHeads(stepOf([]), 5)).toEqual([]);
  });
});

describe('scales', () => {
  test('it ends at the 98th percentile of the sizes, whatever their sign', () => {
    const values = Array.from({ length: 101 }, (_, index) => (index % 2 === 0 ? index : -index));
    expect(scaleOf(values)).toEqual({ limit: 98, numBeyond: 2, count: 101 });
  });

  test('where nearly all are 0 it reaches to the largest', () => {
    expect(scaleOf([...Array.from({ length: 99 }, () => 0), 0.3])).toEqual({ limit: 0.3, numBeyond: 0, count: 100 });
    expect(scaleOf([0, 0])).toEqual({ limit: 0, numBeyond: 0, count: 2 });
    expect(scaleOf([null, Number.NaN])).toEqual({ limit: 0, numBeyond: 0, count: 0 });
  });

  test('a colour is as strong as the value is large, and no stronger than at the end', () => {
    expect([0.5, -0.25, 3, -9, 0].map((value) => strengthOf(value, 1))).toEqual([0.5, -0.25, 1, -1, 0]);
    expect([strengthOf(null, 1), strengthOf(1, 0), strengthOf(Number.NaN, 1)]).toEqual([0, 0, 0]);
  });

  test('each colouring has its number', () => {
    const ratio = { ...TOKEN, logRatio: 0.02 };
    expect(colouredValue(ratio, 'both')).toBe(TOKEN.change);
    expect(colouredValue(ratio, 'change')).toBe(TOKEN.change);
    expect(colouredValue(ratio, 'advantage')).toBe(0.5);
    expect(colouredValue(ratio, 'entropy')).toBe(1.5);
    expect(colouredValue(ratio, 'ratio')).toBe(0.02);
  });
});

describe('movement', () => {
  const moved = (change: number | null, advantage: number): TrainedToken => ({ ...TOKEN, change, advantage });

  test('a share follows the advantage; what has none, or no measurement, does not count', () => {
    const tokens = [moved(0.2, 1), moved(-0.1, 1), moved(-0.4, -1), moved(0, -1), moved(0.3, 0), moved(null, 1)];
    const { numAimed, shareFollowing, meanChangeUp, meanChangeDown, numMeasured, numPulled } = movementOf(tokens);
    expect([numAimed, shareFollowing, numMeasured, numPulled]).toEqual([4, 0.5, 5, 5]);
    expect(meanChangeUp).toBeCloseTo(0.05, 12);
    expect(meanChangeDown).toBeCloseTo(-0.2, 12);
  });

  test('without tokens nothing is said', () => {
    expect(movementOf([])).toEqual({
      numAimed: 0,
      shareFollowing: null,
      meanChangeUp: null,
      meanChangeDown: null,
      numMeasured: 0,
      numPulled: 0,
    });
  });

  test('only tokens of the loss count, of all dialogues or of one', () => {
    const step = stepOf([row({ lossMask: [1, 0] }), row({ dialogue: 1 }), row({ group: 1 })]);
    expect([countedTokens(step).length, countedTokens(step, 0).length, countedTokens(step, 0, 0).length]).toEqual([
      5, 3, 1,
    ]);
  });
});

describe('texts', () => {
  test('blanks are seen, and tokens without text are named', () => {
    expect(visibleText({ text: ' a\n', isStop: false })).toBe('\u2423a\u21B5');
    expect(visibleText({ text: '', isStop: true })).toBe('stop token');
    expect(visibleText({ text: '', isStop: false })).toBe('part of a character');
  });

  test('percents keep the digits that matter', () => {
    expect([0.413, 0.0521, 0.00052, 3e-7, 0.99999, 1].map(formatPercent)).toEqual([
      '41.3 %',
      '5.21 %',
      '0.052 %',
      '3e\u22125 %',
      '99.999 %',
      '100.0 %',
    ]);
    expect(formatPercent(Number.NaN)).toBe('not measured');
  });

  test('changes and factors are never rounded to nothing', () => {
    expect([0.0614, -0.5, 0.00003, 0].map(formatNats)).toEqual(['+0.061', '\u22120.500', '+3.0e\u22125', '0']);
    expect([Math.log(2), 0.0003, Math.log(0.5), Math.log(2000), Math.log(0.001)].map(formatFactor)).toEqual([
      '\u00D72.00',
      '\u00D71.0003',
      '\u00D70.50',
      '\u00D72.0e3',
      '\u00D71.0e\u22123',
    ]);
  });

  test('a token is told in one sentence', () => {
    expect(spokenToken(TOKEN)).toBe(
      '\u2423the: probability 25.0 % before, 50.0 % after, +0.693 nats, advantage +0.50, entropy 1.50 nats.',
    );
    const unmeasured = { ...TOKEN, logProbAfter: null, change: null, isCounted: false };
    expect(spokenToken(unmeasured)).toContain('change not measured, not counted in the loss');
  });
});

describe('tables', () => {
  test('the file has every trained token, and leaves open what was not measured', () => {
    const lines = tokenLines(stepOf([row(), row({ utterance: 1, logProbsAfter: null, sampledLogProbs: null })]));
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([TOKEN_COLUMNS.length]));
    expect(lines[0]?.slice(0, 11)).toEqual([3, 1, 1, 'agent1', 1, 1, 10, 'Hello', true, 4, 1]);
    expect(lines[2]?.slice(11)).toEqual([null, -1, null, null, null, 0.5]);
    expect(lines[0]?.[15]).toBe(1);
  });

  test('a row of the table has a cell for each column', () => {
    expect(tableRow(TOKEN, 1)).toHaveLength(TABLE_COLUMNS.length);
    expect(tableRow({ ...TOKEN, change: null, logProbAfter: null }, 1)).toContain('\u2013');
  });
});
