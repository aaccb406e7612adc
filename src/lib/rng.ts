import { at } from './assert.ts';

/** Seeded random numbers, so that every random choice can be repeated. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform integer in 0 .. end - 1; `end` >= 1. */
  integer(end: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/**
 * A generator with a 32-bit state (Tommy Ettinger's mulberry32): good enough for tests and sampling, not for secrets.
 *
 * @param seed  any integer; only its lowest 32 bits count
 */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    integer: (end) => Math.floor(uniform() * end),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** A new list in random order (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], rng: Rng): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = rng.integer(last + 1);
    const [a, b] = [at(result, last), at(result, other)];
    result[last] = b;
    result[other] = a;
  }
  return result;
}
