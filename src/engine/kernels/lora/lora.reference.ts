/** CPU twins of the adapter kernels; sums in double precision. `changed` results are copies. */
import { at } from '@/lib/assert.ts';
import { dropoutThreshold } from './lora-shapes.ts';
import type { Dropout, LoraInputShape, LoraModuleShape } from './lora-shapes.ts';

type Values = ArrayLike<number>;
type Input = Omit<LoraInputShape, 'lanes'>;
type Module = Omit<LoraModuleShape, 'lanes'>;

/** Chris Wellons' lowbias32. */
function mixBits(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Factor of one value of the input: 0 with probability `rate`, else 1 / (1 - rate).
 *
 * @param part   the target module, by its place among those that read the input
 * @param index  t * D + c
 */
export function dropoutKeep({ rate, seed }: Dropout, part: number, index: number): number {
  if (rate === 0) return 1;
  const key = mixBits(seed + Math.imul(part, 0x9e3779b9));
  const bits = mixBits(Math.imul(index, 0x9e3779b9) ^ key);
  return bits < dropoutThreshold(rate) ? 0 : 1 / (1 - rate);
}

/** Row j's mask for value c of token t. */
function keepOf({ D, dropout }: Input, j: number, t: number, c: number): number {
  return dropoutKeep(dropout, Math.floor(j / dropout.rank), t * D + c);
}

function placeOf({ tileStride, yStride, yOffset }: Module, t: number, o: number): number {
  return t * yStride + Math.floor(o / 4) * tileStride + (o % 4) + yOffset;
}

/**
 *   a[t, j] = scale_t sum_c A[j, c] keep(t, c, part) x[t, c];   0 where scale_t is 0
 *
 * @param x           [T, D]
 * @param parameters  flat; A [R, D] from aOffset on
 * @param scales      [T]
 * @returns           [T, R]
 */
export function loraDownReference(x: Values, parameters: Values, scales: Values, shape: Input): Float64Array {
  const { numTokens, D, R, aOffset } = shape;
  const a = new Float64Array(numTokens * R);
  for (let t = 0; t < numTokens; t++)
    for (let j = 0; j < R; j++) {
      let sum = 0;
      for (let c = 0; c < D; c++)
        sum += at(parameters, aOffset + j * D + c) * keepOf(shape, j, t, c) * at(x, t * D + c);
      const scale = at(scales, t);
      a[t * R + j] = scale === 0 ? 0 : scale * sum;
    }
  return a;
}

/**
 *   y[t, place(o)] += sum_j B[o, j] a[t, aColumn + j]
 *
 * @param y  [T, yStride], as it was
 * @returns  y, changed
 */
export function loraUpReference(a: Values, parameters: Values, y: Values, shape: Module): Float64Array {
  const { numTokens, rank, rows, R, aColumn, bOffset } = shape;
  const result = Float64Array.from(y);
  for (let t = 0; t < numTokens; t++)
    for (let o = 0; o < rows; o++) {
      let sum = at(y, placeOf(shape, t, o));
      for (let j = 0; j < rank; j++) sum += at(parameters, bOffset + o * rank + j) * at(a, t * R + aColumn + j);
      result[placeOf(shape, t, o)] = sum;
    }
  return result;
}

/**
 *   g[t, aColumn + j] = scale sum_o B[o, j] dy[t, place(o)]
 *
 * @param dy  [T, yStride]
 * @param g   [T, R], as it was
 * @returns   g, changed in this module's columns
 */
export function loraUpBackwardReference(
  dy: Values,
  parameters: Values,
  g: Values,
  shape: Module & { readonly scale: number },
): Float64Array {
  const { numTokens, rank, rows, R, aColumn, bOffset, scale } = shape;
  const result = Float64Array.from(g);
  for (let t = 0; t < numTokens; t++)
    for (let j = 0; j < rank; j++) {
      let sum = 0;
      for (let o = 0; o < rows; o++) sum += at(parameters, bOffset + o * rank + j) * at(dy, placeOf(shape, t, o));
      result[t * R + aColumn + j] = scale * sum;
    }
  return result;
}

/**
 *   gradients[bOffset + o rank + j] += sum_t dy[t, place(o)] a[t, aColumn + j]
 *
 * @param gradients  flat, as it was
 * @returns          gradients, changed
 */
export function loraBGradientReference(dy: Values, a: Values, gradients: Values, shape: Module): Float64Array {
  const { numTokens, rank, rows, R, aColumn, bOffset } = shape;
  const result = Float64Array.from(gradients);
  for (let o = 0; o < rows; o++)
    for (let j = 0; j < rank; j++) {
      let sum = at(gradients, bOffset + o * rank + j);
      for (let t = 0; t < numTokens; t++) sum += at(dy, placeOf(shape, t, o)) * at(a, t * R + aColumn + j);
      result[bOffset + o * rank + j] = sum;
    }
  return result;
}

/**
 *   gradients[aOffset + j D + c] += sum_t g[t, j] keep(t, c, part) x[t, c]
 *
 * @param gradients  flat, as it was
 * @returns          gradients, changed
 */
export function loraAGradientReference(x: Values, g: Values, gradients: Values, shape: Input): Float64Array {
  const { numTokens, D, R, aOffset } = shape;
  const result = Float64Array.from(gradients);
  for (let j = 0; j < R; j++)
    for (let c = 0; c < D; c++) {
      let sum = at(gradients, aOffset + j * D + c);
      for (let t = 0; t < numTokens; t++) sum += at(g, t * R + j) * keepOf(shape, j, t, c) * at(x, t * D + c);
      result[aOffset + j * D + c] = sum;
    }
  return result;
}

/**
 *   dx[t, c] += sum_j g[t, j] A[j, c] keep(t, c, part)
 *
 * @param dx  [T, D], as it was
 * @returns   dx, changed
 */
export function loraDownBackwardReference(g: Values, parameters: Values, dx: Values, shape: Input): Float64Array {
  const { numTokens, D, R, aOffset } = shape;
  const result = Float64Array.from(dx);
  for (let t = 0; t < numTokens; t++)
    for (let c = 0; c < D; c++) {
      let sum = at(dx, t * D + c);
      for (let j = 0; j < R; j++)
        sum += at(g, t * R + j) * at(parameters, aOffset + j * D + c) * keepOf(shape, j, t, c);
      result[t * D + c] = sum;
    }
  return result;
}
