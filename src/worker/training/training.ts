import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { RunHandle } from '@/lib/stream.ts';
import { initialAdapter } from '@/engine/adapters/adapter-layout.ts';
import type { Adapter } from '@/engine/adapters/adapter-layout.ts';
import type { AdapterInfo as StoredInfo } from '@/engine/adapters/adapter-store.ts';
import { collectPeftFiles, zipPeft } from '@/engine/adapters/peft-zip.ts';
import { PEFT_CONFIG_NAME, PEFT_WEIGHTS_NAME, readPeft, writePeft } from '@/engine/adapters/peft.ts';
import { loraLayout } from '@/engine/model/lora.ts';
import { advantagesOf } from '@/protocol/advantages.ts';
import { gradientsOf, trainOnBatch } from '@/research/grpo/train-step.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { checkTrainingBatch } from '@/protocol/training-batch-schema.ts';
import { checkLoraConfig, checkTrainingSettings } from '@/protocol/training-schema.ts';
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
import { checkRequest } from '../request-schemas.ts';
import type { Checkpoints } from './checkpoints.ts';
import { estimateStep, refuseUnlessFits } from './estimate-step.ts';
import { estimateFineTune, runFineTune } from './run-fine-tune.ts';
import { progressOf } from './step-progress.ts';
import type { TrainableModel, TrainingStores } from './trainable-model.ts';

const verdict = z.number().nullable();
const rewardSchema = z.looseObject({
  rewards: z.array(z.union([verdict, z.array(verdict).min(1)])).min(1),
  groupIds: z.array(z.int()),
  weights: z.array(z.number()).optional(),
  scaleRewards: z.enum(['group', 'batch', 'none']).optional(),
  aggregation: z.enum(['sum_then_normalize', 'normalize_then_sum']).optional(),
});

/** How the engine runs an operation on its model. */
export interface TrainingHost {
  /** @throws {Failure} 'noModel' */
  model(): TrainableModel;
  serve<Result, Event = never>(
    start: (model: TrainableModel, signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
    onEvent?: (event: Event) => void,
  ): Promise<RunHandle<Result>>;
}

/** Adapters of the loaded model and their training. */
export class Training implements TrainingApi {
  readonly #host: TrainingHost;
  readonly #stores: () => Promise<TrainingStores>;
  readonly #checkpoints: Checkpoints;

  constructor(host: TrainingHost, stores: () => Promise<TrainingStores>, checkpoints: Checkpoints) {
    this.#host = host;
    this.#stores = stores;
    this.#checkpoints = checkpoints;
  }

  async advantages(input: RewardInput): Promise<AdvantageReport> {
    checkRequest(rewardSchema, input, 'advantages');
    const { groupIds, scaleRewards = 'group', aggregation, weights } = input;
    const rewards = input.rewards.map((row) => [row].flat().map((reward) => reward ?? Number.NaN));
    const { advantages, metrics } = advantagesOf(rewards, groupIds, {
      scaleRewards,
      ...(aggregation && { aggregation }),
      ...(weights && { weights }),
    });
    return { advantages, metrics };
  }

  async listAdapters(): Promise<AdapterList> {
    const { adapters } = await this.#stores();
    const model = this.#host.model();
    const whole = (await adapters.list()).flatMap((entry) => (entry.state === 'whole' ? [entry] : []));
    const own = whole.filter(({ info }) => info.baseModelSha256 === model.key);
    const current = model.training.current;
    return {
      adapters: own
        .map(({ id, info }) => infoOf(model, id, info))
        .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
      attached: current === null ? null : { id: current.id, blend: current.blend },
      numOfOtherModels: whole.length - own.length,
    };
  }

  async createAdapter(request: {
    readonly name: string;
    readonly config?: unknown;
    readonly seed?: number;
  }): Promise<AdapterInfo> {
    const model = this.#host.model();
    const config = checkLoraConfig(request.config, 'createAdapter');
    const adapter = initialAdapter(config, model.gpuModel.config, request.seed ?? 0);
    const info = await this.#store(model, adapter, checkName(request.name));
    await this.attachAdapter(info.id);
    return info;
  }

