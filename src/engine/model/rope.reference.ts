/**
 * Rotary position embedding on the CPU, double precision, split-half layout (Hugging Face's).
 *
 *   rho(x, p)[i]       = x[i] cos(p f_i) - x[i + K/2] sin(p f_i)
 *   rho(x, p)[i + K/2] = x[i + K/2] cos(p f_i) + x[i] sin(p f_i)      f_i = theta^(-2i/K), scaled as the model says
 *
 * Source: Su et al. 2021 (arXiv 2104.09864); scaling as in transformers' modeling_rope_utils.
 */
import { assertNever, at } from '@/lib/assert.ts';
import type { ModelConfig } from './model-config.ts';

/** Angle per position of each rotated pair, [headDim / 2], radians. */
export function ropeFrequenciesReference(
  config: Pick<ModelConfig, 'headDim' | 'ropeTheta' | 'ropeScaling'>,
): Float64Array {
  const { headDim, ropeTheta, ropeScaling } = config;
  return Float64Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = ropeTheta ** ((-2 * i) / headDim);
    switch (ropeScaling.kind) {
      case 'none':
        return frequency;
      case 'linear':
        return frequency / ropeScaling.factor;
      case 'factors':
        return frequency / at(ropeScaling.factors, i);
      case 'llama3': {
        const { factor, lowFreqFactor, highFreqFactor, originalContextLength } = ropeScaling;
        // Full turns within the original context: few turns = low frequency.
        const turns = (originalContextLength * frequency) / (2 * Math.PI);
        if (turns < lowFreqFactor) return frequency / factor;
        if (turns > highFreqFactor) return frequency;
        const ramp = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
        return ((1 - ramp) * frequency) / factor + ramp * frequency;
      }
      default:
        return assertNever(ropeScaling);
    }
  });
}

/**
 * rho(x, position) for one head.
 *
 * @param x            [headDim]; left as it is
 * @param position     any real number, negative ones rotate back
 * @param frequencies  [headDim / 2], from {@link ropeFrequenciesReference}
 * @returns            [headDim]
 */
export function rotateReference(x: Float64Array, position: number, frequencies: Float64Array): Float64Array {
  const half = frequencies.length;
  const rotated = new Float64Array(2 * half);
  for (let i = 0; i < half; i++) {
    const angle = position * (frequencies[i] as number);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const first = x[i] as number;
    const second = x[i + half] as number;
    rotated[i] = first * cos - second * sin;
    rotated[i + half] = second * cos + first * sin;
  }
  return rotated;
}
