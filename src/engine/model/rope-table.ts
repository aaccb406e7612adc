import { assertNever, at } from '@/lib/assert.ts';
import type { ModelConfig } from './model-config.ts';

/** Radians per position of each rotated pair. @returns [headDim / 2] in double precision */
export function ropeFrequencies(config: Pick<ModelConfig, 'headDim' | 'ropeTheta' | 'ropeScaling'>): Float64Array {
  const { headDim, ropeTheta, ropeScaling } = config;
  return Float64Array.from({ length: headDim / 2 }, (_, i) => {
    const base = ropeTheta ** ((-2 * i) / headDim);
    switch (ropeScaling.kind) {
      case 'none':
        return base;
      case 'linear':
        return base / ropeScaling.factor;
      case 'factors':
        return base / at(ropeScaling.factors, i);
      case 'llama3': {
        const wavelength = (2 * Math.PI) / base;
        const { factor, lowFreqFactor, highFreqFactor, originalContextLength } = ropeScaling;
        if (wavelength < originalContextLength / highFreqFactor) return base;
        if (wavelength > originalContextLength / lowFreqFactor) return base / factor;
        const smooth = (originalContextLength / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
        return (1 - smooth) * (base / factor) + smooth * base;
      }
      default:
        return assertNever(ropeScaling);
    }
  });
}

/**
 * cos and sin of every position and pair, worked out in double precision: WGSL's own functions are not accurate at
 * angles of thousands of radians.
 *
 * @returns [numPositions, headDim / 2, 2] f32: (cos, sin)
 */
export function ropeTable(
  config: Pick<ModelConfig, 'headDim' | 'ropeTheta' | 'ropeScaling'>,
  numPositions: number,
): Float32Array<ArrayBuffer> {
  const frequencies = ropeFrequencies(config);
  const table = new Float32Array(numPositions * frequencies.length * 2);
  for (let position = 0; position < numPositions; position++) {
    frequencies.forEach((frequency, i) => {
      const to = (position * frequencies.length + i) * 2;
      table[to] = Math.cos(position * frequency);
      table[to + 1] = Math.sin(position * frequency);
    });
  }
  return table;
}
