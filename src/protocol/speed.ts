/**
 * How fast the loaded model runs on this machine, and what class that is. The page shortens its own defaults by it; the
 * defaults of `window.duet` never depend on it.
 */

/**
 * Named by what a visitor waits for. Thinking may take a budget of steps after Enter: 512 for a small model. In about half a
 * minute, the longest that a person watches an answer come, a machine makes
 *
 *   fast       all of them           at least 16 steps a second
 *   moderate   about half of them    at least 8
 *   slow       a fifth               at least 3
 *   verySlow   less
 */
export type SpeedClass = 'fast' | 'moderate' | 'slow' | 'verySlow';

/** Tokens per second from which on a machine is of the class. */
export const SPEED_THRESHOLDS = { fast: 16, moderate: 8, slow: 3 } as const;

/** Decode steps of two rows, as the Thinking panel runs them: a thinker and a writer. */
export interface DecodeSpeed {
  /** That each of the two streams gets: 1000 / stepMs. */
  readonly tokensPerSecond: number;
  /** Median of the measured steps, in milliseconds. */
  readonly stepMs: number;
  readonly numSteps: number;
  readonly speedClass: SpeedClass;
  /** 'measured' at this load or on demand, 'cached' from an earlier load of this model on this adapter. */
  readonly origin: 'measured' | 'cached';
}

/** @param tokensPerSecond  of each stream */
export function speedClassOf(tokensPerSecond: number): SpeedClass {
  if (tokensPerSecond >= SPEED_THRESHOLDS.fast) return 'fast';
  if (tokensPerSecond >= SPEED_THRESHOLDS.moderate) return 'moderate';
  return tokensPerSecond >= SPEED_THRESHOLDS.slow ? 'slow' : 'verySlow';
}

/** @param stepsMs  at least one */
export function decodeSpeedOf(stepsMs: readonly number[], origin: DecodeSpeed['origin']): DecodeSpeed {
  const sorted = stepsMs.toSorted((left, right) => left - right);
  const stepMs = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const tokensPerSecond = 1000 / stepMs;
  return { tokensPerSecond, stepMs, numSteps: stepsMs.length, speedClass: speedClassOf(tokensPerSecond), origin };
}
