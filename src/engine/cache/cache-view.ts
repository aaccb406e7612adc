/** Views as numbers: where a row's blocks begin, and how its queries are rotated against each of them. */

/** One block of a view that a token can see. */
export interface Fragment {
  /** Index into the view. */
  readonly blockIndex: number;
  /** Keys 0 .. numVisible-1 of the block are attended to. */
  readonly numVisible: number;
  /** Position at which the query is rotated against this block's keys (`loc` of the reference). */
  readonly rotaryOffset: number;
}

/**
 * Rotary offset of the first of S new tokens against each block.
 *
 *   rotaryOffset[b] = viewLength - S - blockStart[b]
 *
 * @param lengths  of the view's blocks, counted after the append
 * @param S        new tokens of this row in this call
 * @see docs/maths/block-rope.md; Asynchronous Reasoning (arXiv 2512.10931)
 */
export function rotaryOffsets(lengths: readonly number[], S: number): number[] {
  let position = -S;
  for (const length of lengths) position += length;
  return lengths.map((length) => {
    const offset = position;
    position -= length;
    return offset;
  });
}

/**
 * What the s-th new token sees: key l of a block iff l <= rotaryOffset + s. Empty and invisible blocks are left out.
 *
 * @param offsets  of the first new token, from `rotaryOffsets`
 */
export function visibleFragments(lengths: readonly number[], offsets: readonly number[], s: number): Fragment[] {
  const fragments: Fragment[] = [];
  lengths.forEach((length, blockIndex) => {
    const rotaryOffset = (offsets[blockIndex] ?? 0) + s;
    const numVisible = Math.min(length, rotaryOffset + 1);
    if (numVisible > 0) fragments.push({ blockIndex, numVisible, rotaryOffset });
  });
  return fragments;
}
