/** Of numbers that were worked out: rounding of another machine's compiler stays below it. */
const RELATIVE_TOLERANCE = 1e-3;
/** Of numbers near zero, where a share of them is less than rounding. */
const SMALLEST_TOLERANCE = 1e-5;

/** How far a number that was worked out may lie from `value`. */
export function toleranceOf(value: number): number {
  return Math.max(SMALLEST_TOLERANCE, RELATIVE_TOLERANCE * Math.abs(value));
}

/** Whole numbers are counts, which are the same or not; others may differ by rounding. */
export function isClose(a: number, b: number): boolean {
  if (Number.isInteger(a) && Number.isInteger(b)) return a === b;
  return Math.abs(a - b) <= Math.max(toleranceOf(a), toleranceOf(b));
}
