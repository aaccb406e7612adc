import { at } from '@/lib/assert.ts';

/**
 *   y[i] = logits[row_i, id_i]
 *
 * @param logits  [I, V]
 * @param pairs   [row, id] each
 */
export function gatherLogitsReference(
  logits: Float32Array,
  pairs: readonly (readonly [row: number, id: number])[],
  vocabSize: number,
): Float32Array {
  return Float32Array.from(pairs, ([row, id]) => at(logits, row * vocabSize + id));
}
