/**
 * Table 1 of the paper (arXiv 2512.10931): Qwen3-32B on one A100, 500 questions of each set. Theirs, printed here for
 * comparison; nothing is computed from it.
 */
export interface PaperRow {
  readonly setup: string;
  /** 0 to 1. */
  readonly accuracy: number;
  readonly timeToFirstTokenSeconds: number;
  readonly totalDelaySeconds: number;
  readonly adjustedDelaySeconds: number;
  readonly stepsToFirstToken: number;
  readonly stepsDelay: number;
}

export const PAPER_SOURCE = 'arXiv 2512.10931, Table 1: Qwen3-32B on an A100; not comparable in absolute terms';

export const PAPER_ROWS: readonly PaperRow[] = [
  {
    setup: 'MATH-500, thinking',
    accuracy: 0.932,
    timeToFirstTokenSeconds: 592.05,
    totalDelaySeconds: 592.7,
    adjustedDelaySeconds: 591.51,
    stepsToFirstToken: 3911.55,
    stepsDelay: 3911.55,
  },
  {
    setup: 'MATH-500, non-thinking',
    accuracy: 0.834,
    timeToFirstTokenSeconds: 0.94,
    totalDelaySeconds: 1.96,
    adjustedDelaySeconds: 0.86,
    stepsToFirstToken: 1,
    stepsDelay: 1,
  },
  {
    setup: 'MATH-500, asynchronous',
    accuracy: 0.89,
    timeToFirstTokenSeconds: 2.49,
    totalDelaySeconds: 2.91,
    adjustedDelaySeconds: 1.732,
    stepsToFirstToken: 23.71,
    stepsDelay: 247.79,
  },
  {
    setup: 'MMLU-Pro, thinking',
    accuracy: 0.812,
    timeToFirstTokenSeconds: 340.07,
    totalDelaySeconds: 340.53,
    adjustedDelaySeconds: 339.47,
    stepsToFirstToken: 2284.82,
    stepsDelay: 2284.82,
  },
  {
    setup: 'MMLU-Pro, non-thinking',
    accuracy: 0.696,
    timeToFirstTokenSeconds: 1.17,
    totalDelaySeconds: 5.07,
    adjustedDelaySeconds: 4.03,
    stepsToFirstToken: 1,
    stepsDelay: 1,
  },
  {
    setup: 'MMLU-Pro, asynchronous',
    accuracy: 0.758,
    timeToFirstTokenSeconds: 4.63,
    totalDelaySeconds: 59.01,
    adjustedDelaySeconds: 51.94,
    stepsToFirstToken: 27.3,
    stepsDelay: 187.37,
  },
];
