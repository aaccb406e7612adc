import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import {
  NEGOTIATION_PAPER_SOURCE,
  PAPER_CONDITIONAL_MEANS,
  PAPER_JUDGE_AGREEMENTS,
  PAPER_MEAN_SCORES,
} from '@/protocol/negotiation-paper-results.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { collect } from '@/testing/negotiation-doubles.ts';
import { type Judge, unreadable } from './judge.ts';
import { compareJudges, judgeAgreement, type ScorePair } from './judge-calibration.ts';

describe('the agreement of two judges', () => {
  it('is worked out by hand', () => {
    const pairs: ScorePair[] = [
      [0, 1],
      [2, 2],
      [4, 3],
      [5, 2],
    ];
    const agreement = judgeAgreement(pairs);
    expect(agreement).toMatchObject({ count: 4, exact: 0.25, withinOne: 0.75, means: [2.75, 2] });
    // Deviations -2.75, -0.75, 1.25, 2.25 and -1, 0, 1, 0.
    expect(agreement.pearson).toBeCloseTo(4 / Math.sqrt(14.75 * 2), 12);
    // Observed 1 + 0 + 1 + 9; at random, per first score 0: 1+4+9+4, 2: 1+0+1+0, 4: 9+4+1+4, 5: 16+9+4+9.
    expect(agreement.quadraticKappa).toBeCloseTo(1 - (11 * 4) / (18 + 2 + 18 + 38), 12);
    expect(agreement.conditionalMeans).toEqual([
      { score: 0, count: 1, mean: 1 },
      { score: 2, count: 1, mean: 2 },
      { score: 4, count: 1, mean: 3 },
      { score: 5, count: 1, mean: 2 },
    ]);
  });

  it('is the weighted kappa of a table of counts', () => {
    const score = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 30 }), (pairs) => {
        const { quadraticKappa } = judgeAgreement(pairs);
        const expected = kappaOfTable(pairs);
        if (quadraticKappa === null) expect(Number.isFinite(expected)).toBe(false);
        else expect(quadraticKappa).toBeCloseTo(expected, 9);
      }),
    );
  });

  it('is full with itself, and says where it means nothing', () => {
    expect(
      judgeAgreement([
        [1.2, 1.2],
        [3.4, 3.4],
      ]),
    ).toMatchObject({ exact: 1, withinOne: 1, quadraticKappa: 1 });
    expect(
      judgeAgreement([
        [3, 3],
        [3, 3],
      ]),
    ).toMatchObject({ exact: 1, pearson: null, quadraticKappa: null });
    expect(judgeAgreement([])).toMatchObject({ count: 0, exact: null, means: null, conditionalMeans: [] });
  });
});

/** 1 - sum w O / sum w E over the 6 x 6 table, w = (i - j)^2 / 25. */
function kappaOfTable(pairs: readonly ScorePair[]): number {
  const indices = [0, 1, 2, 3, 4, 5];
  const share = (isHit: (pair: ScorePair) => boolean): number => pairs.filter(isHit).length / pairs.length;
  let [observed, expected] = [0, 0];
  for (const i of indices)
    for (const j of indices) {
      const weight = (i - j) ** 2 / 25;
      observed += weight * share(([x, y]) => x === i && y === j);
      expected += weight * share(([x]) => x === i) * share(([, y]) => y === j);
    }
  return 1 - observed / expected;
}

describe('comparing', () => {
  it('leaves out what one of them could not score, and counts it', async () => {
    const judge = (name: string, verdicts: readonly JudgeVerdict[]): Judge => ({
      name,
      score: ({ completion }) => Promise.resolve(at(verdicts, Number(completion))),
    });
    const scored = (score: number): JudgeVerdict => ({ state: 'scored', score });
    const transcripts = ['0', '1', '2'].map((completion): JudgedAnswer => ({
      dilemma: '',
      persona1: '',
      persona2: '',
      completion,
      dialogue: [],
    }));
    const first = judge('a', [scored(1), unreadable('?'), scored(4)]);
    const second = judge('b', [scored(2), scored(5), scored(4)]);
    const { events, result } = await collect(compareJudges([first, second], transcripts));
    expect(events.map(({ index, agreement }) => [index, agreement.count])).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
    ]);
    expect(result).toMatchObject({ numUnreadable: [1, 0], agreement: { count: 2, exact: 0.5, withinOne: 1 } });
  });
});

describe("the paper's figures", () => {
  it('agree with each other', () => {
    const total = PAPER_CONDITIONAL_MEANS.reduce((sum, { count }) => sum + count, 0);
    const mean = (value: (entry: (typeof PAPER_CONDITIONAL_MEANS)[number]) => number): number =>
      PAPER_CONDITIONAL_MEANS.reduce((sum, entry) => sum + entry.count * value(entry), 0) / total;
    expect(total).toBe(100);
    expect(mean(({ score }) => score)).toBeCloseTo(PAPER_MEAN_SCORES['GPT-4o-mini'], 9);
    expect(mean((entry) => entry.mean)).toBeCloseTo(PAPER_MEAN_SCORES['GPT-5.2'], 2);
    expect(PAPER_JUDGE_AGREEMENTS.every(({ exact, withinOne }) => exact <= withinOne && withinOne <= 1)).toBe(true);
    expect(NEGOTIATION_PAPER_SOURCE.licence).toBe('CC BY 4.0');
  });
});
