import { at } from '@/lib/assert.ts';

/**
 *   x[t, :] = weights[token_ids[t], :], NaN where the id is outside the vocabulary
 *
 * @param weights   [V, D], as `unpackMatrix` gives them
 * @param tokenIds  [T]
 * @returns         [T, D]
 */
export function embeddingReference(weights: Float32Array, tokenIds: readonly number[], D: number): Float32Array {
  const x = new Float32Array(tokenIds.length * D).fill(NaN);
  const vocabSize = weights.length / D;
  tokenIds.forEach((id, t) => {
    if (id >= vocabSize) return;
    for (let d = 0; d < D; d++) x[t * D + d] = at(weights, id * D + d);
  });
  return x;
}
