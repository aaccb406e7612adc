import { describe, expect, it } from 'vitest';
import { pairedDifferenceInterval, wilsonInterval } from '@/lib/proportions.ts';
import type { DelayMetrics } from '@/protocol/comparison.ts';
import type { EvaluationRecord } from '@/protocol/evaluation.ts';
import { summarise } from './summary.ts';

const METRICS: DelayMetrics = {
  timeToFirstTokenMs: 1000,
  timeToFirstSentenceMs: 2000,
  timeToFirstSpeechMs: 1500,
  totalMs: 4000,
  steps: 20,
  stepsToFirstToken: 5,
  stepsDelay: 8,
  totalDelaySeconds: 3,
  adjustedDelaySeconds: 2,
  thinkerTokens: 12,
  writerTokens: 6,
};

function recordOf(
  configuration: string,
  itemId: string,
  grade: 'right' | 'wrong' | 'unread',
  metrics: Partial<DelayMetrics> = {},
): EvaluationRecord {
  return {
    configuration,
    itemId,
    stop: 'budget',
    text: { thinker: '', writer: '' },
    extracted: grade === 'unread' ? null : '1',
    isCorrect: grade === 'right',
    metrics: { ...METRICS, ...metrics },
  };
}

describe('a row', () => {
  it('counts what is right, wrong and unread', () => {
    const records = [
      recordOf('a', '1', 'right'),
      recordOf('a', '2', 'wrong'),
      recordOf('a', '3', 'unread'),
      recordOf('a', '4', 'right'),
      recordOf('b', '1', 'right'),
    ];
    const { rows } = summarise(['a', 'b', 'c'], records);
    expect(
      rows.map(({ configuration, numItems, numCorrect, numUnread }) => [
        configuration,
        numItems,
        numCorrect,
        numUnread,
      ]),
    ).toEqual([
      ['a', 4, 2, 1],
      ['b', 1, 1, 0],
      ['c', 0, 0, 0],
    ]);
    expect(rows[0]?.accuracy).toEqual({ value: 0.5, ...wilsonInterval(2, 4) });
    expect(rows[2]).toMatchObject({ accuracy: null, totalDelaySeconds: null, writerTokens: null });
  });

  it('has the mean of what there is, in seconds', () => {
    const records = [
      recordOf('a', '1', 'right', { timeToFirstTokenMs: 500, stepsToFirstToken: 1 }),
      recordOf('a', '2', 'right', { timeToFirstTokenMs: 1500, stepsToFirstToken: 3 }),
      recordOf('a', '3', 'unread', {
        timeToFirstTokenMs: null,
        stepsToFirstToken: null,
        stepsDelay: null,
        totalDelaySeconds: 0,
        adjustedDelaySeconds: 0,
        writerTokens: 0,
      }),
    ];
    const [row] = summarise(['a'], records).rows;
    expect(row?.timeToFirstTokenSeconds).toMatchObject({ mean: 1, count: 2 });
    // s = 0.7071, 1.96 s / sqrt(2) = 0.98
    expect(row?.timeToFirstTokenSeconds?.low).toBeCloseTo(0.02, 4);
    expect(row?.timeToFirstTokenSeconds?.high).toBeCloseTo(1.98, 4);
    expect(row?.stepsToFirstToken).toMatchObject({ mean: 2, count: 2 });
    expect(row?.stepsDelay).toEqual({ mean: 8, low: 8, high: 8, count: 2 });
    // Without an answer there is no delay; to call it 0 would praise silence.
    expect(row?.totalDelaySeconds).toEqual({ mean: 3, low: 3, high: 3, count: 2 });
    expect(row?.adjustedDelaySeconds).toMatchObject({ mean: 2, count: 2 });
    expect(row?.writerTokens).toMatchObject({ mean: 4, count: 3 });
    expect(row?.thinkerTokens).toMatchObject({ mean: 12, count: 3 });
  });
});

describe('a pair', () => {
  it('is compared on the items that both have answered', () => {
    const records = [
      recordOf('a', '1', 'right'),
      recordOf('b', '1', 'right'),
      recordOf('a', '2', 'right'),
      recordOf('b', '2', 'wrong'),
      recordOf('a', '3', 'right'),
      recordOf('b', '3', 'unread'),
      recordOf('a', '4', 'wrong'),
      recordOf('b', '4', 'right'),
      recordOf('a', '5', 'unread'),
      recordOf('b', '5', 'wrong'),
      recordOf('a', '6', 'right'),
    ];
    expect(summarise(['a', 'b'], records).pairs).toEqual([
      {
        first: 'a',
        second: 'b',
        numItems: 5,
        onlyFirstCorrect: 2,
        onlySecondCorrect: 1,
        difference: 0.2,
        ...pairedDifferenceInterval({ both: 1, onlyFirst: 2, onlySecond: 1, neither: 1 }),
        pValue: 1,
      },
    ]);
  });

  it('is every two configurations, in order, that have an item in common', () => {
    const records = ['a', 'b', 'c', 'd'].map((name) => recordOf(name, name === 'd' ? '2' : '1', 'right'));
    const names = summarise(['a', 'b', 'c', 'd'], records).pairs.map(({ first, second }) => first + second);
    expect(names).toEqual(['ab', 'ac', 'bc']);
  });
});
