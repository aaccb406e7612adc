import { at } from '@/lib/assert.ts';

/** Where a row's gradients lie: the picks first .. first + count - 1. */
export interface PickSpan {
  readonly first: number;
  readonly count: number;
}

/**
 *   dx[n, :] = sum of dy[e, :] over spans[n].first <= e < spans[n].first + spans[n].count
 *
 * @param dy     [E, D]
 * @param spans  [N]
 * @returns      [N, D]
 */
export function gatherRowsBackwardReference(dy: Float32Array, spans: readonly PickSpan[], D: number): Float64Array {
  return Float64Array.from({ length: spans.length * D }, (_, i) => {
    const { first, count } = at(spans, Math.floor(i / D));
    let sum = 0;
    for (let e = first; e < first + count; e++) sum += at(dy, e * D + (i % D));
    return sum;
  });
}
