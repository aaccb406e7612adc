import { wilsonInterval, type Interval } from '@/lib/proportions.ts';
import type { PairwiseAnswer, PairwiseVerdict } from '@/protocol/negotiation-api.ts';
import type { PairwiseSlots } from '@/protocol/negotiation-prompts.ts';

export interface PairwiseJudge {
  prefer(slots: PairwiseSlots, signal?: AbortSignal): Promise<PairwiseAnswer>;
}

export type PairwiseQuestion = Omit<PairwiseSlots, 'answerA' | 'answerB'> & {
  readonly left: string;
  readonly right: string;
};

/** Asks twice, each answer in each place. */
export async function judgePair(
  judge: PairwiseJudge,
  { left, right, ...rest }: PairwiseQuestion,
  signal?: AbortSignal,
): Promise<PairwiseVerdict> {
  const first = await judge.prefer({ ...rest, answerA: left, answerB: right }, signal);
  const second = await judge.prefer({ ...rest, answerA: right, answerB: left }, signal);
  return { winner: winnerOf(first, second), answers: [first, second] };
}

function winnerOf(first: PairwiseAnswer, second: PairwiseAnswer): PairwiseVerdict['winner'] {
  if (first.state === 'unreadable' || second.state === 'unreadable') return 'unreadable';
  if (first.answer === second.answer) return 'inconsistent';
  return first.answer === 'A' ? 'left' : 'right';
}

export interface PairwiseSummary {
  readonly wins: number;
  readonly losses: number;
  readonly inconsistent: number;
  readonly unreadable: number;
  /** wins / (wins + losses); null where there are none. */
  readonly winRate: number | null;
  /** Wilson's, of 95 %. */
  readonly interval: Interval | null;
}

/** The left side's wins. */
export function summarisePairs(verdicts: readonly Pick<PairwiseVerdict, 'winner'>[]): PairwiseSummary {
  const count = (winner: PairwiseVerdict['winner']): number =>
    verdicts.filter((verdict) => verdict.winner === winner).length;
  const [wins, losses] = [count('left'), count('right')];
  const total = wins + losses;
  return {
    wins,
    losses,
    inconsistent: count('inconsistent'),
    unreadable: count('unreadable'),
    winRate: total === 0 ? null : wins / total,
    interval: total === 0 ? null : wilsonInterval(wins, total),
  };
}
