/** Intervals and tests for shares and means of a few hundred trials. All intervals are of 95 %. */

/** Of the standard normal distribution: 97.5 % lie below. */
const Z_95 = 1.959_963_984_540_054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a share, p = k / n.
 *
 *   (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
 *
 * @param numHits  k, 0 to `numTrials`
 * @param numTrials  n, at least 1
 */
export function wilsonInterval(numHits: number, numTrials: number): Interval {
  const share = numHits / numTrials;
  const square = Z_95 ** 2;
  const centre = share + square / (2 * numTrials);
  const half = Z_95 * Math.sqrt((share * (1 - share)) / numTrials + square / (4 * numTrials ** 2));
  const scale = 1 + square / numTrials;
  // Rounding alone would leave the ends a little off 0 and 1.
  return {
    low: numHits === 0 ? 0 : (centre - half) / scale,
    high: numHits === numTrials ? 1 : (centre + half) / scale,
  };
}

/** Trials of two methods on the same items, by who succeeded. */
export interface PairedCounts {
  readonly both: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

/**
 * Newcombe's interval of the difference of two paired shares, first minus second (Statistics in Medicine 17, 1998, pages
 * 2635 to 2650, method 10). With Wilson's intervals (l1, u1) and (l2, u2) of both shares and d = p1 - p2:
 *
 *   low  = d - sqrt((p1-l1)² - 2 f (p1-l1)(u2-p2) + (u2-p2)²)
 *   high = d + sqrt((p2-l2)² - 2 f (p2-l2)(u1-p1) + (u1-p1)²)
 *
 * f is the correlation of the two, brought towards 0 by half a trial if it is positive; 0 where it is not defined.
 *
 * @param counts  at least one trial
 */
export function pairedDifferenceInterval(counts: PairedCounts): Interval {
  const { both, onlyFirst, onlySecond, neither } = counts;
  const total = both + onlyFirst + onlySecond + neither;
  const [hits1, hits2] = [both + onlyFirst, both + onlySecond];
  const [share1, share2] = [hits1 / total, hits2 / total];
  const [first, second] = [wilsonInterval(hits1, total), wilsonInterval(hits2, total)];
  const correlation = pairedCorrelation(counts);
  const reach = (a: number, b: number): number => Math.sqrt(Math.max(a * a - 2 * correlation * a * b + b * b, 0));
  const difference = (onlyFirst - onlySecond) / total;
  return {
    low: difference - reach(share1 - first.low, second.high - share2),
    high: difference + reach(share2 - second.low, first.high - share1),
  };
}

function pairedCorrelation({ both, onlyFirst, onlySecond, neither }: PairedCounts): number {
  const margins = [both + onlyFirst, onlySecond + neither, both + onlySecond, onlyFirst + neither];
  const spread = margins.reduce((product, margin) => product * margin, 1);
  if (spread === 0) return 0;
  const covariance = both * neither - onlyFirst * onlySecond;
  const half = (both + onlyFirst + onlySecond + neither) / 2;
  const corrected = covariance > 0 ? Math.max(covariance - half, 0) : covariance;
  return corrected / Math.sqrt(spread);
}

/**
 * McNemar's exact two-sided test: whether, of the items on which two methods differ, each wins half. With n = b + c such
 * items and m the smaller number, twice the chance of at most m heads in n tosses of a coin, at most 1.
 *
 * @returns 1 if they differ on none
 */
export function mcNemarExact(onlyFirst: number, onlySecond: number): number {
  const total = onlyFirst + onlySecond;
  let logChance = -total * Math.LN2;
  let chance = Math.exp(logChance);
  for (let heads = 1; heads <= Math.min(onlyFirst, onlySecond); heads++) {
    logChance += Math.log((total - heads + 1) / heads);
    chance += Math.exp(logChance);
  }
  return Math.min(2 * chance, 1);
}

/**
 * Mean and its normal interval, mean ± z s / sqrt(n), s with n - 1. One value tells nothing about the spread: its interval
 * is the value itself.
 *
 * @returns null for no values
 */
export function meanInterval(values: readonly number[]): (Interval & { readonly mean: number }) | null {
  const count = values.length;
  if (count === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = count === 1 ? 0 : Z_95 * Math.sqrt(squares / (count - 1) / count);
  return { mean, low: mean - half, high: mean + half };
}
