/** How numbers of tokens become colours, and what they come to together. */
import { quantile } from '@/lib/statistics.ts';
import type { NegotiationTrainingStep } from '@/protocol/negotiation-training.ts';
import { tokensOfRow, type TrainedToken } from './said-tokens.ts';

export const COLOURINGS = ['both', 'change', 'advantage', 'entropy', 'ratio'] as const;
export type Colouring = (typeof COLOURINGS)[number];

/** Where colours end: the share of tokens within it. */
const CLIP_SHARE = 0.98;

export interface TokenScale {
  /** The scale goes from -limit to +limit; that of the entropy from 0. At 0 nothing is coloured. */
  readonly limit: number;
  /** Tokens beyond it, drawn as if they were at it. */
  readonly numBeyond: number;
  /** Tokens that have the number. */
  readonly count: number;
}

const FIELDS = {
  both: 'change',
  change: 'change',
  advantage: 'advantage',
  entropy: 'entropy',
  ratio: 'logRatio',
} as const satisfies Record<Colouring, keyof TrainedToken>;

/** What is drawn behind a token; null where it was not measured. */
export function colouredValue(token: TrainedToken, colouring: Colouring): number | null {
  return token[FIELDS[colouring]];
}

/** Symmetric around 0, so that equal colours are equal sizes; clipped, so that one odd token does not pale the rest. */
export function scaleOf(values: readonly (number | null)[]): TokenScale {
  const sizes = values.filter((value): value is number => value !== null && Number.isFinite(value)).map(Math.abs);
  if (sizes.length === 0) return { limit: 0, numBeyond: 0, count: 0 };
  const clipped = quantile(sizes, CLIP_SHARE);
  // Where nearly all are 0, the few that are not are what there is to see.
  const limit = clipped > 0 ? clipped : sizes.reduce((largest, size) => Math.max(largest, size), 0);
  return { limit, numBeyond: sizes.filter((size) => size > limit).length, count: sizes.length };
}

/** -1 to 1, rounded to whole percents. */
export function strengthOf(value: number | null, limit: number): number {
  if (value === null || !Number.isFinite(value) || limit === 0) return 0;
  return Math.round(Math.max(-1, Math.min(1, value / limit)) * 100) / 100;
}

/** Counted tokens of a whole step, which share one scale so that dialogues can be compared. */
export function countedTokens(
  step: Pick<NegotiationTrainingStep, 'rows'>,
  group?: number,
  dialogue?: number,
): TrainedToken[] {
  return step.rows
    .filter(
      (row) => (group === undefined || row.group === group) && (dialogue === undefined || row.dialogue === dialogue),
    )
    .flatMap((row) => tokensOfRow(row, false))
    .filter(({ isCounted }) => isCounted);
}

export interface MovementSummary {
  /** Counted tokens with an advantage other than 0 whose change was measured. */
  readonly numAimed: number;
  /** Of those, how many moved the way that the advantage points; null without any. */
  readonly shareFollowing: number | null;
  /** Nats; null without such tokens. */
  readonly meanChangeUp: number | null;
  readonly meanChangeDown: number | null;
  readonly numMeasured: number;
  /** With an advantage other than 0, measured or not. */
  readonly numPulled: number;
}

/** Whether the update did what the advantages asked for. */
export function movementOf(tokens: readonly TrainedToken[]): MovementSummary {
  const measured = tokens.flatMap(({ change, advantage }) => (change === null ? [] : [{ change, advantage }]));
  const up = measured.filter(({ advantage }) => advantage > 0);
  const down = measured.filter(({ advantage }) => advantage < 0);
  const numFollowing = up.filter(({ change }) => change > 0).length + down.filter(({ change }) => change < 0).length;
  const numAimed = up.length + down.length;
  return {
    numAimed,
    shareFollowing: numAimed === 0 ? null : numFollowing / numAimed,
    meanChangeUp: meanOf(up.map(({ change }) => change)),
    meanChangeDown: meanOf(down.map(({ change }) => change)),
    numMeasured: measured.length,
    numPulled: tokens.filter(({ advantage }) => advantage !== 0).length,
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
