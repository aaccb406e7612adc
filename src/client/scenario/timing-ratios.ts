/** Times by each other: within one run on one machine that says something, the times themselves do not. */
import { quantile } from '@/lib/statistics.ts';
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
  return [quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)];
}
