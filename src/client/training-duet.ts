/** `window.duet.training`: adapters and their training. Documented in docs/automation.md. */
import type { Remote } from 'comlink';
import { followRun } from '@/lib/stream.ts';
import type {
  AdapterInfo,
  AdvantageReport,
  AdapterList,
  AttachedAdapter,
  BatchInput,
  CheckpointInfo,
  CheckpointState,
  FileBytes,
  FineTuneEvent,
  FineTuneRequest,
  FineTuneSummary,
  FullGradientReport,
  LogProbOptions,
  OptimizerState,
  ResumedRun,
  RewardInput,
  SettingsInput,
  TrainingApi,
  TrainingEstimate,
  TrainingProgress,
} from '@/protocol/training-api.ts';
import type { RowLogProbs, StepReport } from '@/protocol/training.ts';
import type { RunOptions } from './duet-api.ts';

interface WithProgress extends RunOptions {
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainingDuet {
  /** Advantages of grouped rewards, as TRL computes them. */
  advantages(input: RewardInput): Promise<AdvantageReport>;
  listAdapters(): Promise<AdapterList>;
  /** A new adapter: A random from `seed`, B zero. It is stored and attached. */
  createAdapter(request: {
    readonly name: string;
    readonly config?: unknown;
    readonly seed?: number;
  }): Promise<AdapterInfo>;
  renameAdapter(id: string, name: string): Promise<AdapterInfo>;
  duplicateAdapter(id: string, name: string): Promise<AdapterInfo>;
  deleteAdapter(id: string): Promise<void>;
  /** Null detaches; `blend` from 0 (as without) to 1 (as trained). */
  attachAdapter(id: string | null, options?: { readonly blend?: number }): Promise<AttachedAdapter | null>;
  importAdapter(files: readonly FileBytes[], name: string): Promise<AdapterInfo>;
  exportAdapter(id: string, format?: 'zip' | 'files'): Promise<readonly FileBytes[]>;
  /** ln p and entropy of every completion token; TRL's padded dictionary or `{ rows }`. */
  logProbs(batch: BatchInput, options?: LogProbOptions & RunOptions): Promise<RowLogProbs[]>;
  /** Loss, metrics and all gradients under PEFT's names; nothing is updated. */
  gradients(batch: BatchInput, settings?: SettingsInput, options?: WithProgress): Promise<FullGradientReport>;
  trainStep(batch: BatchInput, settings?: SettingsInput, options?: WithProgress): Promise<StepReport>;
  estimate(batch: BatchInput, settings?: SettingsInput, options?: RunOptions): Promise<TrainingEstimate>;
  fineTune(
    request: FineTuneRequest,
    onEvent?: (event: FineTuneEvent) => void,
    options?: RunOptions,
  ): Promise<FineTuneSummary>;
  saveCheckpoint(state?: Partial<CheckpointState>, runId?: string): Promise<CheckpointInfo>;
  listCheckpoints(adapterId?: string): Promise<readonly CheckpointInfo[]>;
  resume(checkpointId?: string): Promise<ResumedRun>;
  optimizerState(): Promise<OptimizerState>;
  releaseTraining(): Promise<void>;
}

const ignore = (): void => undefined;

export function createTrainingDuet(training: Remote<TrainingApi>): TrainingDuet {
  return {
    advantages: (input) => training.advantages(input),
    listAdapters: () => training.listAdapters(),
    createAdapter: (request) => training.createAdapter(request),
    renameAdapter: (id, name) => training.renameAdapter(id, name),
    duplicateAdapter: (id, name) => training.duplicateAdapter(id, name),
    deleteAdapter: (id) => training.deleteAdapter(id),
    attachAdapter: (id, options) => training.attachAdapter(id, options),
    importAdapter: (files, name) => training.importAdapter(files, name),
    exportAdapter: (id, format = 'zip') => training.exportAdapter(id, format),
    logProbs: (batch, { signal, ...options } = {}) =>
      followRun<RowLogProbs[], never>(() => training.logProbs(batch, options), ignore, signal),
    gradients: (batch, settings = {}, { onProgress = ignore, signal } = {}) =>
      followRun<FullGradientReport, TrainingProgress>(
        (emit) => training.gradients(batch, settings, emit),
        onProgress,
        signal,
      ),
    trainStep: (batch, settings = {}, { onProgress = ignore, signal } = {}) =>
      followRun<StepReport, TrainingProgress>((emit) => training.trainStep(batch, settings, emit), onProgress, signal),
    estimate: (batch, settings = {}, { signal } = {}) =>
      followRun<TrainingEstimate, never>(() => training.estimate(batch, settings), ignore, signal),
    fineTune: (request, onEvent = ignore, options) =>
      followRun<FineTuneSummary, FineTuneEvent>((emit) => training.fineTune(request, emit), onEvent, options?.signal),
    saveCheckpoint: (state = {}, runId = 'manual') => training.saveCheckpoint(state, runId),
    listCheckpoints: (adapterId) => training.listCheckpoints(adapterId),
    resume: (checkpointId) => training.resume(checkpointId),
    optimizerState: () => training.optimizerState(),
    releaseTraining: () => training.releaseTraining(),
  };
}
