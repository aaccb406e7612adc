/**
 * `window.duet`: everything the page can do, as typed functions. The page itself uses nothing else, so a script that
 * drives the page and a person who clicks take the same path. Documented in docs/automation.md.
 */
import { Failure } from '@/lib/failure.ts';
import { followRun } from '@/lib/stream.ts';
import type {
  ChatMessage,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  ProfileReport,
  TemplateOptions,
} from '@/protocol/generation.ts';
import type { ChatAnswer, ChatDelta, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type {
  DeviceReport,
  KeptModel,
  LoadOptions,
  LoadProgress,
  MemoryReport,
  ModelInfo,
  ModelSource,
} from '@/protocol/model.ts';
import type {
  AttentionReading,
  AttentionRequest,
  CheckReport,
  CheckRequest,
  RebuildProgress,
} from '@/protocol/attention.ts';
import type { CalibrationConfig, CalibrationEvent, CalibrationReport } from '@/protocol/calibration.ts';
import type {
  Comparison,
  ComparisonEvent,
  ComparisonWithOthersConfig,
  OtherModelEvent,
} from '@/protocol/comparison.ts';
import type { EvaluationConfig, EvaluationEvent, EvaluationReport } from '@/protocol/evaluation.ts';
import type {
  Draft,
  ReasoningConfig,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningTrace,
} from '@/protocol/reasoning.ts';
import type { RepositoryFile } from '@/protocol/model-storage.ts';
import type { MemoryEstimate, MemoryMeasurement } from '@/protocol/model-fit.ts';
import type { DecodeSpeed } from '@/protocol/speed.ts';
import type { RunPage } from '@/protocol/run-page.ts';
import type { SharePage } from '@/protocol/shared-content.ts';
import type { ScenarioPage } from '@/protocol/scenario/scenario-page.ts';
import type { RemoteEngine } from './connect-engine.ts';
import { createNegotiationDuet, type NegotiationDuet } from './negotiation-duet.ts';
import { createScenarioDuet, type ScenarioDuet } from './scenario-duet.ts';
import { createStorageDuet, type StorageDuet } from './storage-duet.ts';
import { createTrainingDuet } from './training-duet.ts';
import type { AdapterObserver, TrainingDuet } from './training-duet.ts';
import { createChat } from './chat-duet.ts';
import { createCompare } from './compare-duet.ts';
import { askWebLlm, webLlm } from './web-llm-chat.ts';

export interface RunOptions {
  /** Aborting it cancels the operation; the promise rejects with code 'cancelled'. */
  readonly signal?: AbortSignal;
}

export interface LoadModelOptions extends LoadOptions, RunOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface GenerateOptions extends GenerateRequest, RunOptions {
  readonly onToken?: (token: GeneratedToken) => void;
}

export interface ChatCallOptions extends ChatRequest, RunOptions {
  /** Gets the answer as it comes. */
  readonly onDelta?: (delta: ChatDelta) => void;
}

export interface ProfileOptions extends RunOptions {
  /** Default 64. */
  readonly promptTokens?: number;
  /** Default 32. */
  readonly decodeSteps?: number;
  /** Rows decoded together. Default 1. */
  readonly rows?: number;
  /** Shapes of forwards to time beside each other: new tokens of each row. Default: none. */
  readonly forwards?: readonly (readonly number[])[];
  /** The same with the attention of the last row read; their profiles stand behind the others. Default: none. */
  readonly readForwards?: readonly (readonly number[])[];
}

export interface DuetApi extends RunPage {
  readonly version: 1;
  readonly storage: StorageDuet;
  readonly training: TrainingDuet;
  readonly negotiation: NegotiationDuet;
  /** Links and files of what the page holds. */
  readonly share: SharePage;
  readonly scenario: ScenarioDuet;
  device(): Promise<DeviceReport>;
  /** Loads a model; the loaded one is given up when the new one is known to fit, a load under way is cancelled. */
  loadModel(source: ModelSource, options?: LoadModelOptions | ((progress: LoadProgress) => void)): Promise<ModelInfo>;
  /** What a load would allocate, from the model's header alone. */
  estimateModel(source: ModelSource, options?: LoadOptions & RunOptions): Promise<MemoryEstimate>;
  /** How much GPU memory a model can take; allocates it for a moment. Loads that need more are refused from then on. */
  measureMemory(options?: { readonly limitBytes?: number } & RunOptions): Promise<MemoryMeasurement>;
  unload(): Promise<void>;
  /** Files of a public repository on Hugging Face. @param repository 'owner/name' @param revision default 'main' */
  listRepository(repository: string, revision?: string): Promise<RepositoryFile[]>;
  memory(): Promise<MemoryReport>;
  tokenize(text: string, options?: { readonly parseSpecial?: boolean }): Promise<number[]>;
  detokenize(tokenIds: readonly number[]): Promise<string>;
  applyChatTemplate(
    messages: readonly ChatMessage[],
    options?: Partial<TemplateOptions>,
  ): Promise<{ text: string; tokenIds: number[] }>;
  logits(
    tokenIds: readonly number[],
    options?: { readonly positions?: readonly number[] } & RunOptions,
  ): Promise<Float32Array[]>;
  generate(options: GenerateOptions): Promise<GenerateResult>;
  /** One answer of the loaded model, of web-llm, or of a server. What a model cannot do is refused before it is asked. */
  chat(model: ChatModelConfig, request: ChatCallOptions): Promise<ChatAnswer>;
  reason(
    config: ReasoningConfig,
    onEvent?: (event: ReasoningEvent) => void,
    options?: RunOptions,
  ): Promise<ReasoningTrace>;
  reasonLive(
    settings: Partial<ReasoningSettings>,
    onEvent?: (event: ReasoningEvent) => void,
    options?: RunOptions,
  ): Promise<ReasoningTrace>;
  updateDraft(draft: Draft): Promise<void>;
  addRemark(text: string): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** How much of the answer a real voice has still to say; null: the voice is simulated. */
  reportSpeech(unspokenSeconds: number | null): Promise<void>;
  /** The live run's trace up to now; null when there is no live run. */
  traceSoFar(): Promise<ReasoningTrace | null>;
  updateSettings(settings: Partial<ReasoningSettings>): Promise<void>;
  /** In the engine's ways, and by other models; one that fails is part of the result. */
  compare(
    config: ComparisonWithOthersConfig,
    onEvent?: (event: ComparisonEvent | OtherModelEvent) => void,
    options?: RunOptions,
  ): Promise<Comparison>;
  evaluate(
    config: EvaluationConfig,
    onEvent?: (event: EvaluationEvent) => void,
    options?: RunOptions,
  ): Promise<EvaluationReport>;
  calibrate(
    config?: CalibrationConfig,
    onEvent?: (event: CalibrationEvent) => void,
    options?: RunOptions,
  ): Promise<CalibrationReport>;
  /** What recorded tokens read; the trace's run is rebuilt on the device up to the last step asked for. */
  attention(
    request: AttentionRequest,
    onProgress?: (progress: RebuildProgress) => void,
    options?: RunOptions,
  ): Promise<AttentionReading[]>;
  /** Recomputes the views of a recorded step from scratch and compares the next-token logits. */
  check(
    request: CheckRequest,
    onProgress?: (progress: RebuildProgress) => void,
    options?: RunOptions,
  ): Promise<CheckReport>;
  /** Loses the GPU device on purpose, to rehearse what happens then. */
  simulateDeviceLoss(): Promise<void>;
  /** How fast the loaded model decodes here, measured again; the page's own budgets follow, no default of this interface does. */
  measureSpeed(options?: RunOptions): Promise<DecodeSpeed>;
  profile(options?: ProfileOptions): Promise<ProfileReport>;
}

declare global {
  interface Window {
    duet?: DuetApi;
  }
}

/** Told what happens to the model, whoever asked for it; the page's header is drawn from this. */
export interface ModelObserver extends AdapterObserver {
  modelLoadStarted(source: ModelSource): void;
  modelLoadProgressed(progress: LoadProgress): void;
  modelLoaded(model: ModelInfo): void;
  /** @param kept  what is still loaded: a load that fails early takes nothing away */
  modelLoadFailed(failure: Failure, kept: KeptModel | null): void;
  modelUnloaded(): void;
  memoryMeasured(memory: MemoryReport): void;
  deviceDescribed(report: DeviceReport): void;
  speedMeasured(speed: DecodeSpeed): void;
}

/** What is done by the page alone, without the engine. */
type PagePart = RunPage & Pick<DuetApi, 'share'>;

const ignore = (): void => undefined;

export function createDuetApi(
  engine: RemoteEngine,
  observer: ModelObserver,
  page: PagePart,
  scenarioPage: ScenarioPage,
): DuetApi {
  const loader = createLoader(engine, observer);
  const training = createTrainingDuet(engine.training, observer);
  const chat = createChat(engine);
  const parts = {
    negotiation: engine.negotiation,
    training: engine.negotiationTraining,
    evaluation: engine.negotiationEvaluation,
  };

  const api: Omit<DuetApi, 'scenario'> = {
    version: 1,
    storage: createStorageDuet(engine.storage),
    training,
    negotiation: createNegotiationDuet(parts, askWebLlm, training),
    ...page,
    ...loader,
    async device() {
      const report = await engine.describeDevice();
      observer.deviceDescribed(report);
      return report;
    },
    async memory() {
      const memory = await engine.memory();
      observer.memoryMeasured(memory);
      return memory;
    },
    listRepository: (repository, revision) => engine.storage.listRepository(repository, revision),
    estimateModel: (source, { signal, ...options } = {}) =>
      followRun<MemoryEstimate, never>(() => engine.fit.estimate(source, options), ignore, signal),
    measureMemory: ({ limitBytes, signal } = {}) =>
      followRun<MemoryMeasurement, never>(() => engine.fit.measureMemory(limitBytes), ignore, signal),
    tokenize: (text, options) => engine.tokenize(text, { parseSpecial: options?.parseSpecial ?? false }),
    detokenize: (tokenIds) => engine.detokenize(tokenIds),
    applyChatTemplate: (messages, options) =>
      engine.applyChatTemplate(messages, { ...options, addGenerationPrompt: options?.addGenerationPrompt ?? true }),
    logits: (tokenIds, { signal, ...options } = {}) =>
      followRun<Float32Array[], never>(() => engine.logits(tokenIds, options), ignore, signal),
    generate: ({ onToken = ignore, signal, ...request }) =>
      followRun<GenerateResult, GeneratedToken>((onEvent) => engine.generate(request, onEvent), onToken, signal),
    chat,
    reason: (config, onEvent = ignore, options) =>
      followRun<ReasoningTrace, ReasoningEvent>((emit) => engine.reason(config, emit), onEvent, options?.signal),
    reasonLive: (settings, onEvent = ignore, options) =>
      followRun<ReasoningTrace, ReasoningEvent>((emit) => engine.reasonLive(settings, emit), onEvent, options?.signal),
    updateDraft: (draft) => engine.updateDraft(draft),
    addRemark: (text) => engine.addRemark(text),
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    reportSpeech: (unspokenSeconds) => engine.reportSpeech(unspokenSeconds),
    traceSoFar: () => engine.traceSoFar(),
    compare: createCompare(engine, { chat, loadWebLlm: (model, signal) => webLlm.load(model, undefined, signal) }),
    evaluate: (config, onEvent = ignore, options) =>
      followRun<EvaluationReport, EvaluationEvent>((emit) => engine.evaluate(config, emit), onEvent, options?.signal),
    calibrate: (config = {}, onEvent = ignore, options) =>
      followRun<CalibrationReport, CalibrationEvent>(
        (emit) => engine.calibrate(config, emit),
        onEvent,
        options?.signal,
      ),
    attention: (request, onProgress = ignore, options) =>
      followRun<AttentionReading[], RebuildProgress>(
        (emit) => engine.attention(request, emit),
        onProgress,
        options?.signal,
      ),
    check: (request, onProgress = ignore, options) =>
      followRun<CheckReport, RebuildProgress>((emit) => engine.check(request, emit), onProgress, options?.signal),
    updateSettings: (settings) => engine.updateSettings(settings),
    simulateDeviceLoss: () => engine.simulateDeviceLoss(),
    async measureSpeed({ signal } = {}) {
      const speed = await followRun<DecodeSpeed, never>(() => engine.measureSpeed(), ignore, signal);
      observer.speedMeasured(speed);
      return speed;
    },
    profile: ({ signal, ...options } = {}) => {
      const full = { promptTokens: 64, decodeSteps: 32, rows: 1, ...options };
      return followRun<ProfileReport, never>(() => engine.profile(full), ignore, signal);
    },
  };
  return { ...api, scenario: createScenarioDuet(api, scenarioPage) };
}

function createLoader(engine: RemoteEngine, observer: ModelObserver): Pick<DuetApi, 'loadModel' | 'unload'> {
  interface Load {
    readonly controller: AbortController;
    readonly settled: Promise<unknown>;
  }
  let currentLoad: Load | undefined;
  let loaded: KeptModel | null = null;

  async function cancelLoad(previous: Load | undefined): Promise<void> {
    previous?.controller.abort();
    await previous?.settled;
  }

  async function load(source: ModelSource, options: LoadModelOptions, signal: AbortSignal): Promise<ModelInfo> {
    const { onProgress = ignore, contextLength, kvType, quantization, kernelShape } = options;
    const loadOptions: LoadOptions = {
      ...(contextLength === undefined ? {} : { contextLength }),
      ...(kvType === undefined ? {} : { kvType }),
      ...(quantization === undefined ? {} : { quantization }),
      ...(kernelShape === undefined ? {} : { kernelShape }),
    };
    observer.modelLoadStarted(source);
    try {
      const model = await followRun<ModelInfo, LoadProgress>(
        (emit) => engine.loadModel(source, loadOptions, emit),
        (progress) => {
          observer.modelLoadProgressed(progress);
          onProgress(progress);
        },
        signal,
      );
      loaded = { info: model, source };
      observer.modelLoaded(model);
      return model;
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure('internal', String(error));
      // Only the engine knows how far it came: the model before is given up when the new one is to be uploaded.
      const memory = await engine.memory().catch(ignore);
      if (memory === undefined || memory.weights === 0) loaded = null;
      observer.modelLoadFailed(failure, loaded);
      // Its adapter is attached as before.
      if (loaded !== null) engine.training.listAdapters().then((list) => observer.adaptersListed(list), ignore);
      throw failure;
    }
  }

  return {
    async loadModel(source, optionsOrCallback = {}) {
      const options = typeof optionsOrCallback === 'function' ? { onProgress: optionsOrCallback } : optionsOrCallback;
      const previous = currentLoad;
      const controller = new AbortController();
      const signal =
        options.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, options.signal]);
      const result = cancelLoad(previous).then(() => load(source, options, signal));
      const entry = { controller, settled: result.catch(ignore) };
      currentLoad = entry;
      try {
        return await result;
      } finally {
        if (currentLoad === entry) currentLoad = undefined;
      }
    },
    async unload() {
      await cancelLoad(currentLoad);
      await engine.unload();
      loaded = null;
      observer.modelUnloaded();
    },
  };
}
