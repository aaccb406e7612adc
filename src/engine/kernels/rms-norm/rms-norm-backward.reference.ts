import { at } from '@/lib/assert.ts';

/**
 * Gradient of RMS normalisation with respect to x, sums in double precision.
 *
 *   dx[t, d] = inverse * (g[d] - x[t, d] * inverse^2 * mean(g * x[t, :])),   g = weight * dy[t, :]
 *
 * @param x, dy   [T, D]
 * @param weight  [D]
 * @returns       [T, D]
 */
export function rmsNormBackwardReference(
  x: ArrayLike<number>,
  weight: Float32Array,
  dy: ArrayLike<number>,
  eps: number,
): Float64Array {
  const D = weight.length;
  const dx = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += D) {
    let squares = 0;
    let products = 0;
    for (let d = 0; d < D; d++) {
      squares += at(x, row + d) ** 2;
      products += at(weight, d) * at(dy, row + d) * at(x, row + d);
    }
    const inverse = 1 / Math.sqrt(squares / D + eps);
    for (let d = 0; d < D; d++) {
      const g = at(weight, d) * at(dy, row + d);
      dx[row + d] = inverse * (g - at(x, row + d) * inverse ** 2 * (products / D));
    }
  }
  return dx;
}
