/** How much GPU memory a model takes, and whether this device has it. */
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
  /** Bytes that could be allocated at once beside what is in use. */
  readonly freeBytes: number;
  /** True if there may be more: the measurement stops at its limit. */
  readonly isAtLeast: boolean;
}

export interface ModelFitApi {
  /**
   * Reads a model's header, from a server by ranges where that is possible, and says what a load would allocate.
   *
   * @throws {Failure} as `loadModel` does for a source that is none
   */
  estimate(source: ModelSource, options: LoadOptions): Promise<Run<MemoryEstimate>>;
  /**
   * Allocates up to `limitBytes` (default 8 GiB) in steps on a device of its own, and frees it again. Nothing of the
   * loaded model is touched.
   */
  measureMemory(limitBytes?: number): Promise<Run<MemoryMeasurement>>;
}
