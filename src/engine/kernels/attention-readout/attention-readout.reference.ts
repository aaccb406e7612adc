import { at } from '@/lib/assert.ts';

/** One block as a token sees it. */
interface VisibleBlock {
  /** Pool slots of the visible keys, in order. */
  readonly slots: readonly number[];
  /** Position at which the query looks at this block: its rotary offset. */
  readonly loc: number;
}

export interface AttentionReadoutReferenceInput {
  /** [T, (H + 2 Hkv) K], queries not rotated */
  readonly qkv: Float32Array;
  /** [slots, Hkv, K], keys rotated at block-local positions */
  readonly keys: Float32Array;
  /** [positions, K / 2] pairs (cos, sin) */
  readonly rope: Float32Array;
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly token: number;
  readonly view: readonly VisibleBlock[];
}

/**
 * Attention weights of one token, in double precision. Halves of a head are real and imaginary parts, so that
 *
 *   score = Re sum_d q_d e^{i loc a_d} conj(k_d) / sqrt(K)        w = exp(score - log sum exp score)
 *
 * @returns [H][blocks][visible keys]
 */
export function attentionReadoutReference(input: AttentionReadoutReferenceInput): number[][][] {
  const { qkv, keys, rope, headDim, numHeads, numKvHeads, token, view } = input;
  const half = headDim / 2;
  return Array.from({ length: numHeads }, (_, head) => {
    const q = (token * (numHeads + 2 * numKvHeads) + head) * headDim;
    const kvHead = Math.floor((head * numKvHeads) / numHeads);
    const scores = view.map(({ slots, loc }) =>
      slots.map((slot) => {
        const k = (slot * numKvHeads + kvHead) * headDim;
        let sum = 0;
        for (let d = 0; d < half; d++) {
          const [cos, sin] = [at(rope, (loc * half + d) * 2), at(rope, (loc * half + d) * 2 + 1)];
          const [qRe, qIm, kRe, kIm] = [at(qkv, q + d), at(qkv, q + half + d), at(keys, k + d), at(keys, k + half + d)];
          sum += cos * (qRe * kRe + qIm * kIm) + sin * (qRe * kIm - qIm * kRe);
        }
        return sum / Math.sqrt(headDim);
      }),
    );
    const all = scores.flat();
    const peak = Math.max(...all);
    const normaliser = peak + Math.log(all.reduce((sum, score) => sum + Math.exp(score - peak), 0));
    return scores.map((block) => block.map((score) => Math.exp(score - normaliser)));
  });
}

/** Mean over heads: [H][blocks][keys] -> [keys of all blocks]. */
export function meanOverHeadsReference(weights: readonly (readonly (readonly number[])[])[]): number[] {
  const flat = weights.map((head) => head.flat());
  return at(flat, 0).map((_, key) => flat.reduce((sum, head) => sum + at(head, key), 0) / flat.length);
}
