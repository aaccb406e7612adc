import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialoguePiece, EvaluationPiece, PairwisePiece } from '@/protocol/negotiation-evaluation.ts';
import type { PairwiseVerdict } from '@/protocol/negotiation-api.ts';
import { dialogue, evaluationPlan } from '@/testing/negotiation-evaluation-doubles.ts';
import { contestantRow, repeated, summariseEvaluation, winRateRow } from './summary.ts';

const OF = { left: 'tuned', right: 'base', aspect: 'caAlignment', set: 'conflict', decoding: 'sampling' } as const;

type Winner = PairwiseVerdict['winner'];

function compared(winner: Winner, repetition = 0): Pick<PairwisePiece, 'repetition' | 'verdict'> {
  const unread = { state: 'unreadable', reason: '', raw: '' } as const;
  return { repetition, verdict: { winner, answers: [unread, unread] } };
}

const times = (count: number, winner: Winner, repetition = 0): Pick<PairwisePiece, 'repetition' | 'verdict'>[] =>
  Array.from({ length: count }, () => compared(winner, repetition));

describe('a win rate', () => {
  it('counts consistent wins alone, with Wilson’s interval: 18 of 25', () => {
    const row = winRateRow(OF, [
      ...times(18, 'left'),
      ...times(7, 'right'),
      ...times(9, 'inconsistent'),
      ...times(2, 'unreadable'),
    ]);
    expect(row).toMatchObject({ ...OF, wins: 18, losses: 7, inconsistent: 9, unreadable: 2, winRate: 0.72 });
    expect(row.interval?.low).toBeCloseTo(0.524, 3);
    expect(row.interval?.high).toBeCloseTo(0.857, 3);
    expect(row.perRepetition).toEqual({ mean: 0.72, sd: null, count: 1 });
  });

  it('is none where no comparison was consistent', () => {
    const nothing = { winRate: null, interval: null, perRepetition: null };
    expect(winRateRow(OF, [])).toMatchObject({ ...nothing, wins: 0, losses: 0 });
    expect(winRateRow(OF, times(3, 'inconsistent'))).toMatchObject({ ...nothing, inconsistent: 3 });
  });

  it('has a mean and a spread over repetitions, without those that have no rate', () => {
    const row = winRateRow(OF, [
      ...times(3, 'left', 0),
      ...times(1, 'right', 0),
      ...times(1, 'left', 1),
      ...times(3, 'right', 1),
      ...times(4, 'inconsistent', 2),
    ]);
    expect(row.winRate).toBe(0.5);
    expect(row.perRepetition?.mean).toBe(0.5);
    // Rates of .75 and .25: sqrt(2 * .25^2 / 1).
    expect(row.perRepetition?.sd).toBeCloseTo(Math.sqrt(0.125), 12);
    expect(row.perRepetition?.count).toBe(2);
  });

  it('is mirrored where left and right change places', () => {
    const piece = fc
      .record({
        winner: fc.constantFrom<Winner>('left', 'right', 'inconsistent', 'unreadable'),
        repetition: fc.integer({ min: 0, max: 3 }),
      })
      .map(({ winner, repetition }) => compared(winner, repetition));
    const swaps: Partial<Record<Winner, Winner>> = { left: 'right', right: 'left' };
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const row = winRateRow(OF, pieces);
        const mirrored = winRateRow(
          OF,
          pieces.map(({ repetition, verdict: { winner } }) => compared(swaps[winner] ?? winner, repetition)),
        );
        expect([mirrored.wins, mirrored.losses]).toEqual([row.losses, row.wins]);
        expect([mirrored.inconsistent, mirrored.unreadable]).toEqual([row.inconsistent, row.unreadable]);
        expect(row.wins + row.losses + row.inconsistent + row.unreadable).toBe(pieces.length);
        if (row.winRate === null || row.interval === null || row.perRepetition === null) {
          expect([mirrored.winRate, mirrored.interval, mirrored.perRepetition]).toEqual([null, null, null]);
          return;
        }
        expect(mirrored.winRate).toBeCloseTo(1 - row.winRate, 12);
        expect(mirrored.interval?.low).toBeCloseTo(1 - row.interval.high, 12);
        expect(mirrored.interval?.high).toBeCloseTo(1 - row.interval.low, 12);
        expect(mirrored.perRepetition?.mean).toBeCloseTo(1 - row.perRepetition.mean, 12);
        expect(mirrored.perRepetition?.sd ?? -1).toBeCloseTo(row.perRepetition.sd ?? -1, 12);
        expect(row.interval.low).toBeLessThanOrEqual(row.winRate);
        expect(row.interval.high).toBeGreaterThanOrEqual(row.winRate);
      }),
      { seed: 5 },
    );
  });
});

