/** Bars of a histogram whose edges are round numbers. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const WIDTHS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10];
const MAX_BINS = 28;

/**
 * @param included  values that the axis has to reach without being counted
 * @param edge      one of the edges, so that a bar lies wholly on one side of it
 */
export function histogram(values: readonly number[], included: readonly number[], edge: number): readonly Bin[] {
  const all = [...values, ...included];
  if (all.length === 0) return [];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const width = WIDTHS.find((candidate) => (high - low) / candidate <= MAX_BINS - 2) ?? (high - low) / (MAX_BINS - 2);
  const first = Math.floor((low - edge) / width) - 1;
  const last = Math.ceil((high - edge) / width) + 1;
  const counts = new Map<number, number>();
  for (const value of values) {
    // A value on an edge belongs below it: above the threshold means greater.
    const index = Math.ceil((value - edge) / width) - 1;
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return Array.from({ length: last - first }, (_, offset) => {
    const index = first + offset;
    return { from: edge + index * width, to: edge + (index + 1) * width, count: counts.get(index) ?? 0 };
  });
}
