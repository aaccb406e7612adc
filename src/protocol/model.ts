/** Where a model comes from: an id of the catalogue, a URL (same-origin paths included), or files (shards together). */
export type ModelSource = string | File | readonly File[];

/** How the KV cache is stored. f16 is packed two to a word and halves the memory. */
export type KvType = 'f32' | 'f16';

export interface LoadOptions {
  /** Tokens that all KV blocks together can hold. Default: the smaller of the model's context and 4096. */
  readonly contextLength?: number;
  /** Default: 'f32'. */
  readonly kvType?: KvType;
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

export interface ModelInfo {
  readonly id: string;
  readonly name: string;
  readonly architecture: 'llama' | 'qwen2' | 'qwen3';
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
  /** Tensor types in the file with their counts, e.g. { Q4_1: 210 }. */
  readonly tensorTypes: Readonly<Record<string, number>>;
  readonly hasChatTemplate: boolean;
  readonly eosTokenId: number | null;
  /** Whether the vocabulary has `<think>` and `</think>` tokens. */
  readonly hasThinkTokens: boolean;
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
}

/** One entry of the model catalogue. */
export interface CatalogueEntry {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly license: string;
  readonly parameters: string;
  readonly summary: string;
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    id: 'smollm2-135m-instruct',
    name: 'SmolLM2 135M Instruct',
    url: '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf',
    sizeBytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    license: 'Apache-2.0',
    parameters: '135M',
    summary: 'Embedded. Small enough for every machine; shows the mechanics, not deep reasoning.',
  },
];

export const DEFAULT_MODEL_ID = 'smollm2-135m-instruct';
