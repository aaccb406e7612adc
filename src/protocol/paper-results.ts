/** What the paper reports, to be shown beside an evaluation and always marked as theirs. */

export const PAPER_SOURCE = {
  title: 'Asynchronous Reasoning: Training-Free Interactive Thinking LLMs',
  reference: 'arXiv 2512.10931v1, Table 1',
  model: 'Qwen3-32B',
  device: 'A100',
} as const;

/** A row of the paper's Table 1. Times in seconds. */
export interface PaperResult {
  readonly benchmark: 'MATH-500' | 'MMLU-Pro';
  readonly setup: string;
  /** Share, 0 to 1. */
  readonly accuracy: number;
  readonly timeToFirstTokenSeconds: number;
  readonly totalDelaySeconds: number;
  readonly adjustedDelaySeconds: number;
  readonly stepsToFirstToken: number;
  readonly stepsDelay: number;
}

export const PAPER_RESULTS: readonly PaperResult[] = [
  row('MATH-500', 'Thinking', 0.932, [592.05, 592.7, 591.51], [3911.55, 3911.55]),
  row('MATH-500', 'Non-thinking', 0.834, [0.94, 1.96, 0.86], [1, 1]),
  row('MATH-500', 'Async (Q-Continue)', 0.89, [2.49, 2.91, 1.732], [23.71, 247.79]),
  row('MMLU-Pro', 'Thinking', 0.812, [340.07, 340.53, 339.47], [2284.82, 2284.82]),
  row('MMLU-Pro', 'Non-thinking', 0.696, [1.17, 5.07, 4.03], [1, 1]),
  row('MMLU-Pro', 'Async', 0.758, [4.63, 59.01, 51.94], [27.3, 187.37]),
];

/** @param seconds  time to first token, total and adjusted delay. @param steps  to the first token, and of delay */
function row(
  benchmark: PaperResult['benchmark'],
  setup: string,
  accuracy: number,
  [timeToFirstTokenSeconds, totalDelaySeconds, adjustedDelaySeconds]: readonly [number, number, number],
  [stepsToFirstToken, stepsDelay]: readonly [number, number],
): PaperResult {
  return {
    benchmark,
    setup,
    accuracy,
    timeToFirstTokenSeconds,
    totalDelaySeconds,
    adjustedDelaySeconds,
    stepsToFirstToken,
    stepsDelay,
  };
}
