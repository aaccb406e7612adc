const MAX_TICKS = 5;

/** 0 and round values up to the largest; at most six. */
export function roundTicks(values: readonly number[]): readonly number[] {
  const largest = Math.max(...values, 1e-3);
  const power = 10 ** Math.floor(Math.log10(largest / MAX_TICKS));
  const step = power * ([1, 2, 5, 10].find((factor) => largest / (power * factor) <= MAX_TICKS) ?? 10);
  // Rounded, because sums of tenths are not tenths.
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}
