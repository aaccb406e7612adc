/** How much GPU memory a model takes, and whether this device has it. */
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import type { KvType, LoadOptions, ModelInfo, ModelSource } from './model.ts';
import type { Run } from './engine-api.ts';

/** What the size of a KV cache follows from. */
export type CacheShape = Pick<ModelInfo, 'numHiddenLayers' | 'numKeyValueHeads' | 'headDim'>;

/** What a load will allocate. */
export interface MemoryEstimate {
  readonly weightBytes: number;
  readonly kvCacheBytes: number;
  readonly activationBytes: number;
  readonly totalBytes: number;
  /** The largest single buffer after splitting. */
  readonly largestBufferBytes: number;
  readonly contextLength: number;
  readonly kvType: KvType;
}

/** What this device was found to hold. */
export interface MemoryMeasurement {
  /**
   * Bytes that a model can take: what could be allocated at once beside everything in use, and what the loaded model
   * gives back when another one is loaded.
   */
  readonly freeBytes: number;
  /** True if there may be more: the measurement stops at its limit. */
  readonly isAtLeast: boolean;
}

export interface ModelFitApi {
  /**
   * Reads a model's header, from the cached copy or from a server by ranges, and says what a load would allocate.
   * Nothing is downloaded but the header, and nothing is allocated on the GPU.
   *
   * @throws {Failure} as `loadModel` does for a source that is none; 'downloadFailed' for a server that does not send
   *                   parts of files; 'limitTooSmall' with numbers if the adapter offers no buffer of the needed size
   */
  estimate(source: ModelSource, options: LoadOptions): Promise<Run<MemoryEstimate>>;
  /**
   * Allocates up to `limitBytes` in steps on a device of its own, and frees it again. Nothing of the loaded model is
   * touched; a device that is lost on the way is a result. The result is kept: loads that need more are refused before
   * anything is freed.
   *
   * @param limitBytes  default 8 GiB, and no more than half of the machine's memory. Adapters that compute on the CPU,
   *                    which commit that memory, are never asked for more than 2 GiB and a quarter of it
   * @throws {Failure} 'noWebGpu' or 'noAdapter'; 'invalidConfig' for a limit that is no positive whole number; 'busy'
   *                   while it is being measured already
   */
  measureMemory(limitBytes?: number): Promise<Run<MemoryMeasurement>>;
}

/** Tokens of a page of the cache, which is allocated in whole pages. */
export const KV_PAGE_TOKENS = 16;

/** A cache that takes more than this in f32 is f16 by default: 256 MiB, a choice. */
export const LARGEST_F32_CACHE_BYTES = 268_435_456;

/** Tokens of a context whose length was not chosen, where the model was trained for as many. */
export const DEFAULT_CONTEXT_LENGTH = 4096;

/** Bytes of one layer's keys, which its values take too. @param contextLength  tokens, rounded up to whole pages */
export function kvLayerBytes(shape: CacheShape, contextLength: number, kvType: KvType): number {
  const bytesPerToken = shape.numKeyValueHeads * shape.headDim * (kvType === 'f16' ? 2 : 4);
  return Math.ceil(contextLength / KV_PAGE_TOKENS) * KV_PAGE_TOKENS * bytesPerToken;
}

/** All that the cache allocates: keys and values of every layer, and a page through which pages are copied. */
export function kvCacheBytes(shape: CacheShape, contextLength: number, kvType: KvType): number {
  const page = kvLayerBytes(shape, KV_PAGE_TOKENS, kvType);
  return 2 * shape.numHiddenLayers * kvLayerBytes(shape, contextLength, kvType) + page;
}

/** What `kvType: 'auto'` stands for: f32 up to `LARGEST_F32_CACHE_BYTES`, f16 above. */
export function kvTypeFor(shape: CacheShape, contextLength: number): KvType {
  return kvCacheBytes(shape, contextLength, 'f32') > LARGEST_F32_CACHE_BYTES ? 'f16' : 'f32';
}

/** Context and cache type of a load, as the options leave them to the model. */
export function resolveLoadOptions(
  model: CacheShape & Pick<ModelInfo, 'maxContextLength'>,
  options: LoadOptions,
): { readonly contextLength: number; readonly kvType: KvType } {
  const contextLength = Math.min(options.contextLength ?? DEFAULT_CONTEXT_LENGTH, model.maxContextLength);
  const { kvType = 'auto' } = options;
  return { contextLength, kvType: kvType === 'auto' ? kvTypeFor(model, contextLength) : kvType };
}

/** What is known of the device without measuring, beside what the model asks of it. */
export interface FitLimits {
  /** Of the estimate. */
  readonly largestBufferBytes: number;
  /** Largest buffer that the adapter offers to a kernel; see `offeredBufferBytes`. */
  readonly offeredBufferBytes: number;
}

export interface Fit {
  readonly kind: 'fits' | 'tight' | 'doesNotFit' | 'unknown';
  /** A sentence with the numbers. */
  readonly why: string;
}

/** Part of the room that a model may take and still leave some for answers, adapters and other pages: a choice. */
const COMFORTABLE_SHARE = 0.8;

/** Largest buffer that a kernel can use, from an adapter's or device's limits. @returns Infinity if they do not say */
export function offeredBufferBytes(limits: Readonly<Record<string, number>>): number {
  return Math.min(limits['maxStorageBufferBindingSize'] ?? Infinity, limits['maxBufferSize'] ?? Infinity);
}

/**
 * Whether a model fits this device.
 *
 * @param estimateTotalBytes  of a load; from `estimate`, or file size and `kvCacheBytes` where only those are known
 * @param measurement         null before anything was measured
 * @param limits              null if the largest buffer is not known
 */
export function fitOf(
  estimateTotalBytes: number,
  measurement: MemoryMeasurement | null,
  limits: FitLimits | null,
): Fit {
  const needed = formatMegabytes(estimateTotalBytes);
  if (limits !== null && limits.largestBufferBytes > limits.offeredBufferBytes) {
    const [buffer, offered] = [limits.largestBufferBytes, limits.offeredBufferBytes].map(formatMegabytes);
    return { kind: 'doesNotFit', why: `It needs a buffer of ${buffer}, and this adapter offers ${offered} at most.` };
  }
  if (measurement === null)
    return { kind: 'unknown', why: `It needs ${needed}; how much this device has was not measured.` };
  const free = formatMegabytes(measurement.freeBytes);
  if (estimateTotalBytes <= measurement.freeBytes * COMFORTABLE_SHARE)
    return { kind: 'fits', why: `It needs ${needed} of the ${free} that were found free.` };
  if (measurement.isAtLeast)
    return estimateTotalBytes <= measurement.freeBytes
      ? { kind: 'fits', why: `It needs ${needed}; at least ${free} were found free.` }
      : { kind: 'unknown', why: `It needs ${needed}; the measurement stopped at ${free}, so there may be more.` };
  if (estimateTotalBytes <= measurement.freeBytes)
    return { kind: 'tight', why: `It needs ${needed} of the ${free} that were found free, which leaves little.` };
  return { kind: 'doesNotFit', why: `It needs ${needed}, and ${free} were found free.` };
}
