import { NO_ID, logSumExp } from '../logit-candidates/logit-candidates.reference.ts';
import type { ChunkCandidates } from '../logit-candidates/logit-candidates.reference.ts';

export interface SelectedToken {
  /** The best id; NO_ID without any candidate. */
  readonly id: number;
  /** z / temperature - temperedLogSumExp of the best. */
  readonly logProb: number;
  readonly rawLogSumExp: number;
  readonly temperedLogSumExp: number;
  readonly ids: readonly number[];
  readonly values: readonly number[];
}

/** Joins a row's chunks: the five largest z with ties by lower id, and both log-sum-exps. */
export function selectTokenReference(chunks: readonly ChunkCandidates[], temperature: number): SelectedToken {
  const candidates = chunks
    .flatMap(({ ids, values }) => ids.map((id, n) => ({ id, z: values[n] ?? NaN })))
    .toSorted((a, b) => b.z - a.z || a.id - b.id)
    .slice(0, 5);
  const rawLogSumExp = logSumExp(chunks.map((chunk) => chunk.rawLogSumExp));
  const temperedLogSumExp = logSumExp(chunks.map((chunk) => chunk.temperedLogSumExp));
  const best = candidates[0] ?? { id: NO_ID, z: NaN };
  return {
    id: best.id,
    logProb: best.z * (temperature > 0 ? 1 / temperature : 1) - temperedLogSumExp,
    rawLogSumExp,
    temperedLogSumExp,
    ids: candidates.map(({ id }) => id),
    values: candidates.map(({ z }) => z),
  };
}
