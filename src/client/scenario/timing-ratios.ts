/** Times by each other: within one run on one machine that says something, the times themselves do not. */
import type { TimingRatio } from '@/protocol/scenario/outcome.ts';

/**
 * Median by median, between lower by upper quartile and upper by lower.
 *
 * @param above  times, any unit
 * @param below  times in the same unit
 * @returns none where a side has no time, or takes none
 */
export function timingRatio(name: string, above: readonly number[], below: readonly number[]): TimingRatio[] {
  const [lowAbove, midAbove, highAbove] = quartiles(above);
  const [lowBelow, midBelow, highBelow] = quartiles(below);
  if (above.length === 0 || !(lowBelow > 0)) return [];
  const counts = [above.length, below.length] as const;
  return [{ name, ratio: midAbove / midBelow, low: lowAbove / highBelow, high: highAbove / lowBelow, counts }];
}

/** Differences of neighbouring times. */
export function durations(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - (times[i] ?? time));
}

function quartiles(values: readonly number[]): readonly [low: number, middle: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
}

/** Linear between neighbours; NaN of nothing. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
