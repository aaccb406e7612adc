/** The adapter weights of the reference data for SmolLM2: made from names, so that no file has to hold them. */
import { fnv1a32 } from '@/lib/fnv1a.ts';
import type { LoraConfig } from '@/protocol/training.ts';
import { adapterLayout, type Adapter, type AdapterShape } from '@/engine/adapters/adapter-layout.ts';

/**
 * Uniform values in [-bound, bound) from PCG's 32-bit hash (RXS-M-XS) of a Weyl sequence that the name begins.
 *
 * @returns [length], row-major
 */
export function seededValues(name: string, length: number, bound: number, baseSeed: number): Float32Array<ArrayBuffer> {
  const start = fnv1a32(name) ^ baseSeed;
  return Float32Array.from({ length }, (_, i) => {
    const state = (Math.imul(start + Math.imul(i, 0x9e3779b9), 747_796_405) + 2_891_336_453) >>> 0;
    const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277_803_737) >>> 0;
    const hash = ((word >>> 22) ^ word) >>> 0;
    return (hash / 2 ** 31 - 1) * bound;
  });
}

export interface SeededOptions {
  readonly aSeed: number;
  readonly bSeed: number;
  /** 0 leaves B zero. */
  readonly bBound: number;
}

/** A is bounded by 1 / sqrt(in). */
export function seededAdapter(
  config: LoraConfig,
  shape: AdapterShape,
  { aSeed, bSeed, bBound }: SeededOptions = { aSeed: 20_250_101, bSeed: 777, bBound: 0.005 },
): Adapter {
  const tensors = adapterLayout(config, shape).map(({ name, shape: [rows, columns], matrix }) => ({
    name,
    shape: [rows, columns],
    values:
      matrix === 'A'
        ? seededValues(name, rows * columns, 1 / Math.sqrt(columns), aSeed)
        : seededValues(name, rows * columns, bBound, bSeed),
  }));
  return { config, tensors };
}

export const SMOLLM2_SHAPE: AdapterShape = {
  numHiddenLayers: 30,
  hiddenSize: 576,
  intermediateSize: 1536,
  numAttentionHeads: 9,
  numKeyValueHeads: 3,
  headDim: 64,
};

/** Of the tiny model of the reference data. */
export const TINY_LLAMA_SHAPE: AdapterShape = {
  numHiddenLayers: 2,
  hiddenSize: 64,
  intermediateSize: 128,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  headDim: 16,
};
