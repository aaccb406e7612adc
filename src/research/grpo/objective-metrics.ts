/** TRL's metrics of a step, and some read-outs more. */
import { at } from '@/lib/assert.ts';
import type { RowLogProbs } from '@/protocol/training.ts';
import { usesReference, type RowObjective } from './objective.ts';
import type { ObjectivePlan } from './plan-objective.ts';

/** Rows of one micro-batch. */
interface Part {
  readonly plan: ObjectivePlan;
  readonly indices: readonly number[];
  readonly results: readonly RowLogProbs[];
  readonly objectives: readonly RowObjective[];
}

/**
 * Every metric is taken in each micro-batch and averaged over those, as TRL's log does; micro-batches that give NaN are
 * left out. At token level means are over the tokens that count, at sequence level those of ratios are over rows.
 *
 * Read-outs that TRL does not have: 'kl/k1', 'kl/k2' and 'kl/k3', the usual estimators of KL(policy || reference) wherever
 * a reference is known, whatever beta is; 'ratio/min' and 'ratio/max' over the whole batch.
 *
 * @param results     of all rows, in order
 * @param objectives  of all rows, in order
 */
export function objectiveMetrics(
  plan: ObjectivePlan,
  results: readonly RowLogProbs[],
  objectives: readonly RowObjective[],
): Record<string, number> {
  const logs = plan.parts.map((indices) => partMetrics({ plan, indices, results, objectives }));
  const names = [...new Set(logs.flatMap((log) => Object.keys(log)))];
  const averages = names.map((name) => {
    const values = logs.map((log) => log[name] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    return [name, values.reduce((sum, value) => sum + value, 0) / values.length] as const;
  });
  const ratios = objectives.flatMap(({ ratios: row }, i) => countedOf(plan, i).map((t) => at(row, t)));
  return {
    ...Object.fromEntries(averages),
    ...(plan.settings.lossType !== 'sft' && { 'ratio/min': extreme(ratios, -1), 'ratio/max': extreme(ratios, 1) }),
  };
}

function partMetrics(part: Part): Record<string, number> {
  const { plan, results, objectives } = part;
  const flags = clipMetrics(part);
  const differences = referenceDifferences(part);
  return {
    ...(usesReference(plan.settings) && { kl: tokenMean(part, (i, t) => at(at(objectives, i).kls, t)) }),
    entropy: tokenMean(part, (i, t) => at(at(results, i).entropies, t)),
    ...flags,
    ...(differences !== undefined && {
      'kl/k1': meanOf(differences.map((difference) => -difference)),
      'kl/k2': meanOf(differences.map((difference) => difference ** 2 / 2)),
      'kl/k3': meanOf(differences.map((difference) => Math.exp(difference) - difference - 1)),
    }),
  };
}

function clipMetrics(part: Part): Record<string, number> {
  const low = (i: number): readonly boolean[] => at(part.objectives, i).isLowClipped;
  const high = (i: number): readonly boolean[] => at(part.objectives, i).isHighClipped;
  const { lossType } = part.plan.settings;
  if (lossType === 'cispo') return { cispo_clip_ratio: shareOf(part, high) };
  if (lossType === 'vespo') {
    const gammas = part.indices.map((i) => at(part.objectives, i).gamma);
    return { 'vespo/phi_seq_mean': meanOf(gammas) };
  }
  if (lossType === 'sapo' || lossType === 'sft') return {};
  return {
    'clip_ratio/low_mean': shareOf(part, low),
    'clip_ratio/high_mean': shareOf(part, high),
    'clip_ratio/region_mean': shareOf(part, (i) => low(i).map((flag, t) => flag || at(high(i), t))),
    'clip_ratio/low_min': extreme(rowShares(part, low), -1),
    'clip_ratio/high_max': extreme(rowShares(part, high), 1),
  };
}

/** Share of tokens with the flag, or of rows where the ratio is a row's. */
function shareOf(part: Part, flagsOf: (rowIndex: number) => readonly boolean[]): number {
  if (part.plan.settings.importanceSamplingLevel === 'sequence') return meanOf(rowShares(part, flagsOf));
  return tokenMean(part, (i, t) => (flagsOf(i)[t] === true ? 1 : 0));
}

/** The share in each row; at token level, rows without a token that counts are left out. */
function rowShares(part: Part, flagsOf: (rowIndex: number) => readonly boolean[]): number[] {
  const { plan, indices } = part;
  if (plan.settings.importanceSamplingLevel === 'sequence')
    return indices.map((i) => (flagsOf(i).some(Boolean) ? 1 : 0));
  return indices
    .filter((i) => countedOf(plan, i).length > 0)
    .map((i) => meanOf(countedOf(plan, i).map((t) => (flagsOf(i)[t] === true ? 1 : 0))));
}

function tokenMean({ plan, indices }: Part, valueOf: (rowIndex: number, t: number) => number): number {
  return meanOf(indices.flatMap((i) => countedOf(plan, i).map((t) => valueOf(i, t))));
}

/** ln p_ref - ln p of the tokens that count; undefined unless all rows know their reference. */
function referenceDifferences({ plan, indices, results }: Part): number[] | undefined {
  const differences: number[] = [];
  for (const i of indices) {
    const { refLogProbs } = at(plan.rows, i);
    if (refLogProbs === undefined) return undefined;
    for (const t of countedOf(plan, i)) differences.push(at(refLogProbs, t) - at(at(results, i).logProbs, t));
  }
  return differences;
}

function countedOf({ counts }: ObjectivePlan, rowIndex: number): number[] {
  const row = at(counts, rowIndex);
  return [...row.keys()].filter((t) => row[t] === true);
}

/** 0 for an empty list, as TRL has it. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** @returns NaN for an empty list */
function extreme(values: readonly number[], sign: 1 | -1): number {
  return values.length === 0 ? Number.NaN : values.reduce((best, value) => (sign * value > sign * best ? value : best));
}
