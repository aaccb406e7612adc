import { at } from '@/lib/assert.ts';

/**
 * SwiGLU of a result in which tiles of four gate and four up rows alternate, in double precision.
 *
 *   h[t, f] = silu(gate[t, f]) * up[t, f],   silu(g) = g / (1 + exp(-g))
 *
 * @param gateAndUp  [T, 2 F]
 * @returns          [T, F]
 */
export function swigluReference(gateAndUp: Float32Array | Float64Array): Float64Array {
  return Float64Array.from({ length: gateAndUp.length / 2 }, (_, i) => {
    const gateAt = Math.floor(i / 4) * 8 + (i % 4);
    const gate = gateAndUp[gateAt] as number;
    return (gate / (1 + Math.exp(-gate))) * (gateAndUp[gateAt + 4] as number);
  });
}

/**
 * Gradient of SwiGLU.
 *
 *   dgate = dy * up * s (1 + gate (1 - s)),   dup = dy * gate s,   s = 1 / (1 + exp(-gate))
 *
 * @param dy         [T, F]
 * @param gateAndUp  [T, 2 F], tiles alternating
 * @returns          [T, 2 F], likewise
 */
export function swigluBackwardReference(dy: ArrayLike<number>, gateAndUp: Float32Array): Float64Array {
  const gradient = new Float64Array(gateAndUp.length);
  for (let i = 0; i < dy.length; i++) {
    const gateAt = Math.floor(i / 4) * 8 + (i % 4);
    const gate = at(gateAndUp, gateAt);
    const sigmoid = 1 / (1 + Math.exp(-gate));
    gradient[gateAt] = at(dy, i) * at(gateAndUp, gateAt + 4) * sigmoid * (1 + gate * (1 - sigmoid));
    gradient[gateAt + 4] = at(dy, i) * gate * sigmoid;
  }
  return gradient;
}
