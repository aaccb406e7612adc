/**
 * Rotary position embedding, split-half layout: pair i of a head is (x[i], x[i + K/2]) and turns by
 * theta^(-2i/K) radians a token. Computed in f32, as on the GPU: tables of cos and sin from doubles, products rounded.
 */

/** Radians that pair `pair` turns per token. @param headDim  K, even */
export function pairFrequency(theta: number, headDim: number, pair: number): number {
  return theta ** ((-2 * pair) / headDim);
}

/** rho(x, p): every pair turned by `position` tokens, forwards or (negative) backwards. @returns [K] f32 */
export function rotated(x: ArrayLike<number>, position: number, theta: number): Float32Array {
  const half = x.length / 2;
  const out = new Float32Array(x.length);
  for (let pair = 0; pair < half; pair++) {
    const angle = position * pairFrequency(theta, x.length, pair);
    const cos = Math.fround(Math.cos(angle));
    const sin = Math.fround(Math.sin(angle));
    const a = Math.fround(x[pair] ?? 0);
    const b = Math.fround(x[pair + half] ?? 0);
    out[pair] = Math.fround(a * cos) - Math.fround(b * sin);
    out[pair + half] = Math.fround(b * cos) + Math.fround(a * sin);
  }
  return out;
}

/** x . y / sqrt(K), summed in f32: the score that softmax is taken of. */
export function attentionScore(query: ArrayLike<number>, key: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < query.length; i++)
    sum = Math.fround(sum + Math.fround(Math.fround(query[i] ?? 0) * Math.fround(key[i] ?? 0)));
  return Math.fround(sum / Math.sqrt(query.length));
}

/** One pair of a vector, as a hand on a dial. */
export interface Hand {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  /** Radians, from the x axis against the clock, in (-pi, pi]. */
  readonly angle: number;
}

export function handOf(vector: ArrayLike<number>, pair: number): Hand {
  const x = vector[pair] ?? 0;
  const y = vector[pair + vector.length / 2] ?? 0;
  return { x, y, length: Math.hypot(x, y), angle: Math.atan2(y, x) };
}

/** From one hand to another, radians in (-pi, pi]. */
export function angleBetween(from: Hand, to: Hand): number {
  const turn = to.angle - from.angle;
  return turn - 2 * Math.PI * Math.ceil((turn - Math.PI) / (2 * Math.PI));
}
