import { at } from '@/lib/assert.ts';
import { rmsNormBackwardReference } from '../rms-norm/rms-norm-backward.reference.ts';
import { headAt } from './rotary.reference.ts';
import type { RotaryReferenceInput } from './rotary.reference.ts';

/**
 * Gradient of `rotaryReference` with respect to qkv, in double precision.
 *
 *   dn = rho(dh, -position);   with norms du = gradient of the norm at u = qkv + bias, otherwise du = dn
 *
 * @param dHeads  [N, (H + 2 Hkv) K]
 * @returns       as large
 */
export function rotaryBackwardReference(input: RotaryReferenceInput, dHeads: Float32Array): Float64Array {
  const { headDim, qkv, rope, eps, positions } = input;
  const dQkv = Float64Array.from(dHeads);
  for (let from = 0; from < qkv.length; from += headDim) {
    const { token, kind, bias } = headAt(input, from);
    if (kind === 'value') continue;
    const dNormed = rotatedBack(dHeads.subarray(from, from + headDim), rope, at(positions, token));
    const norm = kind === 'query' ? input.qNorm : input.kNorm;
    const u = Float64Array.from(bias, (value, d) => value + at(qkv, from + d));
    dQkv.set(norm === null ? dNormed : rmsNormBackwardReference(u, norm, dNormed, eps), from);
  }
  return dQkv;
}

function rotatedBack(d: Float32Array, rope: Float32Array, position: number): Float64Array {
  const half = d.length / 2;
  const back = new Float64Array(d.length);
  for (let i = 0; i < half; i++) {
    const cos = at(rope, (position * half + i) * 2);
    const sin = at(rope, (position * half + i) * 2 + 1);
    back[i] = at(d, i) * cos + at(d, i + half) * sin;
    back[i + half] = at(d, i + half) * cos - at(d, i) * sin;
  }
  return back;
}
