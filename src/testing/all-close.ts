import { expect } from 'vitest';

/**
 * Normalised mean square error.
 *
 *   NMSE(a, b) = sum_i (a_i - b_i)^2 / sum_i a_i^2
 *
 * @param expected  a, any length >= 1; where all are 0 the denominator is 1
 * @param actual    b, as long
 * @returns         NaN if any entry of either is NaN
 * @throws {RangeError} if the lengths differ
 */
export function nmse(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  if (expected.length !== actual.length)
    throw new RangeError(`Lists of ${expected.length} and ${actual.length} cannot be compared.`);
  let error = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = expected[i] as number;
    error += (a - (actual[i] as number)) ** 2;
    size += a * a;
  }
  return error / (size === 0 ? 1 : size);
}

/** Fails unless NMSE(expected, actual) <= accuracy; names the entry that is furthest off. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, accuracy: number): void {
  const error = nmse(expected, actual);
  if (error <= accuracy) return;
  const worst = worstIndex(expected, actual);
  expect.fail(
    `NMSE ${error.toExponential(2)} exceeds ${accuracy.toExponential(0)}; entry ${worst} of ${actual.length} ` +
      `is ${actual[worst]}, expected ${expected[worst]}.`,
  );
}

function worstIndex(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let worst = 0;
  let largest = -1;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs((expected[i] as number) - (actual[i] as number));
    if (Number.isNaN(distance)) return i;
    if (distance > largest) {
      largest = distance;
      worst = i;
    }
  }
  return worst;
}
