import { at } from '@/lib/assert.ts';

export interface TokenLogProb {
  /** ln p of the target, p = softmax(logits / temperature). */
  readonly logProb: number;
  /** Of p, in nats. */
  readonly entropy: number;
  /** ln sum exp((logits - largest) / temperature). */
  readonly relativeLogSumExp: number;
  readonly largest: number;
}

/** Tempered logits below the largest; a distance beyond f32 counts as one of probability 0. */
function distances(logits: ArrayLike<number>, temperature: number): number[] {
  const values = Array.from(logits);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return values.map((z) => Math.max((z - largest) / temperature, -1e300));
}

/**
 * Log-prob of a target and entropy of the whole distribution, in double precision. NaN if a logit is NaN or +infinity.
 *
 *   p = softmax(z / T);   logProb = ln p[target];   entropy = -sum_i p_i ln p_i
 *
 * @param logits  [V]; -infinity is a probability of 0
 */
export function tokenLogProbReference(logits: ArrayLike<number>, target: number, temperature: number): TokenLogProb {
  const below = distances(logits, temperature);
  const total = below.reduce((sum, value) => sum + Math.exp(value), 0);
  const entropy = below.reduce((sum, value) => {
    const weight = Math.exp(value) / total;
    return sum - (weight === 0 ? 0 : weight * Math.log(weight));
  }, 0);
  return {
    logProb: at(below, target) - Math.log(total),
    entropy,
    relativeLogSumExp: Math.log(total),
    largest: Array.from(logits).reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

/**
 * Gradient of dLogProb * logProb + dEntropy * entropy with respect to the logits.
 *
 *   dz_i = (1 / T) ( dLogProb (1[i = target] - p_i) - dEntropy p_i (ln p_i + entropy) )
 */
export function tokenLogProbBackwardReference(
  logits: ArrayLike<number>,
  target: number,
  temperature: number,
  gradient: { readonly dLogProb: number; readonly dEntropy: number },
): Float64Array {
  const { entropy, relativeLogSumExp } = tokenLogProbReference(logits, target, temperature);
  return Float64Array.from(distances(logits, temperature), (value, i) => {
    const logProb = value - relativeLogSumExp;
    const p = Math.exp(logProb);
    const ofEntropy = p === 0 ? 0 : p * (logProb + entropy);
    return (gradient.dLogProb * ((i === target ? 1 : 0) - p) - gradient.dEntropy * ofEntropy) / temperature;
  });
}
