/** What a loaded model takes of the GPU, from its header alone: the sizes that uploader, pool and decoder allocate. */
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import type { WeightSource } from '@/engine/loading/weight-source.ts';
import { ROW_PADDING } from '@/engine/quantisation/weight-layout.ts';
import { KV_PAGE_TOKENS, kvCacheBytes, kvLayerBytes, type MemoryEstimate } from '@/protocol/model-fit.ts';
import type { KvType } from '@/protocol/model.ts';
import { RECORDER_BYTES } from '../gpu/command-recorder.ts';
import { grantedBufferBytes } from '../gpu/device.ts';
import { bufferBytes } from '../gpu/gpu-buffer.ts';
import { GpuFailure } from '../gpu/gpu-errors.ts';
import { MAX_HEAD_DIM } from '../kernels/attention/attention.ts';
import { forwardSizes } from '../model/forward.ts';
import type { ModelConfig } from '../model/model-config.ts';
import { weightSizes } from '../model/weight-plan.ts';
import { attentionReaderSizes } from './attention-reader.ts';
import { biasTableSize } from './bias-table.ts';
import { TABLE_WORDS, TOKEN_IDS } from './model-decoder.ts';
import { tokenHeadSizes } from './token-head.ts';

/** Tokens of one prefill call. Software adapters need short submits; GPUs want enough threads. */
export const CHUNK_SIZE = { software: 64, gpu: 256 } as const;
export const MAX_LOGIT_ROWS = 16;

export interface EstimateOptions {
  /** Tokens; rounded up to whole pages. */
  readonly contextLength: number;
  readonly kvType: KvType;
  readonly isSoftware: boolean;
  /** Largest buffer that the adapter offers to a kernel. */
  readonly offeredBufferBytes: number;
  /** As `GpuModelOptions` has it. */
  readonly maxBindingBytes?: number | undefined;
}

export interface ModelMemory extends MemoryEstimate {
  /** What the largest buffer holds. */
  readonly largestLabel: string;
}

/** The largest buffer if nothing were split: what is asked of the adapter. */
export function wishedBufferBytes(
  source: WeightSource,
  config: ModelConfig,
  { contextLength, kvType }: Pick<EstimateOptions, 'contextLength' | 'kvType'>,
): number {
  const working = Object.values(workingSizes(config, contextLength, false)).map((words) => bufferBytes(words * 4));
  const layer = kvLayerBytes(config, contextLength, kvType);
  return Math.max(weightSizes(source, config, Infinity).largest.bytes, layer, ...working);
}

/**
 * Bytes by owner after a load, before an adapter is attached: exact, but for matrices whose scales overflow f16. Working
 * memory is activations, the recorder's uniforms and its first staging buffer.
 */
export function estimateModelMemory(source: WeightSource, config: ModelConfig, options: EstimateOptions): ModelMemory {
  const { kvType, isSoftware, offeredBufferBytes, maxBindingBytes = Infinity } = options;
  const contextLength = Math.ceil(options.contextLength / KV_PAGE_TOKENS) * KV_PAGE_TOKENS;
  const granted = grantedBufferBytes(wishedBufferBytes(source, config, options), offeredBufferBytes);
  const weights = weightSizes(source, config, Math.min(granted, maxBindingBytes));
  const kvCache = kvCacheBytes(config, contextLength, kvType);
  const working = Object.entries(workingSizes(config, contextLength, isSoftware)).map(([label, words]) => ({
    label,
    bytes: bufferBytes(words * 4),
  }));
  const activationBytes = working.reduce((sum, { bytes }) => sum + bytes, RECORDER_BYTES);
  const layer = { label: 'the keys of a layer', bytes: kvLayerBytes(config, contextLength, kvType) };
  const largest = [weights.largest, layer, ...working].reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return {
    weightBytes: weights.totalBytes,
    kvCacheBytes: kvCache,
    activationBytes,
    totalBytes: weights.totalBytes + kvCache + activationBytes,
    largestBufferBytes: largest.bytes,
    largestLabel: largest.label,
    contextLength,
    kvType,
  };
}

