import type { DecodeSpeed } from './speed.ts';

/**
 * Where a model comes from: an id of the catalogue; the address of a GGUF file, of a folder with MLC or safetensors
 * weights, or of a Hugging Face repository; or files (shards, or a folder's files, together).
 */
export type ModelSource = string | File | readonly File[];

/** How the KV cache is stored. f16 is packed two to a word and halves the memory. */
export type KvType = 'f32' | 'f16';

export interface LoadOptions {
  /** Tokens that all KV blocks together can hold. Default: the smaller of the model's context and 4096. */
  readonly contextLength?: number;
  /** Default: 'auto', which is 'f16' where the cache would take more than 256 MiB in f32. */
  readonly kvType?: KvType | 'auto';
  /** Of f32, f16 and bf16 matrices, at load. Default: 'none'. */
  readonly quantization?: 'none' | 'q8' | 'q4';
  /** Shape of the weight-bound kernels; 'auto' measures at first load and remembers. Default: 'auto'. */
  readonly kernelShape?: 'auto' | 'threadPerRows' | 'workgroupPerRows';
}

export interface LoadProgress {
  /** 'download' = network to disk, 'verify' = hash of the cached copy, 'upload' = disk to GPU, 'compile' = kernels, 'tune' = kernel measurement. */
  readonly phase: 'download' | 'verify' | 'upload' | 'compile' | 'tune';
  readonly loadedBytes: number;
  /** 0 when unknown. */
  readonly totalBytes: number;
  /** Seconds until this phase ends, from the rate so far; null when unknown. */
  readonly secondsLeft: number | null;
}

/** What quantising at load did to the matrices. Errors: root mean square, in parts of that of the weights. */
export interface QuantizationReport {
  readonly kind: 'q8' | 'q4';
  /** Over all matrices that were quantised. */
  readonly relativeError: number;
  readonly worstRelativeError: number;
  /** Name of the matrix with the largest error. */
  readonly worstTensor: string;
}

export interface ModelInfo {
  readonly id: string;
  readonly name: string;
  readonly architecture: 'llama' | 'qwen2' | 'qwen3';
  /** Of the files that it was loaded from. */
  readonly format: 'gguf' | 'mlc' | 'safetensors';
  readonly license: string | null;
  readonly fileBytes: number;
  readonly sha256: string | null;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly ropeTheta: number;
  /** What the model was trained for, in tokens. */
  readonly maxContextLength: number;
  /** What was allocated, in tokens. */
  readonly contextLength: number;
  readonly kvType: KvType;
  readonly kernelShape: 'threadPerRows' | 'workgroupPerRows';
  /** Tensor types with their counts, e.g. { Q4_1: 210 }: the files', or what quantising at load made of them. */
  readonly tensorTypes: Readonly<Record<string, number>>;
  /** null where nothing was quantised at load. */
  readonly quantization: QuantizationReport | null;
  readonly hasChatTemplate: boolean;
  readonly eosTokenId: number | null;
  /** Whether the vocabulary has `<think>` and `</think>` tokens. */
  readonly hasThinkTokens: boolean;
  /** Whether the chat template can turn thinking on and off (`enable_thinking`). */
  readonly hasThinkingSwitch: boolean;
  /** On this machine; null where the load named a kernel shape, so that nothing was measured. */
  readonly speed: DecodeSpeed | null;
}

/** By its file, however it is loaded; what records of runs name as the model that made them. */
export function modelKeyOf({ sha256, name, fileBytes }: Pick<ModelInfo, 'sha256' | 'name' | 'fileBytes'>): string {
  return sha256 ?? `${name} ${fileBytes}`;
}

/** A model and what it was loaded from. */
export interface KeptModel {
  readonly info: ModelInfo;
  readonly source: ModelSource;
}

/** GPU bytes by owner; `total` is their sum. All zero after unload. */
export interface MemoryReport {
  readonly weights: number;
  readonly kvCache: number;
  readonly activations: number;
  /** Adapters, gradients, the optimiser's moments and what a training step keeps. */
  readonly training: number;
  readonly other: number;
  readonly total: number;
}

export interface KernelTuning {
  /** For every matrix that `choices` does not name. */
  readonly kernelShape: 'threadPerRows' | 'workgroupPerRows';
  /** Shape by matrix and number of tokens, e.g. { 'q4 960x576 x1': 'threadPerRows' }. */
  readonly choices: Readonly<Record<string, 'threadPerRows' | 'workgroupPerRows'>>;
  /** Microseconds per product at each shape that was measured. */
  readonly measuredUs: Readonly<Record<string, number>>;
  /** 'measured' now, 'cached' from an earlier load on this adapter and version, or 'chosen' by the caller. */
  readonly origin: 'measured' | 'cached' | 'chosen';
}

export interface DeviceReport {
  readonly available: boolean;
  /** Why not, when `available` is false. */
  readonly reason: string | null;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for adapters that compute on the CPU. */
  readonly isSoftware: boolean;
  readonly features: readonly string[];
  /** What the adapter offers. */
  readonly adapterLimits: Readonly<Record<string, number>>;
  /** What the engine asked for (specification defaults unless the model needs more). */
  readonly requestedLimits: Readonly<Record<string, number>>;
  readonly memory: MemoryReport;
  readonly tuning: KernelTuning | null;
  /** Of the loaded model; null without one, and where it was not measured. */
  readonly speed: DecodeSpeed | null;
}
