/**
 * Gradient of a linear layer's input; sums in double precision.
 *
 *   dx[t, c] = sum_r w[r, c] dy[t, r]
 *
 * @param weights  [rows, columns], as `unpackMatrix` gives them
 * @param dy       [T, rows]
 * @returns        [T, columns]
 */
export function linearBackwardReference(weights: Float32Array, dy: ArrayLike<number>, columns: number): Float64Array {
  const rows = weights.length / columns;
  const T = dy.length / rows;
  const dx = new Float64Array(T * columns);
  for (let t = 0; t < T; t++)
    for (let r = 0; r < rows; r++) {
      const d = dy[t * rows + r] as number;
      for (let c = 0; c < columns; c++)
        dx[t * columns + c] = (dx[t * columns + c] as number) + (weights[r * columns + c] as number) * d;
    }
  return dx;
}
