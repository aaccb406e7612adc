import { describe, expect, test } from 'vitest';
import {
  findPaperWinRate,
  PAPER_ABILITY,
  PAPER_COMPARISONS,
  PAPER_ROUNDS,
  PAPER_WIN_RATES,
} from './negotiation-paper-evaluation.ts';

describe("the paper's evaluation", () => {
  test('has each of its cells once: two sets by CA alignment, one by conflict resolution', () => {
    const keys = PAPER_WIN_RATES.map(({ left, right, aspect, set, decoding }) =>
      [left, right, aspect, set, decoding].join(' '),
    );
    expect(new Set(keys).size).toBe(PAPER_COMPARISONS.length * 2 * 3);
    for (const { mean, sd } of PAPER_WIN_RATES) {
      expect(mean).toBeGreaterThan(0.3);
      expect(mean).toBeLessThan(0.8);
      expect(sd).toBeLessThan(0.1);
    }
  });

  test.each([
    ['caAlignment', 'open', 'greedy', 'multi', 'single', 0.384, 0.0691],
    ['caAlignment', 'conflict', 'sampling', 'multi', 'base', 0.622, 0.0579],
    ['conflictResolution', 'conflict', 'sampling', 'multi', 'single', 0.728, 0.0309],
    ['conflictResolution', 'conflict', 'greedy', 'single', 'base', 0.398, 0.0514],
  ] as const)('%s, %s, %s: %s against %s', (aspect, set, decoding, left, right, mean, sd) => {
    const found = findPaperWinRate({ aspect, set, decoding, left, right });
    expect(found?.mean).toBeCloseTo(mean, 10);
    expect(found?.sd).toBeCloseTo(sd, 10);
  });

  test('has no conflict resolution of open questions, and no comparison the other way round', () => {
    const cell = { left: 'multi', right: 'base', decoding: 'greedy' } as const;
    expect(findPaperWinRate({ ...cell, aspect: 'conflictResolution', set: 'open' })).toBeUndefined();
    expect(
      findPaperWinRate({ ...cell, left: 'base', right: 'multi', aspect: 'caAlignment', set: 'open' }),
    ).toBeUndefined();
  });

  test('says as its text does that fewer rounds were needed: 24.9 % and 20.8 % fewer', () => {
    const { base, multi } = PAPER_ROUNDS;
    expect(1 - multi.greedy / base.greedy).toBeCloseTo(0.249, 3);
    expect(1 - multi.sampling / base.sampling).toBeCloseTo(0.208, 3);
  });

  test('lost two points of GPQA and gained elsewhere', () => {
    const changes = PAPER_ABILITY.map(({ base, aligned }) => Number(((aligned - base) * 100).toFixed(1)));
    expect(changes).toEqual([0.4, -2, 2.2, 1.7]);
  });
});
