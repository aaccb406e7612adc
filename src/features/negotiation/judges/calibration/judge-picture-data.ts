/** Where the points of two judges' scores stand, and how often each pair of scores occurs. */

export interface ScorePair {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}

/** Of an axis with the scores 0 to 5, with half a point at each end. */
const LOW = -0.5;
const SPAN = 6;

export function axisPlace(score: number, length: number): number {
  return ((score - LOW) / SPAN) * length;
}

/** Half the width of the cloud around a place, in points. */
const JITTER = 0.16;
const GOLDEN = 0.618_033_988_75;
const PLASTIC = 0.754_877_666_25;

/** Small offsets that spread points evenly and are the same every time: equal scores must not hide each other. */
export function jitterOf(index: number): readonly [x: number, y: number] {
  const spread = (step: number): number => (((index + 1) * step) % 1) * 2 * JITTER - JITTER;
  return [spread(GOLDEN), spread(PLASTIC)];
}

/** [first judge's score][second judge's score], rounded, 0 to 5 */
export function confusionOf(pairs: readonly ScorePair[]): readonly (readonly number[])[] {
  const counts = Array.from({ length: 6 }, () => Array.from({ length: 6 }, () => 0));
  const placeOf = (score: number): number => Math.min(Math.max(Math.round(score), 0), 5);
  for (const { first, second } of pairs) {
    const row = counts[placeOf(first)];
    const column = placeOf(second);
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  }
  return counts;
}
