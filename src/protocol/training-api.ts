/** What the worker offers for adapters and training; `EngineApi.training`. */
import type { Run } from './engine-api.ts';
import type {
  GradientReport,
  LoraConfig,
  NamedTensor,
  RowLogProbs,
  StepReport,
  TrainingRow,
  TrainingSettings,
} from './training.ts';

export interface AdapterInfo {
  readonly id: string;
  readonly name: string;
  readonly config: LoraConfig;
  readonly numParameters: number;
  /** Of the model's file that it was made for; of an unverified file, its name and size. */
  readonly baseModelSha256: string;
  readonly baseModelName: string;
  /** Updates made so far. */
  readonly step: number;
  readonly createdAt: string;
}

export interface AttachedAdapter {
  readonly id: string;
  /** 0 (as without) to 1 (as trained). */
  readonly blend: number;
}

export interface AdapterList {
  /** Of the loaded model, oldest first. */
  readonly adapters: readonly AdapterInfo[];
  readonly attached: AttachedAdapter | null;
  /** Adapters of other models, which cannot be attached now. */
  readonly numOfOtherModels: number;
}

export interface FileBytes {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Rows, or TRL's padded dictionary (`prompt_ids`, `prompt_mask`, ...) as it stands. */
export type BatchInput = { readonly rows: readonly Partial<TrainingRow>[] } | Readonly<Record<string, unknown>>;

/** Any of the settings, in camelCase or in TRL's snake_case; the others have their defaults. */
export type SettingsInput = Partial<TrainingSettings> | Readonly<Record<string, unknown>>;

export interface TrainingProgress {
  readonly phase: 'reference' | 'forward' | 'backward' | 'update';
  /** 0 to 1, of the phase. */
  readonly done: number;
}

export interface FullGradientReport extends GradientReport {
  /** Before clipping, under PEFT's names. */
  readonly gradients: readonly NamedTensor[];
}

export interface LogProbOptions {
  /** Default 1. */
  readonly temperature?: number;
  /** Default 'on'. */
  readonly adapter?: 'on' | 'off';
  /** Default 64. */
  readonly logitChunkSize?: number;
  readonly tokensPerPass?: number;
}

/** What a step would need, before it runs. */
export interface TrainingEstimate {
  readonly fits: boolean;
  /** Why not, with numbers; empty when it fits. */
  readonly reasons: readonly string[];
  readonly bytes: {
    readonly adapter: number;
    readonly gradients: number;
    readonly optimizer: number;
    readonly activations: number;
    readonly total: number;
  };
  /** The largest single buffer, and what the device allows. */
  readonly largestBufferBytes: number;
  readonly largestBufferLimitBytes: number;
  /** Tokens that are encoded, prompts that rows share counted once, and passes that they make. */
  readonly numTokens: number;
  readonly numPasses: number;
  /** From a probe of one layer and one chunk of the head on this device. */
  readonly secondsPerStep: number;
  readonly probeMs: number;
  /** Changes that would make it fit, with the bytes that it would take then. */
  readonly suggestions: readonly { readonly settings: Partial<TrainingSettings>; readonly totalBytes: number }[];
}

export interface CheckpointInfo {
  readonly id: string;
  readonly adapterId: string;
  /** Steps grow along a run; runs of one adapter are kept apart. */
  readonly runId: string;
  readonly step: number;
  /** What the run had taken from its data: examples, or groups of dialogues. */
  readonly dataPosition?: number | undefined;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/** What a run needs besides weights and moments to go on as if nothing had happened. */
export interface CheckpointState {
  /** Words of the run's random generators, 32 bits each. */
  readonly rngState: readonly number[];
  /** What the run has taken from its data. */
  readonly dataPosition: number;
  readonly settings: Readonly<Record<string, unknown>>;
  /** One entry a step, by TRL's names. */
  readonly metrics: readonly Readonly<Record<string, number>>[];
}

export interface ResumedRun {
  readonly checkpoint: CheckpointInfo;
  readonly state: CheckpointState;
}

export interface OptimizerState {
  readonly step: number;
  readonly expAvg: readonly NamedTensor[];
  readonly expAvgSq: readonly NamedTensor[];
}

/** Of a fine-tuning, where it differs from the defaults of training. */
export const DEFAULT_FINE_TUNE = { examplesPerStep: 4, maxTokens: 256, learningRate: 1e-4 } as const;

/** Supervised examples to train on, as text or JSONL. */
export interface FineTuneRequest {
  /** Plain text, or one JSON object a line: { text }, { messages } or { prompt, completion }. */
  readonly data: string;
  readonly steps: number;
  /** Examples of one step. Default 4. */
  readonly examplesPerStep?: number;
  /** Longer examples are cut. Default 256. */
  readonly maxTokens?: number;
  readonly settings?: SettingsInput;
  /** Steps between two checkpoints; 0: only at the end. Default 10. */
  readonly checkpointEvery?: number;
}

/** What was read of a request's data, and what its first step takes. */
export interface FineTuneEstimate {
  readonly numExamples: number;
  readonly numTokens: number;
  /** Lines that were left out or cut, with the reason. */
  readonly notes: readonly string[];
  readonly estimate: TrainingEstimate;
}

export type FineTuneEvent =
  | ({ readonly kind: 'read' } & FineTuneEstimate)
  | { readonly kind: 'progress'; readonly step: number; readonly progress: TrainingProgress }
  | {
      readonly kind: 'stepped';
      readonly step: number;
      readonly loss: number;
      readonly gradNorm: number;
      readonly learningRate: number;
      readonly stepMs: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'saved'; readonly checkpoint: CheckpointInfo };

export interface FineTuneSummary {
  readonly steps: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/** Rewards of rows that are grouped by prompt. */
export interface RewardInput {
  /** [rows], or [rows][reward functions]; null = no verdict. */
  readonly rewards: readonly (number | null | readonly (number | null)[])[];
  /** [rows]; rows of equal number are one group. */
  readonly groupIds: readonly number[];
  /** [reward functions]; default 1 each. */
  readonly weights?: readonly number[];
  readonly scaleRewards?: TrainingSettings['scaleRewards'];
  readonly aggregation?: 'sum_then_normalize' | 'normalize_then_sum';
}

export interface AdvantageReport {
  /** [rows], 0 where nothing could be scored. */
  readonly advantages: readonly number[];
  /** TRL's names: 'reward', 'reward_std', 'frac_reward_zero_std'. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface TrainingApi {
  /** Group-relative advantages as TRL computes them; needs no model. */
  advantages(input: RewardInput): Promise<AdvantageReport>;
  listAdapters(): Promise<AdapterList>;
  /** A new adapter: A random, B zero, so that it changes nothing yet. It is attached. */
  createAdapter(request: {
    readonly name: string;
    readonly config?: unknown;
    readonly seed?: number;
  }): Promise<AdapterInfo>;
  renameAdapter(id: string, name: string): Promise<AdapterInfo>;
  duplicateAdapter(id: string, name: string): Promise<AdapterInfo>;
  /** With its checkpoints. An attached one is detached. */
  deleteAdapter(id: string): Promise<void>;
  /** Null detaches. What was trained since the last save is saved first. */
  attachAdapter(id: string | null, options?: { readonly blend?: number }): Promise<AttachedAdapter | null>;
  /** One .zip, or adapter_model.safetensors and adapter_config.json. It is stored, not attached. */
  importAdapter(files: readonly FileBytes[], name: string): Promise<AdapterInfo>;
  /** In PEFT's format, f32. */
  exportAdapter(id: string, format: 'zip' | 'files'): Promise<readonly FileBytes[]>;
  logProbs(batch: BatchInput, options?: LogProbOptions): Promise<Run<RowLogProbs[]>>;
  gradients(
    batch: BatchInput,
    settings: SettingsInput,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<Run<FullGradientReport>>;
  /** One update of the attached adapter (`numIterations` updates, to be exact; the last one is reported). */
  trainStep(
    batch: BatchInput,
    settings: SettingsInput,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<Run<StepReport>>;
  estimate(batch: BatchInput, settings: SettingsInput): Promise<Run<TrainingEstimate>>;
  /** What `fineTune` would read and need; also of a request that does not fit. */
  estimateFineTune(request: FineTuneRequest): Promise<Run<FineTuneEstimate>>;
  fineTune(request: FineTuneRequest, onEvent: (event: FineTuneEvent) => void): Promise<Run<FineTuneSummary>>;
  /** Of the attached adapter; the newest three of each run are kept. @param runId default 'manual' */
  saveCheckpoint(state?: Partial<CheckpointState>, runId?: string): Promise<CheckpointInfo>;
  /** Of an adapter, newest first; default: the attached one's. Damaged ones are left out. */
  listCheckpoints(adapterId?: string): Promise<readonly CheckpointInfo[]>;
  /** Weights, moments and step of a checkpoint of the attached adapter; default: its newest whole one. */
  resume(checkpointId?: string): Promise<ResumedRun>;
  optimizerState(): Promise<OptimizerState>;
  /** Gives back the memory of activations. */
  releaseTraining(): Promise<void>;
}
