import { Failure } from '@/lib/failure.ts';
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import { serveRun } from '@/lib/stream.ts';
import type { RunHandle } from '@/lib/stream.ts';
import {
  checkLoadable,
  estimateModelMemory,
  longestFittingContext,
  refusalOf,
  type EstimateOptions,
} from '@/engine/generation/estimate-model-memory.ts';
import { grantedBufferBytes, isSoftwareAdapter, limitsOf, requestAdapter } from '@/engine/gpu/device.ts';
import { GpuFailure } from '@/engine/gpu/gpu-errors.ts';
import { measureMemory } from '@/engine/gpu/measure-memory.ts';
import { openModelHeader } from '@/engine/loading/open-model-header.ts';
import type { WeightSource } from '@/engine/loading/weight-source.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import {
  offeredBufferBytes,
  resolveLoadOptions,
  type MemoryEstimate,
  type MemoryMeasurement,
  type ModelFitApi,
} from '@/protocol/model-fit.ts';
import type { LoadOptions, ModelSource } from '@/protocol/model.ts';
import { checkRequest, loadSchema, measureSchema, sourceSchema } from './request-schemas.ts';

type Sizing = Pick<EstimateOptions, 'contextLength' | 'kvType'>;

/** Estimates, the measurement of this session, and the refusal of loads that neither allows. */
export class ModelFit implements ModelFitApi {
  readonly #bytesInUse: () => Promise<number>;
  #measured: MemoryMeasurement | null = null;
  #isMeasuring = false;

  /** @param bytesInUse  what the loaded model takes, which a load of another one gives back */
  constructor(bytesInUse: () => Promise<number>) {
    this.#bytesInUse = bytesInUse;
  }

  estimate(source: ModelSource, options: LoadOptions): Promise<RunHandle<MemoryEstimate>> {
    const run = serveRun<MemoryEstimate>(async (signal) => {
      checkRequest(sourceSchema, { source }, 'estimateModel');
      checkRequest(loadSchema, options, 'estimateModel');
      const { weights, config } = await openModelHeader(source, { ...quantizationOf(options), signal });
      try {
        const sizing = await sizingOf(config, options);
        checkLoadable(weights, config, sizing);
        return estimateModelMemory(weights, config, sizing);
      } finally {
        weights[Symbol.dispose]();
      }
    });
    return Promise.resolve(run);
  }

  measureMemory(limitBytes?: number): Promise<RunHandle<MemoryMeasurement>> {
    const run = serveRun<MemoryMeasurement>(async (signal) => {
      checkRequest(measureSchema, { limitBytes }, 'measureMemory');
      // Two at once would take the memory from each other.
      if (this.#isMeasuring) throw new Failure<FailureCode>('busy', 'The memory is being measured already.');
      this.#isMeasuring = true;
      try {
        const { freeBytes, isAtLeast } = await measureMemory(limitBytes, signal);
        this.#measured = { freeBytes: freeBytes + (await this.#bytesInUse()), isAtLeast };
        return this.#measured;
      } finally {
        this.#isMeasuring = false;
      }
    });
    return Promise.resolve(run);
  }

  /**
   * Compares what a load would allocate with what is known of the device, before anything is freed or uploaded.
   *
   * @returns context and cache type to load with
   * @throws {Failure} 'unsupportedModel'; 'limitTooSmall' or 'doesNotFit' with the numbers and what would fit
   */
  async admit(source: WeightSource, config: ModelConfig, options: LoadOptions): Promise<Sizing> {
    const sizing = await sizingOf(config, options);
    checkLoadable(source, config, sizing);
    if (this.#measured !== null && !this.#measured.isAtLeast) {
      const { freeBytes } = this.#measured;
      const memory = estimateModelMemory(source, config, sizing);
      if (memory.totalBytes > freeBytes) {
        const fitting = longestFittingContext(source, config, sizing, freeBytes);
        const room = `${formatMegabytes(freeBytes)} were free when the memory was measured, which can be done again`;
        const { message, details } = refusalOf(memory, room, freeBytes, fitting);
        throw new Failure<FailureCode>('doesNotFit', message, details);
      }
    }
    const { contextLength, kvType } = sizing;
    return { contextLength, kvType };
  }
}

function quantizationOf({ quantization }: LoadOptions): Pick<LoadOptions, 'quantization'> {
  return quantization === undefined ? {} : { quantization };
}

/** With the adapter's kind and limits; without an adapter a GPU with the specification's defaults is assumed. */
async function sizingOf(config: ModelConfig, options: LoadOptions): Promise<EstimateOptions> {
  const resolved = resolveLoadOptions(config, options);
  try {
    const { info, limits } = await requestAdapter();
    const offered = offeredBufferBytes(limitsOf(limits));
    return { ...resolved, isSoftware: isSoftwareAdapter(info), offeredBufferBytes: offered };
  } catch (error) {
    if (!(error instanceof GpuFailure)) throw error;
    return { ...resolved, isSoftware: false, offeredBufferBytes: grantedBufferBytes(0, 0) };
  }
}
