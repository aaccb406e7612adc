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
  FineTuneEstimate,
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
  /** What `fineTune` would read and need; also of a request that does not fit. */
  estimateFineTune(request: FineTuneRequest, options?: RunOptions): Promise<FineTuneEstimate>;
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

/** Told which adapters there are, whoever changed them; the page's header and its list are drawn from this. */
export interface AdapterObserver {
  adaptersListed(list: AdapterList): void;
}

const ignore = (): void => undefined;

export function createTrainingDuet(training: Remote<TrainingApi>, observer: AdapterObserver): TrainingDuet {
  const list = async (): Promise<AdapterList> => {
    const adapters = await training.listAdapters();
    observer.adaptersListed(adapters);
    return adapters;
  };
  /** A change that failed may have changed something too, such as what is attached. */
  const thenList = async <T>(change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      await list().catch(ignore);
    }
  };
  return {
    advantages: (input) => training.advantages(input),
    listAdapters: list,
    createAdapter: (request) => thenList(training.createAdapter(request)),
    renameAdapter: (id, name) => thenList(training.renameAdapter(id, name)),
    duplicateAdapter: (id, name) => thenList(training.duplicateAdapter(id, name)),
    deleteAdapter: (id) => thenList(training.deleteAdapter(id)),
    attachAdapter: (id, options) => thenList(training.attachAdapter(id, options)),
    importAdapter: (files, name) => thenList(training.importAdapter(files, name)),
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
    estimateFineTune: (request, { signal } = {}) =>
      followRun<FineTuneEstimate, never>(() => training.estimateFineTune(request), ignore, signal),
    fineTune: (request, onEvent = ignore, options) =>
      thenList(
        followRun<FineTuneSummary, FineTuneEvent>((emit) => training.fineTune(request, emit), onEvent, options?.signal),
      ),
    saveCheckpoint: (state = {}, runId = 'manual') => thenList(training.saveCheckpoint(state, runId)),
    listCheckpoints: (adapterId) => training.listCheckpoints(adapterId),
    resume: (checkpointId) => thenList(training.resume(checkpointId)),
    optimizerState: () => training.optimizerState(),
    releaseTraining: () => training.releaseTraining(),
  };
}
