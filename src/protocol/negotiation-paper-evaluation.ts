/** What the paper reports of its adapters, to be shown beside an evaluation and always marked as theirs. */
import type { ContestSet, Decoding } from './negotiation-evaluation.ts';
import type { PairwiseAspect } from './negotiation-prompts.ts';

export const PAPER_EVALUATION_SOURCE = {
  title: 'Learning to Negotiate: Multi-Agent Deliberation for Collective Value Alignment in LLMs',
  reference: 'arXiv 2603.10476v1',
  licence: 'CC BY 4.0',
  model: 'Qwen3-14B',
  judge: 'GPT-5.2',
  /** Conflict dilemmas, and as many open questions; each decoding was run three times. */
  numTasks: 100,
  repetitions: 3,
} as const;

export type PaperContestant = 'base' | 'single' | 'multi';

/** In the paper's order. */
export const PAPER_COMPARISONS: readonly (readonly [left: PaperContestant, right: PaperContestant])[] = [
  ['single', 'base'],
  ['multi', 'base'],
  ['multi', 'single'],
];

/** Share of consistent comparisons that `left` won: mean and standard deviation of three runs, 0 to 1. */
export interface PaperWinRate {
  readonly left: PaperContestant;
  readonly right: PaperContestant;
  readonly aspect: PairwiseAspect;
  readonly set: ContestSet;
  readonly decoding: Decoding;
  readonly mean: number;
  readonly sd: number;
}

type MeanAndSd = readonly [mean: number, sd: number];

/** Tables 2 (CA alignment) and 3 (conflict resolution). */
export const PAPER_WIN_RATES: readonly PaperWinRate[] = [
  ...rates('single', 'base', 'caAlignment', 'conflict', [62.6, 8.01], [58, 4.76]),
  ...rates('single', 'base', 'caAlignment', 'open', [68.9, 2.31], [68.7, 0.83]),
  ...rates('multi', 'base', 'caAlignment', 'conflict', [59.4, 6.66], [62.2, 5.79]),
  ...rates('multi', 'base', 'caAlignment', 'open', [51.8, 4.23], [63.4, 2.45]),
  ...rates('multi', 'single', 'caAlignment', 'conflict', [49.1, 4.11], [51.4, 5.35]),
  ...rates('multi', 'single', 'caAlignment', 'open', [38.4, 6.91], [40.4, 1.21]),
  ...rates('single', 'base', 'conflictResolution', 'conflict', [39.8, 5.14], [41.8, 4.72]),
  ...rates('multi', 'base', 'conflictResolution', 'conflict', [57.1, 9.83], [63, 2.62]),
  ...rates('multi', 'single', 'conflictResolution', 'conflict', [67.7, 5.56], [72.8, 3.09]),
];

/** Mean turns of a dialogue until it agreed; Table 3. */
export const PAPER_ROUNDS: Readonly<Record<PaperContestant, Readonly<Record<Decoding, number>>>> = {
  base: { greedy: 2.13, sampling: 2.07 },
  single: { greedy: 1.73, sampling: 1.67 },
  multi: { greedy: 1.6, sampling: 1.64 },
};

/** Shares of right answers, 0 to 1, of the model and of its aligned one; Table 4. */
export const PAPER_ABILITY: readonly { readonly set: string; readonly base: number; readonly aligned: number }[] = [
  { set: 'IFEval', base: 0.855, aligned: 0.859 },
  { set: 'GPQA Diamond', base: 0.286, aligned: 0.266 },
  { set: 'AIME 2024', base: 0.283, aligned: 0.305 },
  { set: 'AIME 2025', base: 0.2, aligned: 0.217 },
];

/** Undefined where the paper has no such cell. */
export function findPaperWinRate(
  wanted: Pick<PaperWinRate, 'left' | 'right' | 'aspect' | 'set' | 'decoding'>,
): PaperWinRate | undefined {
  const { left, right, aspect, set, decoding } = wanted;
  return PAPER_WIN_RATES.find(
    (rate) =>
      rate.left === left &&
      rate.right === right &&
      rate.aspect === aspect &&
      rate.set === set &&
      rate.decoding === decoding,
  );
}

/** @param greedy  per cent, as printed */
function rates(
  left: PaperContestant,
  right: PaperContestant,
  aspect: PairwiseAspect,
  set: ContestSet,
  greedy: MeanAndSd,
  sampling: MeanAndSd,
): readonly PaperWinRate[] {
  const rate = (decoding: Decoding, [mean, sd]: MeanAndSd): PaperWinRate => ({
    left,
    right,
    aspect,
    set,
    decoding,
    mean: mean / 100,
    sd: sd / 100,
  });
  return [rate('greedy', greedy), rate('sampling', sampling)];
}