  async renameAdapter(id: string, name: string): Promise<AdapterInfo> {
    const { adapters } = await this.#stores();
    await adapters.rename(id, checkName(name));
    return this.#infoOf(id);
  }

  async duplicateAdapter(id: string, name: string): Promise<AdapterInfo> {
    const { adapters } = await this.#stores();
    await this.saveAttached();
    return this.#infoOf(await adapters.duplicate(id, checkName(name), now()));
  }

  async deleteAdapter(id: string): Promise<void> {
    const { adapters, checkpoints } = await this.#stores();
    const { training } = this.#host.model();
    if (training.current?.id === id) await training.detach();
    await adapters.delete(id);
    await checkpoints.deleteAll(id);
  }

  async attachAdapter(
    id: string | null,
    { blend = 1 }: { readonly blend?: number } = {},
  ): Promise<AttachedAdapter | null> {
    if (!(blend >= 0 && blend <= 1))
      throw new Failure<FailureCode>('invalidConfig', `attachAdapter: blend is ${blend}; give a number from 0 to 1.`);
    const model = this.#host.model();
    if (id !== null && model.training.current?.id === id) {
      await model.training.setBlend(blend);
      return { id, blend };
    }
    await this.saveAttached();
    if (id === null) {
      await model.training.detach();
      return null;
    }
    const { adapters } = await this.#stores();
    const { adapter, info } = await adapters.read(id, model.gpuModel.config);
    if (info.baseModelSha256 !== model.key)
      throw new Failure<FailureCode>(
        'invalidAdapter',
        `'${info.name}' was made for ${info.baseModelName}; load that model to use it.`,
      );
    await model.training.attach(id, adapter, info.step, blend);
    return { id, blend };
  }

  async importAdapter(files: readonly FileBytes[], name: string): Promise<AdapterInfo> {
    const model = this.#host.model();
    const imported = readPeft(collectPeftFiles(files), model.gpuModel.config);
    return this.#store(model, imported, checkName(name));
  }

  async exportAdapter(id: string, format: 'zip' | 'files'): Promise<readonly FileBytes[]> {
    const model = this.#host.model();
    const { adapters } = await this.#stores();
    const { adapter, info } = await adapters.read(id, model.gpuModel.config);
    const weights = model.training.current?.id === id ? await model.training.read() : adapter;
    const peft = writePeft(weights, info.baseModelName);
    if (format === 'files')
      return [
        { name: PEFT_CONFIG_NAME, bytes: peft.config },
        { name: PEFT_WEIGHTS_NAME, bytes: peft.weights },
      ];
    return [{ name: `${fileNameOf(info.name)}.zip`, bytes: zipPeft(peft) }];
  }

