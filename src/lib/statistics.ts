/**
 * ln of the sum of exp(values), without overflow.
 *
 *   LSE(x) = max(x) + ln sum_i exp(x_i - max(x))
 *
 * @returns -Infinity for an empty list
 */
export function logSumExp(values: Iterable<number>): number {
  const list = [...values];
  const peak = list.reduce((largest, value) => Math.max(largest, value), -Infinity);
  if (!Number.isFinite(peak)) return peak;
  return peak + Math.log(list.reduce((sum, value) => sum + Math.exp(value - peak), 0));
}

/**
 * Largest absolute difference of two lists of equal length; NaN if any difference is NaN.
 *
 * @throws {RangeError} if the lengths differ
 */
export function maxAbsDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`Lists of ${a.length} and ${b.length} cannot be compared.`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
}

/**
 * By linear interpolation between order statistics.
 *
 * @param share  0 to 1
 * @returns NaN without values
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
