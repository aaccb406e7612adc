import type { ModelConfig } from './model-config.ts';
import type { PackedPass } from './packed-rows.ts';

/** Floating-point operations of one layer's matrix products; what attention adds is left out. */
export function layerFlops(config: ModelConfig, numTokens: number): number {
  const { hiddenSize: D, intermediateSize: F, numAttentionHeads, numKeyValueHeads, headDim } = config;
  return 2 * numTokens * D * (2 * (numAttentionHeads + numKeyValueHeads) * headDim + 3 * F);
}

/** Of the LM head. */
export function headFlops(config: ModelConfig, numRows: number): number {
  return 2 * numRows * config.hiddenSize * config.vocabSize;
}

export function forwardFlops(config: ModelConfig, packed: readonly PackedPass[]): number {
  return packed.reduce(
    (sum, { tokenIds, entries }) =>
      sum + config.numHiddenLayers * layerFlops(config, tokenIds.length) + headFlops(config, entries.length),
    0,
  );
}
