/** What the sizes of a model must be, whatever file states them. */
import type { Architecture, ModelConfig } from '@/engine/model/model-config.ts';

export const ARCHITECTURES: readonly Architecture[] = ['llama', 'qwen2', 'qwen3'];
export const DEFAULT_ROPE_THETA = 10_000;
/** Columns and heads are packed in steps of eight. */
export const SIZE_STEP = 8;
/** A choice, well above the largest models; keeps a damaged count from being believed. */
const MAX_LAYERS = 1024;

type HeadField = 'numKeyValueHeads' | 'headDim' | 'numHiddenLayers';

/** Makes the failure for a field of the configuration; the file's own reader knows what the field is called there. */
export interface SizeFaults {
  invalid(field: HeadField, problem: string): Error;
  unsupported(field: HeadField, problem: string): Error;
}

/** @throws what `faults` make, for counts that do not go together */
export function checkHeads(
  { numAttentionHeads, numKeyValueHeads, headDim, numHiddenLayers }: ModelConfig,
  faults: SizeFaults,
): void {
  if (numAttentionHeads % numKeyValueHeads !== 0)
    throw faults.invalid('numKeyValueHeads', `${numAttentionHeads} heads cannot share ${numKeyValueHeads}`);
  if (!Number.isInteger(headDim) || headDim % SIZE_STEP !== 0)
    throw faults.unsupported('headDim', `a head size of ${headDim} is no multiple of ${SIZE_STEP}`);
  if (numHiddenLayers > MAX_LAYERS)
    throw faults.invalid('numHiddenLayers', `${numHiddenLayers} layers are not credible`);
}
