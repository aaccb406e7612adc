import { Failure } from '@/lib/failure.ts';
import { serveRun, type RunHandle } from '@/lib/stream.ts';
import { isSoftwareAdapter } from '@/engine/gpu/device.ts';
import { GpuFailure } from '@/engine/gpu/gpu-errors.ts';
import { GpuModel } from '@/engine/generation/gpu-model.ts';
import { profileModel } from '@/engine/generation/measure.ts';
import { tuneKernels, tuningKey } from '@/engine/generation/tune-kernels.ts';
import { openModel } from '@/engine/loading/open-model.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import type { Measurements } from '@/engine/loading/tuning-store.ts';
import { weightBytes } from '@/engine/loading/weight-source.ts';
import { ProgressMeter } from '@/engine/loading/progress-meter.ts';
import type { ChatAnswer, ChatDelta, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type { EngineApi } from '@/protocol/engine-api.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  ChatMessage,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  ProfileReport,
  ProfileSettings,
  TemplateOptions,
} from '@/protocol/generation.ts';
import { madeByModel } from '@/protocol/made-by-model.ts';
import {
  type DeviceReport,
  type LoadOptions,
  type LoadProgress,
  type MemoryReport,
  type ModelInfo,
  type ModelSource,
} from '@/protocol/model.ts';
import type {
  AttentionReading,
  AttentionRequest,
  CheckReport,
  CheckRequest,
  RebuildProgress,
} from '@/protocol/attention.ts';
import type { CalibrationConfig, CalibrationEvent, CalibrationReport } from '@/protocol/calibration.ts';
import type { Comparison, ComparisonConfig, ComparisonEvent } from '@/protocol/comparison.ts';
import type { EvaluationConfig, EvaluationEvent, EvaluationReport } from '@/protocol/evaluation.ts';
import type {
  Draft,
  ReasoningConfig,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningTrace,
} from '@/protocol/reasoning.ts';
import type { DecodeSpeed } from '@/protocol/speed.ts';
import { startChat } from './chat/start-chat.ts';
import { describeDevice } from './describe-device.ts';
import { ModelFit } from './model-fit.ts';
import { modelInfoOf, weightsKeyOf } from './model-info.ts';
import { ModelSpeed } from './model-speed.ts';
import { applyTemplate, generateText } from './model-texts.ts';
import { ReasoningRuns } from './reasoning-runs.ts';
import { ReasoningStudies } from './reasoning-studies.ts';
import { checkRequest, loadSchema, profileSchema, sourceSchema } from './request-schemas.ts';
import { attentionOf, checkOf } from './trace-readings.ts';
import { createModelApis, type ModelApis } from './model-apis.ts';
import { ModelStorage } from './model-storage.ts';
import { AttachedTraining } from './training/attached-training.ts';
import type { TrainableModel, TrainingStores } from './training/trainable-model.ts';
import { warmUp } from './warm-up.ts';

const NO_MEMORY: MemoryReport = { weights: 0, kvCache: 0, activations: 0, training: 0, other: 0, total: 0 };

interface LoadedModel extends TrainableModel {
  readonly opened: Omit<OpenedModel, 'weights' | 'close'>;
  readonly gpuModel: GpuModel;
  readonly reasoning: ReasoningRuns;
  readonly studies: ReasoningStudies;
  /** Its `speed` is the newest one. */
  info: ModelInfo;
}

/** The worker's side of `EngineApi`: composes loading, engine and methods around at most one loaded model. */
export class Engine implements EngineApi {
  readonly #tunings: Measurements['tunings'];
  readonly #speed: ModelSpeed;
  readonly #running = new Set<AbortController>();
  #loaded: LoadedModel | null = null;

  readonly storage = new ModelStorage();
  readonly fit = new ModelFit(async () => (await this.memory()).total);
  readonly training: ModelApis['training'];
  readonly negotiation: ModelApis['negotiation'];
  readonly negotiationTraining: ModelApis['negotiationTraining'];
  readonly negotiationEvaluation: ModelApis['negotiationEvaluation'];

