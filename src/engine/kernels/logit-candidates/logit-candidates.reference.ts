import { at } from '@/lib/assert.ts';

export const NO_ID = 0xffffffff;
const NUM_BEST = 5;

/** Best five and partial log-sum-exp of one chunk, as ln rather than as (max, sum). */
export interface ChunkCandidates {
  /** ln sum exp(l) of the logits. */
  readonly rawLogSumExp: number;
  /** ln sum exp((l + bias) / temperature); temperature 0 counts as 1. */
  readonly temperedLogSumExp: number;
  /** Ids of the largest z = l + bias, ties by lower id; shorter than five where fewer are finite. */
  readonly ids: readonly number[];
  /** Their z, rounded to f32. */
  readonly values: readonly number[];
}

/**
 * Candidates among the vocabulary entries first .. first + count - 1 of one row.
 *
 * @param logits  [V]; NaN or +infinity is no candidate but makes the sums NaN
 * @param bias    [V]
 */
export function logitCandidatesReference(
  logits: Float32Array,
  bias: Float32Array,
  temperature: number,
  first: number,
  count: number,
): ChunkCandidates {
  const inverse = temperature > 0 ? 1 / temperature : 1;
  const ids = Array.from({ length: Math.min(count, logits.length - first) }, (_, i) => first + i);
  const z = new Map(ids.map((id) => [id, Math.fround(at(logits, id) + at(bias, id))]));
  const zOf = (id: number): number => z.get(id) ?? NaN;
  const best = ids
    .filter((id) => Number.isFinite(zOf(id)))
    .toSorted((a, b) => zOf(b) - zOf(a) || a - b)
    .slice(0, NUM_BEST);
  return {
    rawLogSumExp: logSumExp(ids.map((id) => at(logits, id))),
    temperedLogSumExp: logSumExp(ids.map((id) => zOf(id) * inverse)),
    ids: best,
    values: best.map(zOf),
  };
}

/** ln sum_i exp(x_i) in double precision; NaN if any x_i is. */
export function logSumExp(values: readonly number[]): number {
  const highest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (highest === -Infinity) return -Infinity;
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}
