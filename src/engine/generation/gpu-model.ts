import type { WeightSource } from '@/engine/loading/weight-source.ts';
import type { KernelTuning, KvType } from '@/protocol/model.ts';
import { formatMegabytes } from '@/lib/format-megabytes.ts';
import { BlockPool } from '../cache/block-pool.ts';
import { CommandRecorder } from '../gpu/command-recorder.ts';
import { Gpu, isSoftwareAdapter } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { GpuFailure } from '../gpu/gpu-errors.ts';
import type { LinearShape, LinearWeights } from '../kernels/linear/linear.ts';
import type { LoraConfig, NamedTensor } from '@/protocol/training.ts';
import { GpuAdapter } from '../model/gpu-adapter.ts';
import { Forward } from '../model/forward.ts';
import type { ShapeChoice } from '../model/forward.ts';
import type { ModelConfig } from '../model/model-config.ts';
import { WeightUploader } from '../model/weights.ts';
import type { ModelWeights } from '../model/weights.ts';
import {
  checkLoadable,
  CHUNK_SIZE,
  estimateModelMemory,
  longestFittingContext,
  MAX_LOGIT_ROWS,
  refusalOf,
  wishedBufferBytes,
} from './estimate-model-memory.ts';
import { ModelDecoder } from './model-decoder.ts';
import type { EstimateOptions } from './estimate-model-memory.ts';
import { ModelTrainer } from './model-trainer.ts';

export interface GpuModelOptions {
  /** Tokens that all blocks together hold. */
  readonly contextLength: number;
  readonly kvType: KvType;
  /** A shape for every matrix, or 'auto' for what `tune` finds (before tuning: by kind of adapter). */
  readonly kernelShape: LinearShape | 'auto';
  /** Ids that the tokenizer knows; the head's further rows are never chosen. Default: all. */
  readonly numTokens?: number;
  /**
   * Largest part of the embedding or of the head, for tests and for devices that cannot bind as much as they say. Default:
   * what the device gives.
   */
  readonly maxBindingBytes?: number;
}

/** A model on its own device: weights, KV pool and decoder. Everything is freed by dispose. */
export class GpuModel {
  readonly gpu: Gpu;
  readonly recorder: CommandRecorder;
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
  readonly decoder: ModelDecoder;
  readonly #forward: Forward;
  readonly options: GpuModelOptions;
  tuning: KernelTuning;
  readonly #owned: readonly Disposable[];

  private constructor(
    gpu: Gpu,
    recorder: CommandRecorder,
    config: ModelConfig,
    weights: ModelWeights,
    weightBuffers: readonly GpuBuffer[],
    pool: BlockPool,
    options: GpuModelOptions,
  ) {
    this.gpu = gpu;
    this.recorder = recorder;
    this.config = config;
    this.weights = weights;
    this.options = options;
    const isSoftware = isSoftwareAdapter(gpu.adapterInfo);
    const byAdapter: LinearShape = isSoftware ? 'threadPerRows' : 'workgroupPerRows';
    const kernelShape = options.kernelShape === 'auto' ? byAdapter : options.kernelShape;
    this.tuning = { kernelShape, choices: {}, measuredUs: {}, origin: 'chosen' };
    this.#forward = new Forward(gpu, recorder, config, weights, pool, {
      chunkSize: isSoftware ? CHUNK_SIZE.software : CHUNK_SIZE.gpu,
      maxLogitRows: MAX_LOGIT_ROWS,
      lanes: isSoftware ? 'few' : 'many',
      shapeOf: (matrix, numTokens) => this.shapeOf(matrix, numTokens),
    });
    this.decoder = new ModelDecoder(gpu, recorder, config, pool, this.#forward, options.numTokens);
    this.#owned = [this.decoder, this.#forward, pool, ...weightBuffers, recorder, gpu];
  }

  /**
   * Uploads a model to a fresh device.
   *
   * @param onBytes  called with the file bytes of each finished tensor
   * @throws {GpuFailure} 'noWebGpu', 'noAdapter', 'unsupportedModel', 'limitTooSmall', 'outOfMemory', 'gpuError',
   *         'deviceLost'; {DOMException} 'AbortError' after `signal`
   */
  static async create(
    source: WeightSource,
    config: ModelConfig,
    options: GpuModelOptions,
    onBytes: (numBytes: number) => void,
    signal: AbortSignal,
  ): Promise<GpuModel> {
    const gpu = await Gpu.create({ largestBufferBytes: wishedBufferBytes(source, config, options) });
    const recorder = new CommandRecorder(gpu);
    const sizing = {
      ...options,
      isSoftware: isSoftwareAdapter(gpu.adapterInfo),
      offeredBufferBytes: gpu.largestBufferBytes,
    };
    try {
      checkLoadable(source, config, sizing);
      const maxPartBytes = Math.min(gpu.largestBufferBytes, options.maxBindingBytes ?? Infinity);
      const uploader = new WeightUploader(gpu, source, config, maxPartBytes, onBytes);
      // The cache first: a context without room is found before the file is read.
      const pool = await gpu.withRoom(() => new BlockPool(gpu, recorder, { ...config, ...options }));
      const weights = await uploader.upload(signal);
      return await gpu.withRoom(() => new GpuModel(gpu, recorder, config, weights, uploader.owned, pool, options));
    } catch (error) {
      recorder[Symbol.dispose]();
      // With the device goes everything that was allocated on it.
      gpu[Symbol.dispose]();
      if (!(error instanceof GpuFailure) || error.code !== 'outOfMemory') throw error;
      throw noRoom(source, config, sizing, gpu.provenBytes, error.message);
    }
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned) owned[Symbol.dispose]();
  }

  /** A new adapter of this model on its device; owned by the caller, to be freed first. */
  createAdapter(config: LoraConfig, tensors: readonly NamedTensor[]): GpuAdapter {
    return new GpuAdapter(this.gpu, this.recorder, this.config, config, tensors);
  }

  /** Training of an adapter; owned by the caller, to be freed before the adapter. */
  createTrainer(adapter: GpuAdapter): ModelTrainer {
    const { recorder, config, weights } = this;
    const { rope, lanes } = this.#forward;
    const { contextLength } = this.decoder;
    const shapeOf: ShapeChoice = (matrix, numTokens) => this.shapeOf(matrix, numTokens);
    return new ModelTrainer(this.gpu, { recorder, config, weights, rope, contextLength, shapeOf, lanes }, adapter);
  }

  /** Shape of the linear kernel for a matrix and a number of tokens. */
  shapeOf(matrix: LinearWeights, numTokens: number): LinearShape {
    return this.tuning.choices[shapeKey(matrix, numTokens)] ?? this.tuning.kernelShape;
  }
}

/** Names a matrix shape and a number of tokens in tuning tables, e.g. 'q4 960x576 x1'. */
export function shapeKey(matrix: LinearWeights, numTokens: number): string {
  return `${matrix.layout} ${matrix.rows}x${matrix.columns} x${Math.min(numTokens, 5)}`;
}

function noRoom(
  source: WeightSource,
  config: ModelConfig,
  options: EstimateOptions,
  roomBytes: number,
  reason: string,
): GpuFailure {
  const memory = estimateModelMemory(source, config, options);
  const room = `the device had room for about ${formatMegabytes(roomBytes)}`;
  const fitting = longestFittingContext(source, config, options, roomBytes);
  const { message, details } = refusalOf(memory, room, roomBytes, fitting);
  return new GpuFailure('outOfMemory', `${message} (${reason || 'The browser gives no reason.'})`, details);
}