  constructor({ tunings, speeds }: Measurements, openStores: () => Promise<TrainingStores>) {
    this.#tunings = tunings;
    this.#speed = new ModelSpeed(speeds);
    const host = {
      model: () => this.#model(),
      serve: <Result, Event>(
        start: (model: TrainableModel, signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
        onEvent?: (event: Event) => void,
      ) => this.#serve<Result, Event>(start, onEvent),
    };
    const { training, negotiation, negotiationTraining, negotiationEvaluation } = createModelApis(host, openStores);
    this.training = training;
    this.negotiation = negotiation;
    this.negotiationTraining = negotiationTraining;
    this.negotiationEvaluation = negotiationEvaluation;
  }

  async describeDevice(): Promise<DeviceReport> {
    const memory = await this.memory();
    return describeDevice(this.#loaded?.gpuModel ?? null, memory, this.#loaded?.info.speed ?? null);
  }

  loadModel(
    source: ModelSource,
    options: LoadOptions,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<RunHandle<ModelInfo>> {
    return Promise.resolve(
      serveRun<ModelInfo, LoadProgress>((signal, emit) => this.#load(source, options, signal, emit), onProgress),
    );
  }

  async unload(): Promise<void> {
    for (const controller of this.#running) controller.abort();
    const loaded = this.#loaded;
    if (loaded === null) return;
    try {
      await this.training.saveAttached();
    } finally {
      this.#loaded = null;
      loaded.training[Symbol.dispose]();
      loaded.gpuModel[Symbol.dispose]();
    }
  }

  async memory(): Promise<MemoryReport> {
    return this.#loaded?.gpuModel.gpu.memory.report() ?? NO_MEMORY;
  }

  async tokenize(text: string, options: { readonly parseSpecial: boolean }): Promise<number[]> {
    return this.#model().opened.tokenizer.encode(text, options);
  }

  async detokenize(tokenIds: readonly number[]): Promise<string> {
    return this.#model().opened.tokenizer.decode(tokenIds);
  }

  async applyChatTemplate(
    messages: readonly ChatMessage[],
    options: TemplateOptions,
  ): Promise<{ text: string; tokenIds: number[] }> {
    return applyTemplate(this.#model().opened, messages, options);
  }

  logits(
    tokenIds: readonly number[],
    options: { readonly positions?: readonly number[] },
  ): Promise<RunHandle<Float32Array[]>> {
    const positions = options.positions ?? [tokenIds.length - 1];
    return this.#serve<Float32Array[]>(({ gpuModel }, signal) => gpuModel.decoder.logits(tokenIds, positions, signal));
  }

  generate(request: GenerateRequest, onToken: (token: GeneratedToken) => void): Promise<RunHandle<GenerateResult>> {
    return this.#serve<GenerateResult, GeneratedToken>(
      (model, signal, emit) => generateText(model, request, signal, emit),
      onToken,
    );
  }

  chat(
    config: ChatModelConfig,
    request: ChatRequest,
    onDelta: (delta: ChatDelta) => void,
  ): Promise<RunHandle<ChatAnswer>> {
    return startChat((start, emit) => this.#serve<ChatAnswer, ChatDelta>(start, emit), config, request, onDelta);
  }

  reason(config: ReasoningConfig, onEvent: (event: ReasoningEvent) => void): Promise<RunHandle<ReasoningTrace>> {
    return this.#serve<ReasoningTrace, ReasoningEvent>(
      ({ reasoning }, signal, emit) => reasoning.runScripted(config, signal, emit),
      onEvent,
    );
  }

  reasonLive(
    settings: Partial<ReasoningSettings>,
    onEvent: (event: ReasoningEvent) => void,
  ): Promise<RunHandle<ReasoningTrace>> {
    return this.#serve<ReasoningTrace, ReasoningEvent>(
      ({ reasoning }, signal, emit) => reasoning.runLive(settings, signal, emit),
      onEvent,
    );
  }

  async updateDraft(draft: Draft): Promise<void> {
    this.#loaded?.reasoning.updateDraft(draft);
  }

  async addRemark(text: string): Promise<void> {
    this.#loaded?.reasoning.addRemark(text);
  }

  async pause(): Promise<void> {
    this.#loaded?.reasoning.setPaused(true);
  }

  async resume(): Promise<void> {
    this.#loaded?.reasoning.setPaused(false);
  }

  async reportSpeech(unspokenSeconds: number | null): Promise<void> {
    this.#loaded?.reasoning.reportSpeech(unspokenSeconds);
  }

  async traceSoFar(): Promise<ReasoningTrace | null> {
    return this.#loaded?.reasoning.traceSoFar() ?? null;
  }

  async updateSettings(settings: Partial<ReasoningSettings>): Promise<void> {
    this.#loaded?.reasoning.updateSettings(settings);
  }

  compare(config: ComparisonConfig, onEvent: (event: ComparisonEvent) => void): Promise<RunHandle<Comparison>> {
    return this.#serve<Comparison, ComparisonEvent>(
      ({ studies }, signal, emit) => studies.compare(config, signal, emit),
      onEvent,
    );
  }

  evaluate(config: EvaluationConfig, onEvent: (event: EvaluationEvent) => void): Promise<RunHandle<EvaluationReport>> {
    return this.#serve<EvaluationReport, EvaluationEvent>(
      ({ studies }, signal, emit) => studies.evaluate(config, signal, emit),
      onEvent,
    );
  }

  calibrate(
    config: CalibrationConfig,
    onEvent: (event: CalibrationEvent) => void,
  ): Promise<RunHandle<CalibrationReport>> {
    return this.#serve<CalibrationReport, CalibrationEvent>(
      ({ studies }, signal, emit) => studies.calibrate(config, signal, emit),
      onEvent,
    );
  }

  attention(
    request: AttentionRequest,
    onProgress: (progress: RebuildProgress) => void,
  ): Promise<RunHandle<AttentionReading[]>> {
    return this.#serve<AttentionReading[], RebuildProgress>(
      ({ gpuModel }, signal, emit) => attentionOf(gpuModel.decoder, request, signal, emit),
      onProgress,
    );
  }

