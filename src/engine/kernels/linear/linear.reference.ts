/**
 * A linear layer; sums in double precision.
 *
 *   y[t, r] = sum_c w[r, c] x[t, c]
 *
 * @param weights  [rows, columns], as `unpackMatrix` gives them
 * @param x        [T, columns]
 * @returns        [T, rows]
 */
export function linearReference(weights: Float32Array, x: Float32Array, columns: number): Float64Array {
  const rows = weights.length / columns;
  const T = x.length / columns;
  const y = new Float64Array(T * rows);
  for (let t = 0; t < T; t++)
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += (weights[r * columns + c] as number) * (x[t * columns + c] as number);
      y[t * rows + r] = sum;
    }
  return y;
}
