import { at } from '@/lib/assert.ts';

/** All [values]. */
export interface AdamWState {
  readonly parameters: Float64Array;
  readonly expAvg: Float64Array;
  readonly expAvgSq: Float64Array;
}

/**
 * One step of AdamW in torch's order, in double precision: decay first, then the bias-corrected step.
 *
 *   p <- p (1 - lr wd);   m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
 *   p <- p - lr (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + eps)
 *
 * @param gradients  scaled by gradientScale to give g
 */
export function adamWReference(
  state: AdamWState,
  gradients: ArrayLike<number>,
  options: {
    readonly learningRate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weightDecay: number;
    readonly step: number;
    readonly gradientScale: number;
  },
): AdamWState {
  const { learningRate, beta1, beta2, eps, weightDecay, step, gradientScale } = options;
  const g = (i: number): number => gradientScale * at(gradients, i);
  const expAvg = state.expAvg.map((m, i) => beta1 * m + (1 - beta1) * g(i));
  const expAvgSq = state.expAvgSq.map((v, i) => beta2 * v + (1 - beta2) * g(i) ** 2);
  const parameters = state.parameters.map((p, i) => {
    const first = at(expAvg, i) / (1 - beta1 ** step);
    const second = at(expAvgSq, i) / (1 - beta2 ** step);
    return p * (1 - learningRate * weightDecay) - (learningRate * first) / (Math.sqrt(second) + eps);
  });
  return { parameters, expAvg, expAvgSq };
}