  check(request: CheckRequest, onProgress: (progress: RebuildProgress) => void): Promise<RunHandle<CheckReport>> {
    return this.#serve<CheckReport, RebuildProgress>(
      ({ gpuModel, opened }, signal, emit) => checkOf(gpuModel.decoder, opened.tokenizer, request, signal, emit),
      onProgress,
    );
  }

  async simulateDeviceLoss(): Promise<void> {
    this.#model().gpuModel.gpu.lose();
  }

  profile(options: ProfileSettings): Promise<RunHandle<ProfileReport>> {
    return this.#serve<ProfileReport>(async ({ gpuModel }, signal) => {
      checkRequest(profileSchema, options, 'profile');
      return profileModel(gpuModel, options, signal);
    });
  }

  measureSpeed(): Promise<RunHandle<DecodeSpeed>> {
    return this.#serve<DecodeSpeed>(async (model, signal) => {
      const speed = await this.#speed.measure(model.gpuModel, weightsKeyOf(model.info), signal);
      model.info = { ...model.info, speed };
      return speed;
    });
  }

  /** Runs an operation on the loaded model; unloading and device loss end it. */
  #serve<Result, Event = never>(
    start: (model: LoadedModel, signal: AbortSignal, emit: (event: Event) => void) => Promise<Result>,
    onEvent?: (event: Event) => void,
  ): Promise<RunHandle<Result>> {
    const model = this.#model();
    const controller = new AbortController();
    this.#running.add(controller);
    const handle = serveRun<Result, Event>(async (cancelled, emit) => {
      try {
        return await start(model, AbortSignal.any([cancelled, controller.signal]), emit);
      } catch (error) {
        const { failure } = model.gpuModel.gpu;
        if (failure === null && controller.signal.aborted) {
          throw new Failure<FailureCode>('cancelled', 'The model was unloaded while the operation ran.');
        }
        // A readback can notice the loss before the device says so.
        if (error instanceof GpuFailure) this.#abandon(model);
        throw failure ?? error;
      } finally {
        this.#running.delete(controller);
      }
    }, onEvent);
    return Promise.resolve(handle);
  }

  /** Frees a model whose device has failed; another can be loaded then. */
  #abandon(model: LoadedModel): void {
    if (this.#loaded !== model) return;
    for (const controller of this.#running) controller.abort();
    this.#loaded = null;
    model.gpuModel[Symbol.dispose]();
  }

  #model(): LoadedModel {
    if (this.#loaded === null) throw new Failure<FailureCode>('noModel', 'No model is loaded.');
    return this.#loaded;
  }

  async #load(
    source: ModelSource,
    options: LoadOptions,
    signal: AbortSignal,
    emit: (progress: LoadProgress) => void,
  ): Promise<ModelInfo> {
    checkRequest(sourceSchema, { source }, 'loadModel');
    checkRequest(loadSchema, options, 'loadModel');
    const { quantization } = options;
    // While the old model is still there: a file that is bad or does not fit leaves everything as it was.
    const opened = await openModel(source, { signal, onProgress: emit, ...(quantization && { quantization }) });
    try {
      const { weights, config } = opened;
      const sizing = await this.fit.admit(weights, config, options);
      await this.unload();
      const upload = new ProgressMeter('upload', weightBytes(weights), emit);
      const kernelShape = options.kernelShape ?? 'auto';
      const gpuModel = await GpuModel.create(
        weights,
        config,
        { ...sizing, kernelShape, numTokens: opened.tokenizer.vocabSize },
        (numBytes) => upload.add(numBytes),
        signal,
      );
      try {
        upload.finish();
        if (kernelShape === 'auto') gpuModel.tuning = await this.#tune(gpuModel, signal, emit);
        emit({ phase: 'compile', loadedBytes: 0, totalBytes: 0, secondsLeft: null });
        const reasoning = new ReasoningRuns(gpuModel.decoder, opened.tokenizer);
        await warmUp(gpuModel, reasoning, signal);
        const info = modelInfoOf(opened, gpuModel);
        // Who names a shape, as tests do, has nothing measured.
        const speed = kernelShape === 'auto' ? await this.#speed.of(gpuModel, weightsKeyOf(info), signal) : null;
        return this.#adopt(opened, gpuModel, reasoning, { ...info, speed });
      } catch (error) {
        gpuModel[Symbol.dispose]();
        throw gpuModel.gpu.failure ?? error;
      }
    } finally {
      opened.close();
    }
  }

  #adopt(opened: OpenedModel, gpuModel: GpuModel, reasoning: ReasoningRuns, info: ModelInfo): ModelInfo {
    const { tokenizer } = opened;
    const { adapterInfo } = gpuModel.gpu;
    const studies = new ReasoningStudies(gpuModel.decoder, tokenizer, reasoning.prompts, {
      model: { id: info.id, sha256: info.sha256 },
      device: {
        vendor: adapterInfo.vendor,
        architecture: adapterInfo.architecture,
        isSoftware: isSoftwareAdapter(adapterInfo),
      },
    });
    const training = new AttachedTraining(gpuModel, async () => reasoning.forgetPrompts());
    const madeBy = madeByModel(info);
    const { name, key } = madeBy;
    const loaded: LoadedModel = { opened, gpuModel, reasoning, studies, info, training, name, key, madeBy };
    this.#loaded = loaded;
    gpuModel.gpu.onFailure(() => this.#abandon(loaded));
    return info;
  }

  async #tune(
    gpuModel: GpuModel,
    signal: AbortSignal,
    emit: (progress: LoadProgress) => void,
  ): Promise<GpuModel['tuning']> {
    const key = tuningKey(gpuModel);
    const known = await this.#tunings.get(key);
    if (known !== undefined) return known;
    emit({ phase: 'tune', loadedBytes: 0, totalBytes: 0, secondsLeft: null });
    const measured = await tuneKernels(gpuModel, signal);
    await this.#tunings.put(key, measured);
    return measured;
  }
}