describe('a contestant’s row', () => {
  const of = { contestant: 'tuned', set: 'conflict', decoding: 'sampling' } as const;

  function piece(
    score: number | null,
    { agreedIn = 1, repetition = 0 }: { readonly agreedIn?: number | null; readonly repetition?: number } = {},
  ): DialoguePiece {
    const verdict =
      score === null
        ? ({ state: 'unreadable', reason: 'No digit.', raw: '?' } as const)
        : ({ state: 'scored', score } as const);
    const record = { ...dialogue('An answer.', agreedIn), verdict };
    return { kind: 'dialogue', ...of, repetition, dilemmaId: 'a', pairId: 'b', record };
  }

  it('averages what could be read, also where there was no agreement, and counts the rest', () => {
    const row = contestantRow(of, [piece(4), piece(1, { agreedIn: null }), piece(null)]);
    expect(row).toMatchObject({ ...of, count: 3, unreadable: 1, meanScore: { mean: 2.5, sd: null, count: 1 } });
  });

  it('has the turns of those that agreed, and how many did', () => {
    const row = contestantRow(of, [
      piece(3, { agreedIn: 1 }),
      piece(3, { agreedIn: 4 }),
      piece(3, { agreedIn: null }),
      piece(3, { agreedIn: null }),
    ]);
    expect(row.rounds?.mean).toBe(2.5);
    expect(row.agreement?.value).toBe(0.5);
    expect(row.agreement?.interval.low).toBeCloseTo(0.15, 3);
    expect(row.agreement?.interval.high).toBeCloseTo(0.85, 3);
  });

  it('has a spread over repetitions', () => {
    const row = contestantRow(of, [
      piece(1, { repetition: 0 }),
      piece(3, { repetition: 0 }),
      piece(4, { repetition: 1 }),
      piece(null, { repetition: 2 }),
    ]);
    expect(row.meanScore).toEqual({ mean: 3, sd: Math.SQRT2, count: 2 });
  });

  it('knows nothing of nothing, and of open questions no agreement', () => {
    const empty = { count: 0, meanScore: null, unreadable: 0, agreement: null, rounds: null };
    expect(contestantRow(of, [])).toEqual({ ...of, ...empty });
    const open = contestantRow({ ...of, set: 'open' }, [{ ...piece(5), set: 'open', pairId: null }]);
    expect(open).toMatchObject({ count: 1, agreement: null, rounds: null, meanScore: { mean: 5 } });
  });
});

describe('the tables', () => {
  const plan = {
    ...evaluationPlan(),
    sets: ['conflict', 'open'] as const,
    decodings: ['greedy', 'sampling'] as const,
    ability: { sets: ['commonsense'] as const, itemsPerSet: 2, text: 'x' },
  };

  it('have all their rows from the beginning', () => {
    const { contestants, winRates, ability, perplexity } = summariseEvaluation(plan, []);
    expect(contestants.map(({ contestant, set, decoding }) => `${contestant} ${set} ${decoding}`)).toEqual([
      'base conflict greedy',
      'tuned conflict greedy',
      'base open greedy',
      'tuned open greedy',
      'base conflict sampling',
      'tuned conflict sampling',
      'base open sampling',
      'tuned open sampling',
    ]);
    expect(winRates).toHaveLength(2 * (2 + 1));
    expect(ability).toEqual([
      { contestant: 'base', set: 'commonsense', count: 0, correct: 0, interval: null },
      { contestant: 'tuned', set: 'commonsense', count: 0, correct: 0, interval: null },
    ]);
    expect(perplexity).toEqual([]);
  });

  it('put each piece in its row', () => {
    const item = { kind: 'ability', set: 'commonsense', text: '', extracted: 'A' } as const;
    const pieces: readonly EvaluationPiece[] = [
      { ...item, contestant: 'base', itemId: '1', isCorrect: true },
      { ...item, contestant: 'base', itemId: '2', isCorrect: false },
      { ...item, contestant: 'tuned', itemId: '1', isCorrect: true },
      { kind: 'perplexity', contestant: 'tuned', numTokens: 9, natsPerToken: Math.log(20) },
      { kind: 'pairwise', ...OF, dilemmaId: 'a', ...compared('left') },
      { kind: 'pairwise', ...OF, set: 'open', dilemmaId: 'a', ...compared('right') },
      {
        kind: 'pairwise',
        ...OF,
        decoding: 'greedy',
        aspect: 'conflictResolution',
        dilemmaId: 'a',
        ...compared('left'),
      },
    ];
    const { winRates, ability, perplexity } = summariseEvaluation(plan, pieces);
    expect(ability.map(({ count, correct }) => [count, correct])).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(perplexity).toEqual([{ contestant: 'tuned', numTokens: 9, perplexity: expect.closeTo(20, 9) }]);
    const filled = winRates.filter(({ winRate }) => winRate !== null);
    expect(filled.map(({ set, decoding, aspect, winRate }) => [set, decoding, aspect, winRate])).toEqual([
      ['conflict', 'greedy', 'conflictResolution', 1],
      ['conflict', 'sampling', 'caAlignment', 1],
      ['open', 'sampling', 'caAlignment', 0],
    ]);
  });

  it('have no win rates where nobody judges', () => {
    expect(summariseEvaluation({ ...plan, pairwiseJudge: null }, []).winRates).toEqual([]);
  });
});

describe('repetitions', () => {
  it('have a spread from two on', () => {
    expect(repeated([])).toBeNull();
    expect(repeated([3])).toEqual({ mean: 3, sd: null, count: 1 });
    expect(repeated([1, 2, 3])).toEqual({ mean: 2, sd: 1, count: 3 });
  });
});
