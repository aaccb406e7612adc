import { at } from '@/lib/assert.ts';
import { rotateByTable } from '../kv-write/kv-write.reference.ts';

/** One block as a token sees it. */
export interface ReferenceFragment {
  /** Pool slots of the visible keys, in order. */
  readonly slots: readonly number[];
  /** Position at which the query looks at this block: its rotary offset. */
  readonly loc: number;
}

export interface AttentionReferenceInput {
  /** [T, (H + 2 Hkv) K], queries not rotated */
  readonly qkv: Float32Array;
  /** [slots, Hkv, K], keys rotated at block-local positions */
  readonly keys: Float32Array;
  /** [slots, Hkv, K] */
  readonly values: Float32Array;
  /** [positions, K / 2] pairs (cos, sin) */
  readonly rope: Float32Array;
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  /** [T] fragments of each token's view */
  readonly views: readonly (readonly ReferenceFragment[])[];
}

/**
 * Attention of each token over the blocks of its view, in double precision and two passes.
 *
 *   o = sum_{b, j} softmax_{b, j}( rho(q, loc_b) . k_{b, j} / sqrt(K) ) v_{b, j}
 *
 * @returns [T, H K]
 */
export function attentionReference(input: AttentionReferenceInput): Float64Array {
  const { qkv, keys, values, rope, headDim, numHeads, numKvHeads, views } = input;
  const y = new Float64Array(views.length * numHeads * headDim);
  views.forEach((view, token) => {
    for (let head = 0; head < numHeads; head++) {
      const kvHead = Math.floor(head / (numHeads / numKvHeads));
      const from = (token * (numHeads + 2 * numKvHeads) + head) * headDim;
      const query = Float64Array.from(qkv.subarray(from, from + headDim));
      const scores: number[] = [];
      const rows: number[] = [];
      for (const { slots, loc } of view) {
        const rotated = rotateByTable(query, rope, loc);
        for (const slot of slots) {
          const row = (slot * numKvHeads + kvHead) * headDim;
          let dot = 0;
          for (let d = 0; d < headDim; d++) dot += at(rotated, d) * at(keys, row + d);
          scores.push(dot / Math.sqrt(headDim));
          rows.push(row);
        }
      }
      const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
      const weights = scores.map((score) => Math.exp(score - highest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const to = (token * numHeads + head) * headDim;
      rows.forEach((row, j) => {
        for (let d = 0; d < headDim; d++) y[to + d] = at(y, to + d) + (at(weights, j) / total) * at(values, row + d);
      });
    }
  });
  return y;
}
