import { at } from '@/lib/assert.ts';
import { rotateByTable } from '../kv-write/kv-write.reference.ts';

export interface RotaryReferenceInput {
  /** [N, (H + 2 Hkv) K] */
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
  /** [N] rotary positions */
  readonly positions: readonly number[];
}

/**
 * Finished heads of a training pass, in double precision.
 *
 *   u = u + bias;   q, k: u = u / sqrt(mean(u^2) + eps) * norm, then rho(u, position)
 *
 * @returns [N, (H + 2 Hkv) K]
 */
export function rotaryReference(input: RotaryReferenceInput): Float64Array {
  const heads = new Float64Array(input.qkv.length);
  for (let from = 0; from < heads.length; from += input.headDim) heads.set(finishedHead(input, from), from);
  return heads;
}

function finishedHead(input: RotaryReferenceInput, from: number): Float64Array {
  const { token, kind, bias } = headAt(input, from);
  const u = Float64Array.from(bias, (value, d) => value + at(input.qkv, from + d));
  if (kind === 'value') return u;
  const norm = kind === 'query' ? input.qNorm : input.kNorm;
  const inverse = 1 / Math.sqrt(u.reduce((sum, value) => sum + value * value, 0) / u.length + input.eps);
  const normed = norm === null ? u : u.map((value, d) => value * inverse * at(norm, d));
  return rotateByTable(normed, input.rope, at(input.positions, token));
}

export interface ReferenceHead {
  readonly token: number;
  readonly kind: 'query' | 'key' | 'value';
  /** [K] */
  readonly bias: Float32Array;
}

/** The head that begins at element `from` of qkv. */
export function headAt(input: RotaryReferenceInput, from: number): ReferenceHead {
  const { bias, headDim, numHeads, numKvHeads } = input;
  const width = (numHeads + 2 * numKvHeads) * headDim;
  const head = (from % width) / headDim;
  const keyOrValue = head < numHeads + numKvHeads ? 'key' : 'value';
  return {
    token: Math.floor(from / width),
    kind: head < numHeads ? 'query' : keyOrValue,
    bias: bias.subarray(head * headDim, (head + 1) * headDim),
  };
}
