/** Sum of the squares of each tensor, in double precision. @param tensors [start, length] each */
export function gradientNormReference(
  gradients: Float32Array,
  tensors: readonly (readonly [start: number, length: number])[],
): Float64Array {
  return Float64Array.from(tensors, ([start, length]) =>
    gradients.subarray(start, start + length).reduce((sum, value) => sum + value * value, 0),
  );
}