  logProbs(batch: BatchInput, { adapter = 'on', ...options }: LogProbOptions = {}): Promise<RunHandle<RowLogProbs[]>> {
    return this.#host.serve<RowLogProbs[]>(async ({ training }, signal) => {
      const rows = checkTrainingBatch(batch, 'logProbs');
      const settings = checkTrainingSettings(options, 'logProbs');
      return training.exclusively((trainer) => trainer.logProbs(rows, adapter, { ...settings, signal }));
    });
  }

  gradients(
    batch: BatchInput,
    settings: SettingsInput,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<RunHandle<FullGradientReport>> {
    return this.#host.serve<FullGradientReport, TrainingProgress>(async (model, signal, emit) => {
      const rows = checkTrainingBatch(batch, 'gradients');
      const checked = checkTrainingSettings(settings, 'gradients');
      const { training } = model;
      return training.exclusively(async (trainer) => {
        refuseUnlessFits(model, trainer, rows, checked);
        const observed = progressOf(trainer, model, checked, emit);
        const report = await gradientsOf(observed, rows, checked, signal, training.step);
        return { ...report, gradients: await trainer.readGradients() };
      });
    }, onProgress);
  }

  trainStep(
    batch: BatchInput,
    settings: SettingsInput,
    onProgress: (progress: TrainingProgress) => void,
  ): Promise<RunHandle<StepReport>> {
    return this.#host.serve<StepReport, TrainingProgress>(async (model, signal, emit) => {
      const rows = checkTrainingBatch(batch, 'trainStep');
      const checked = checkTrainingSettings(settings, 'trainStep');
      const { training } = model;
      return training.exclusively(async (trainer) => {
        refuseUnlessFits(model, trainer, rows, checked);
        const observed = progressOf(trainer, model, checked, emit);
        let last: StepReport | undefined;
        for await (const report of trainOnBatch(observed, rows, checked, training.step, signal)) {
          last = report;
          await training.setStep(report.step);
        }
        if (last === undefined) throw new RangeError('A step without an update.');
        return last;
      });
    }, onProgress);
  }

  estimate(batch: BatchInput, settings: SettingsInput): Promise<RunHandle<TrainingEstimate>> {
    return this.#host.serve<TrainingEstimate>(async (model, signal) => {
      const rows = checkTrainingBatch(batch, 'estimate');
      const checked = checkTrainingSettings(settings, 'estimate');
      return model.training.exclusively((trainer) => estimateStep(model, trainer, rows, checked, signal));
    });
  }

  estimateFineTune(request: FineTuneRequest): Promise<RunHandle<FineTuneEstimate>> {
    return this.#host.serve<FineTuneEstimate>((model, signal) => estimateFineTune(model, request, signal));
  }

  fineTune(request: FineTuneRequest, onEvent: (event: FineTuneEvent) => void): Promise<RunHandle<FineTuneSummary>> {
    return this.#host.serve<FineTuneSummary, FineTuneEvent>(
      (model, signal, emit) => runFineTune(model, request, this.#checkpoints, signal, emit),
      onEvent,
    );
  }

  async saveCheckpoint(state: Partial<CheckpointState> = {}, runId = 'manual'): Promise<CheckpointInfo> {
    const { training } = this.#host.model();
    return training.exclusively((trainer) => this.#checkpoints.save(training, trainer, runId, state));
  }

  async listCheckpoints(adapterId?: string): Promise<readonly CheckpointInfo[]> {
    const id = adapterId ?? this.#host.model().training.current?.id;
    return id === undefined ? [] : this.#checkpoints.list(id);
  }

  async resume(checkpointId?: string): Promise<ResumedRun> {
    const { training, gpuModel } = this.#host.model();
    return training.exclusively((trainer) =>
      this.#checkpoints.resume(training, trainer, gpuModel.config, checkpointId),
    );
  }

  async optimizerState(): Promise<OptimizerState> {
    const { training } = this.#host.model();
    return training.exclusively(async (trainer) => ({ step: training.step, ...(await trainer.readOptimizer()) }));
  }

  async releaseTraining(): Promise<void> {
    this.#host.model().training.releaseActivations();
  }

  /** What was trained since the last save, into the store. Before a model is unloaded, too. */
  async saveAttached(): Promise<void> {
    const { training } = this.#host.model();
    const { current } = training;
    if (current === null || current.isSaved) return;
    const { adapters } = await this.#stores();
    await adapters.save(current.id, await training.read(), current.step);
    training.markSaved();
  }

  async #store(model: TrainableModel, adapter: Adapter, name: string): Promise<AdapterInfo> {
    const { adapters } = await this.#stores();
    const about = {
      name,
      baseModelName: model.name,
      baseModelSha256: model.key,
      step: 0,
      createdAt: now(),
    };
    const id = await adapters.create({ config: adapter.config, tensors: adapter.tensors }, about);
    return infoOf(model, id, { ...about, config: adapter.config });
  }

  async #infoOf(id: string): Promise<AdapterInfo> {
    const { adapters } = await this.#stores();
    const model = this.#host.model();
    const { info } = await adapters.read(id, model.gpuModel.config);
    return infoOf(model, id, info);
  }
}

function infoOf(model: TrainableModel, id: string, info: StoredInfo): AdapterInfo {
  const current = model.training.current;
  return {
    ...info,
    id,
    step: current?.id === id ? current.step : info.step,
    numParameters: loraLayout(model.gpuModel.config, info.config).numValues,
  };
}

const MAX_NAME_LENGTH = 80;

function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MAX_NAME_LENGTH)
    throw new Failure<FailureCode>('invalidConfig', `name: an adapter's name has 1 to ${MAX_NAME_LENGTH} characters.`);
  return trimmed;
}

function fileNameOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') || 'adapter';
}

function now(): string {
  return new Date().toISOString();
}
