/** What the paper reports of its judges, to be shown beside ours and always marked as theirs. */

export const NEGOTIATION_PAPER_SOURCE = {
  title: 'Learning to Negotiate: Multi-Agent Deliberation for Collective Value Alignment in LLMs',
  reference: 'arXiv 2603.10476v1, Table 7',
  licence: 'CC BY 4.0',
} as const;

/** Agreement of two judges on the same 100 dialogues. */
export interface PaperJudgeAgreement {
  readonly first: string;
  readonly second: string;
  /** Shares, 0 to 1. */
  readonly exact: number;
  readonly withinOne: number;
  readonly pearson: number;
  readonly quadraticKappa: number;
}

export const PAPER_JUDGE_AGREEMENTS: readonly PaperJudgeAgreement[] = [
  agreement('GPT-4o-mini', 'GPT-5.2, run 1', [0.28, 0.82], 0.24, 0.17),
  agreement('GPT-4o-mini', 'GPT-5.2, run 2', [0.27, 0.83], 0.21, 0.15),
  agreement('GPT-5.2, run 1', 'GPT-5.2, run 2', [0.91, 1], 0.93, 0.93),
];

/** Of the same dialogues, by GPT-4o-mini's score: how many there were, and GPT-5.2's mean score. */
export const PAPER_CONDITIONAL_MEANS: readonly {
  readonly score: number;
  readonly count: number;
  readonly mean: number;
}[] = [
  { score: 2, count: 2, mean: 2 },
  { score: 3, count: 18, mean: 3.22 },
  { score: 4, count: 40, mean: 3.42 },
  { score: 5, count: 40, mean: 3.58 },
];

/** Over all of them. */
export const PAPER_MEAN_SCORES = { 'GPT-4o-mini': 4.18, 'GPT-5.2': 3.42 } as const;

/** @param shares  exact, and within one point */
function agreement(
  first: string,
  second: string,
  [exact, withinOne]: readonly [number, number],
  pearson: number,
  quadraticKappa: number,
): PaperJudgeAgreement {
  return { first, second, exact, withinOne, pearson, quadraticKappa };
}
