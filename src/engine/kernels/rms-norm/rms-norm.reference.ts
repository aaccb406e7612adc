/**
 * RMS normalisation, sums in double precision.
 *
 *   y[t, d] = x[t, d] / sqrt(mean_d(x[t, :]^2) + eps) * weight[d]
 *
 * @param x       [T, D]
 * @param weight  [D]
 * @returns       [T, D]
 */
export function rmsNormReference(x: Float32Array, weight: Float32Array, eps: number): Float64Array {
  const D = weight.length;
  const y = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += D) {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += (x[row + d] as number) ** 2;
    const inverse = 1 / Math.sqrt(sum / D + eps);
    for (let d = 0; d < D; d++) y[row + d] = (x[row + d] as number) * inverse * (weight[d] as number);
  }
  return y;
}
