/** Throws when a condition that the code itself guarantees does not hold: a defect, never bad input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}

/** Compile-time proof that every case of a union was handled. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}

/**
 * Element of an array that must exist.
 *
 * @throws {RangeError} if `index` is outside the array
 */
export function at<T>(array: ArrayLike<T>, index: number): T {
  if (index < 0 || index >= array.length)
    throw new RangeError(`Index ${index} is outside an array of ${array.length}.`);
  return array[index] as T;
}
