import { at } from '@/lib/assert.ts';

/**
 * Gradient of a function of many numbers by central differences.
 *
 *   g[i] = (f(x + h e_i) - f(x - h e_i)) / (2 h)
 *
 * In double precision with values of size 1 the default h leaves relative errors of about 1e-9.
 *
 * @param x  is the same again when this returns
 */
export function centralDifferences(
  f: (x: Float64Array) => number,
  x: Float64Array,
  h: number = 2 ** -17,
): Float64Array {
  return x.map((value, i) => {
    x[i] = value + h;
    const above = f(x);
    x[i] = value - h;
    const below = f(x);
    x[i] = value;
    return (above - below) / (2 * h);
  });
}

/**
 * Gradient of L(x) = sum_i dy[i] f(x)[i] by central differences.
 *
 *   dL/dx[j] = (L(x + h e_j) - L(x - h e_j)) / (distance of the two points, which are f32 values)
 *
 * The error is that of the third derivative, about step^2, and of double precision, about 1e-16 / step.
 *
 * @param f     the forward, in double precision
 * @param x     stays as it is
 * @param step  h, about
 * @returns     as long as x
 */
export function finiteDifferences(
  f: (x: Float32Array) => ArrayLike<number>,
  x: Float32Array,
  dy: ArrayLike<number>,
  step = 2 ** -10,
): Float64Array {
  const loss = (point: Float32Array): number => {
    const y = f(point);
    let sum = 0;
    for (let i = 0; i < dy.length; i++) sum += at(dy, i) * at(y, i);
    return sum;
  };
  const moved = Float32Array.from(x);
  return Float64Array.from(x, (value, j) => {
    moved[j] = value + step;
    const above = { x: at(moved, j), loss: loss(moved) };
    moved[j] = value - step;
    const below = { x: at(moved, j), loss: loss(moved) };
    moved[j] = value;
    return (above.loss - below.loss) / (above.x - below.x);
  });
}
