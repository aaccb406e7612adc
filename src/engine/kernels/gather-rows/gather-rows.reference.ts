import { at } from '@/lib/assert.ts';

/**
 *   y[i, :] = x[rows[i], :]
 *
 * @param x     [T, D]
 * @param rows  [I]
 * @returns     [I, D]
 */
export function gatherRowsReference(x: Float32Array, rows: readonly number[], D: number): Float32Array {
  const y = new Float32Array(rows.length * D);
  for (let i = 0; i < rows.length; i++) for (let d = 0; d < D; d++) y[i * D + d] = at(x, at(rows, i) * D + d);
  return y;
}