function workingSizes(
  config: ModelConfig,
  contextLength: number,
  isSoftware: boolean,
): Readonly<Record<string, number>> {
  const chunkSize = isSoftware ? CHUNK_SIZE.software : CHUNK_SIZE.gpu;
  const reader = attentionReaderSizes(config, contextLength);
  return {
    ...forwardSizes(config, contextLength, { chunkSize, maxLogitRows: MAX_LOGIT_ROWS }),
    ...tokenHeadSizes(config.vocabSize, MAX_LOGIT_ROWS),
    'step table': TABLE_WORDS,
    'token ids': TOKEN_IDS,
    'logit bias': biasTableSize(config.vocabSize),
    'attention weights': reader.weights,
    'attention read-out': reader.results,
  };
}

/**
 * The longest context with an f16 cache that fits, up to the one asked for.
 *
 * @param roomBytes  of the whole model
 * @returns          null if not even one page of context fits
 */
export function longestFittingContext(
  source: WeightSource,
  config: ModelConfig,
  options: EstimateOptions,
  roomBytes: number,
): number | null {
  const fits = (numPages: number): boolean => {
    const contextLength = numPages * KV_PAGE_TOKENS;
    const memory = estimateModelMemory(source, config, { ...options, contextLength, kvType: 'f16' });
    return memory.totalBytes <= roomBytes && memory.largestBufferBytes <= options.offeredBufferBytes;
  };
  let low = 0;
  let high = Math.ceil(options.contextLength / KV_PAGE_TOKENS);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? null : low * KV_PAGE_TOKENS;
}

/**
 * Compares a model's shape with what the kernels can do, and its largest buffer with what they can be given.
 *
 * @throws {GpuFailure} 'unsupportedModel'; 'limitTooSmall' with the numbers and the longest context that would do
 */
export function checkLoadable(source: WeightSource, config: ModelConfig, options: EstimateOptions): void {
  const { headDim, vocabSize } = config;
  if (headDim > MAX_HEAD_DIM || headDim % 8 !== 0)
    throw new GpuFailure(
      'unsupportedModel',
      `Head size ${headDim}: multiples of 8 up to ${MAX_HEAD_DIM} are supported.`,
    );
  if (vocabSize % ROW_PADDING !== 0)
    throw new GpuFailure(
      'unsupportedModel',
      `A vocabulary of ${vocabSize}: multiples of ${ROW_PADDING} are supported.`,
    );
  const { offeredBufferBytes } = options;
  const { largestBufferBytes, largestLabel, contextLength, kvType } = estimateModelMemory(source, config, options);
  if (largestBufferBytes <= offeredBufferBytes) return;
  const fitting = longestFittingContext(source, config, options, Infinity);
  const [needed, offered] = [largestBufferBytes, offeredBufferBytes].map(formatMegabytes);
  throw new GpuFailure(
    'limitTooSmall',
    `With a context of ${contextLength.toLocaleString('en-US')} tokens in ${kvType}, the largest buffer ` +
      `(${largestLabel}) takes ${needed}; this adapter offers ${offered} at most. ${helpOf(fitting)}`,
    {
      largestBufferBytes,
      offeredBufferBytes,
      contextLength,
      kvType,
      ...fittingDetails(fitting),
    },
  );
}

export interface Refusal {
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Why a model does not fit, in numbers, and what would.
 *
 * @param room     where the numbers come from, e.g. 'the device had room for about 900 MB'
 * @param fitting  from `longestFittingContext`
 */
export function refusalOf(memory: MemoryEstimate, room: string, roomBytes: number, fitting: number | null): Refusal {
  const { weightBytes, kvCacheBytes: kvBytes, activationBytes, totalBytes, contextLength, kvType } = memory;
  const parts = [
    `weights ${formatMegabytes(weightBytes)}`,
    `cache ${formatMegabytes(kvBytes)} for ${contextLength.toLocaleString('en-US')} tokens in ${kvType}`,
    `working memory ${formatMegabytes(activationBytes)}`,
  ];
  return {
    message: `The model takes ${parts.join(', ')}: ${formatMegabytes(totalBytes)}; ${room}. ${helpOf(fitting)}`,
    details: {
      weightBytes,
      kvCacheBytes: kvBytes,
      activationBytes,
      totalBytes,
      roomBytes,
      contextLength,
      kvType,
      ...fittingDetails(fitting),
    },
  };
}

function helpOf(fitting: number | null): string {
  return fitting === null
    ? 'No context would fit, however short.'
    : `A context of up to ${fitting.toLocaleString('en-US')} tokens with an f16 cache would fit.`;
}

function fittingDetails(fitting: number | null): Readonly<Record<string, string | number>> {
  return fitting === null ? {} : { fittingContextLength: fitting, fittingKvType: 'f16' };
}
