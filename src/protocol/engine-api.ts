/**
 * What the worker offers to the page: read this file first. Every long call takes an event callback and resolves with a
 * `Run`; `lib/stream.ts` gives the page cancellation by AbortSignal. Errors cross as `FailureMessage`.
 */
import type {
  ChatMessage,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  ProfileReport,
  ProfileSettings,
  TemplateOptions,
} from './generation.ts';
import type { ChatAnswer, ChatDelta, ChatModelConfig, ChatRequest } from './chat.ts';
import type { DeviceReport, LoadOptions, LoadProgress, MemoryReport, ModelInfo, ModelSource } from './model.ts';
import type { AttentionReading, AttentionRequest, CheckReport, CheckRequest, RebuildProgress } from './attention.ts';
import type { CalibrationConfig, CalibrationEvent, CalibrationReport } from './calibration.ts';
import type { Comparison, ComparisonConfig, ComparisonEvent } from './comparison.ts';
import type { EvaluationConfig, EvaluationEvent, EvaluationReport } from './evaluation.ts';
import type { ModelFitApi } from './model-fit.ts';
import type { NegotiationApi } from './negotiation-api.ts';
import type { NegotiationEvaluationApi } from './negotiation-evaluation.ts';
import type { NegotiationTrainingApi } from './negotiation-training.ts';
import type { ModelStorageApi } from './model-storage.ts';
import type { DecodeSpeed } from './speed.ts';
import type { TrainingApi } from './training-api.ts';
import type { Draft, ReasoningConfig, ReasoningEvent, ReasoningSettings, ReasoningTrace } from './reasoning.ts';

/** A running operation in the worker. `done` settles exactly once; `cancel` makes it settle soon with 'cancelled'. */
export interface Run<Result> {
  readonly done: () => Promise<Result>;
  readonly cancel: () => void;
}

export interface EngineApi {
  /** Stored copies of models, ours and web-llm's. */
  readonly storage: ModelStorageApi;
  /** What a model would take of the GPU, and what there is. */
  readonly fit: ModelFitApi;
  /** Adapters of the loaded model and their training. */
  readonly training: TrainingApi;
  /** Rollouts, judges and the generator of dilemmas. */
  readonly negotiation: NegotiationApi;
  /** GRPO on what was negotiated. */
  readonly negotiationTraining: NegotiationTrainingApi;
  /** Adapters compared on held-out dilemmas. */
  readonly negotiationEvaluation: NegotiationEvaluationApi;
  /** Adapter, limits, features, memory and tuning; never throws: without WebGPU `available` is false. */
  describeDevice(): Promise<DeviceReport>;
  loadModel(
    source: ModelSource,
    options: LoadOptions,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Run<ModelInfo>>;
  unload(): Promise<void>;
  memory(): Promise<MemoryReport>;
  tokenize(text: string, options: { readonly parseSpecial: boolean }): Promise<number[]>;
  detokenize(tokenIds: readonly number[]): Promise<string>;
  applyChatTemplate(
    messages: readonly ChatMessage[],
    options: TemplateOptions,
  ): Promise<{ text: string; tokenIds: number[] }>;
  /** Raw logits, [positions][vocabSize] f32. Positions are indices into `tokenIds`; default: the last one. */
  logits(
    tokenIds: readonly number[],
    options: { readonly positions?: readonly number[] },
  ): Promise<Run<Float32Array[]>>;
  generate(request: GenerateRequest, onToken: (token: GeneratedToken) => void): Promise<Run<GenerateResult>>;
  /** One answer of the loaded model or of a server. web-llm lives on the page, which asks it there. */
  chat(config: ChatModelConfig, request: ChatRequest, onDelta: (delta: ChatDelta) => void): Promise<Run<ChatAnswer>>;
  /** A scripted, deterministic run. */
  reason(config: ReasoningConfig, onEvent: (event: ReasoningEvent) => void): Promise<Run<ReasoningTrace>>;
  /** A live run: it waits for `updateDraft` and thinks as soon as there is text. */
  reasonLive(
    settings: Partial<ReasoningSettings>,
    onEvent: (event: ReasoningEvent) => void,
  ): Promise<Run<ReasoningTrace>>;
  /** The draft as it stands. Behind an answer it begins the next turn. Only while `reasonLive` runs, like what follows. */
  updateDraft(draft: Draft): Promise<void>;
  /** A remark while the writer writes. */
  addRemark(text: string): Promise<void>;
  /** Holds the live run between two steps. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** How much of the answer a real voice has still to say; null gives the clock back to the simulated one. */
  reportSpeech(unspokenSeconds: number | null): Promise<void>;
  /** The live run's trace up to now; null when there is no live run. */
  traceSoFar(): Promise<ReasoningTrace | null>;
  /** Changes settings of the live run between two steps. */
  updateSettings(settings: Partial<ReasoningSettings>): Promise<void>;
  /** The same question by asynchronous thinking and by the ways that it competes with, one after the other. */
  compare(config: ComparisonConfig, onEvent: (event: ComparisonEvent) => void): Promise<Run<Comparison>>;
  /** Every item of a question set under every configuration; what `config.done` holds is not run again. */
  evaluate(config: EvaluationConfig, onEvent: (event: EvaluationEvent) => void): Promise<Run<EvaluationReport>>;
  /** Measures probe margins on warm-up questions and chooses a threshold. */
  calibrate(config: CalibrationConfig, onEvent: (event: CalibrationEvent) => void): Promise<Run<CalibrationReport>>;
  /** What recorded tokens read, in every layer and head: the trace's run is rebuilt up to them. */
  attention(
    request: AttentionRequest,
    onProgress: (progress: RebuildProgress) => void,
  ): Promise<Run<AttentionReading[]>>;
  /** Next-token logits of a recorded step from its blocks, against a prefill of the same tokens from scratch. */
  check(request: CheckRequest, onProgress: (progress: RebuildProgress) => void): Promise<Run<CheckReport>>;
  /** Loses the GPU device on purpose, as a driver reset would, to rehearse what the page does then. */
  simulateDeviceLoss(): Promise<void>;
  /** Times a few decode steps of two rows; remembered for the next load. */
  measureSpeed(): Promise<Run<DecodeSpeed>>;
  /** Times prefill and decode beside the matrix products alone, and counts what one decode step costs. */
  profile(options: ProfileSettings): Promise<Run<ProfileReport>>;
}
