import { at } from '@/lib/assert.ts';

export interface KvWriteReferenceInput {
  /** [T, (H + 2 Hkv) K] */
  readonly qkv: Float32Array;
  /** [(H + 2 Hkv) K] */
  readonly bias: Float32Array;
  /** [K] each; null without q and k norms. */
  readonly qNorm: Float32Array | null;
  readonly kNorm: Float32Array | null;
  /** [positions, K / 2] pairs (cos, sin) */
  readonly rope: Float32Array;
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly eps: number;
  /** [T] block-local positions */
  readonly positions: readonly number[];
}

export interface KvWriteReferenceOutput {
  /** [T, H, K], finished but not rotated */
  readonly queries: Float64Array;
  /** [T, Hkv, K], rotated at their positions */
  readonly keys: Float64Array;
  /** [T, Hkv, K] */
  readonly values: Float64Array;
}

/**
 * What the cache gets of each token, in double precision.
 *
 *   u = u + bias;   q, k: u = u / sqrt(mean(u^2) + eps) * norm;   k = rho(k, position)
 */
export function kvWriteReference(input: KvWriteReferenceInput): KvWriteReferenceOutput {
  const { headDim, numHeads, numKvHeads, positions } = input;
  const numTokens = positions.length;
  const queries = new Float64Array(numTokens * numHeads * headDim);
  const keys = new Float64Array(numTokens * numKvHeads * headDim);
  const values = new Float64Array(numTokens * numKvHeads * headDim);
  for (let t = 0; t < numTokens; t++) {
    for (let h = 0; h < numHeads; h++)
      queries.set(finishedHead(input, t, h, input.qNorm), (t * numHeads + h) * headDim);
    for (let h = 0; h < numKvHeads; h++) {
      const to = (t * numKvHeads + h) * headDim;
      const key = finishedHead(input, t, numHeads + h, input.kNorm);
      keys.set(rotateByTable(key, input.rope, at(positions, t)), to);
      values.set(finishedHead(input, t, numHeads + numKvHeads + h, null), to);
    }
  }
  return { queries, keys, values };
}

function finishedHead(
  { qkv, bias, headDim, numHeads, numKvHeads, eps }: KvWriteReferenceInput,
  token: number,
  head: number,
  norm: Float32Array | null,
): Float64Array {
  const from = (token * (numHeads + 2 * numKvHeads) + head) * headDim;
  const u = Float64Array.from({ length: headDim }, (_, d) => at(qkv, from + d) + at(bias, head * headDim + d));
  if (norm === null) return u;
  const meanSquare = u.reduce((sum, value) => sum + value * value, 0) / headDim;
  return u.map((value, d) => (value / Math.sqrt(meanSquare + eps)) * at(norm, d));
}

/**
 * rho(x, position) with angles from a table.
 *
 *   x'[i] = x[i] cos - x[i + K/2] sin,   x'[i + K/2] = x[i + K/2] cos + x[i] sin
 *
 * @param x     [K]
 * @param rope  [positions, K / 2] pairs (cos, sin)
 * @returns     [K]
 */
export function rotateByTable(x: Float64Array, rope: Float32Array, position: number): Float64Array {
  const half = x.length / 2;
  const rotated = new Float64Array(x.length);
  for (let i = 0; i < half; i++) {
    const cos = at(rope, (position * half + i) * 2);
    const sin = at(rope, (position * half + i) * 2 + 1);
    rotated[i] = at(x, i) * cos - at(x, i + half) * sin;
    rotated[i + half] = at(x, i + half) * cos + at(x, i) * sin;
  }
  return rotated;
}

/**
 * cos and sin of p * theta^(-2 i / K).
 *
 * @returns [numPositions, headDim / 2] pairs, rounded to f32
 */
export function ropeTableReference(headDim: number, theta: number, numPositions: number): Float32Array<ArrayBuffer> {
  const half = headDim / 2;
  const table = new Float32Array(numPositions * headDim);
  for (let p = 0; p < numPositions; p++)
    for (let i = 0; i < half; i++) {
      const angle = p * theta ** ((-2 * i) / headDim);
      table[(p * half + i) * 2] = Math.cos(angle);
      table[(p * half + i) * 2 + 1] = Math.sin(angle);
    }
  return table;
}
