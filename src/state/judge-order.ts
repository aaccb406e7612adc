/** Whether a judge puts answers of known quality in their order. */
import { ANSWER_LEVELS, type AnswerLevel } from '@/protocol/negotiation/calibration-answers.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';

export interface RankedVerdict {
  readonly dilemmaId: string;
  readonly level: AnswerLevel;
  readonly verdict: JudgeVerdict;
}

/** Pairs of answers to one dilemma that both have a score. */
export interface PairCounts {
  readonly right: number;
  readonly tied: number;
  readonly count: number;
}

export interface JudgeOrder {
  readonly goodOverBad: PairCounts;
  /** Of any two levels. */
  readonly all: PairCounts;
}

/** Scores closer than this are the same: expected values are never quite equal. */
const TIE = 0.005;

export function judgeOrder(verdicts: readonly RankedVerdict[]): JudgeOrder {
  const counts = { goodOverBad: { right: 0, tied: 0, count: 0 }, all: { right: 0, tied: 0, count: 0 } };
  for (const better of verdicts)
    for (const worse of verdicts) {
      const gap = gapOf(better, worse);
      if (gap === undefined) continue;
      const isExtreme = better.level === 'good' && worse.level === 'bad';
      for (const pairs of isExtreme ? [counts.all, counts.goodOverBad] : [counts.all]) {
        pairs.count++;
        if (Math.abs(gap) < TIE) pairs.tied++;
        else if (gap > 0) pairs.right++;
      }
    }
  return counts;
}

/** By how much the better answer has the higher score; undefined for two that are no pair. */
function gapOf(better: RankedVerdict, worse: RankedVerdict): number | undefined {
  if (better.dilemmaId !== worse.dilemmaId) return undefined;
  if (ANSWER_LEVELS.indexOf(better.level) >= ANSWER_LEVELS.indexOf(worse.level)) return undefined;
  if (better.verdict.state !== 'scored' || worse.verdict.state !== 'scored') return undefined;
  return better.verdict.score - worse.verdict.score;
}
