/** CPU twins of the linear kernels and their epilogues; sums in double precision. */

/**
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

/**
 * SwiGLU of a result in which tiles of four gate and four up rows alternate.
 *
 *   h[t, f] = silu(gate[t, f]) * up[t, f],   silu(g) = g / (1 + exp(-g))
 *
 * @param gateAndUp  [T, 2 F]
 * @returns          [T, F]
 */
export function swigluReference(gateAndUp: Float64Array): Float64Array {
  return Float64Array.from({ length: gateAndUp.length / 2 }, (_, i) => {
    const gateAt = Math.floor(i / 4) * 8 + (i % 4);
    const gate = gateAndUp[gateAt] as number;
    return (gate / (1 + Math.exp(-gate))) * (gateAndUp[gateAt + 4] as number);
  });
}
