import { follow } from '@/lib/follow.ts';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { CalibrationConfig, CalibrationEvent, CalibrationReport } from '@/protocol/calibration.ts';
import { COMPARISON_MODES } from '@/protocol/comparison.ts';
import type { Comparison, ComparisonConfig, ComparisonEvent } from '@/protocol/comparison.ts';
import type { EvaluationConfig, EvaluationEvent, EvaluationReport } from '@/protocol/evaluation.ts';
import { evaluationConfigSchema } from '@/protocol/evaluation-schema.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { CALIBRATION_DEFAULTS, runCalibration } from '@/research/async-reasoning/calibrate.ts';
import { runComparison } from '@/research/async-reasoning/compare.ts';
import type { PromptCache } from '@/research/async-reasoning/prompt-cache.ts';
import type { ReasoningTokenizer } from '@/research/async-reasoning/reasoning-tokenizer.ts';
import { runEvaluation } from '@/research/evaluation/run-evaluation.ts';
import { checkRequest } from './request-schemas.ts';
import { calibrationSchema, comparisonSchema } from './study-schemas.ts';

/** Studies made of several reasoning runs on one loaded model. */
export class ReasoningStudies {
  readonly #decoder: Decoder;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #prompts: PromptCache;
  readonly #origin: Pick<Comparison, 'model' | 'device'>;

  /** @param prompts  encoded when the model was loaded, as for the runs of the page */
  constructor(
    decoder: Decoder,
    tokenizer: ReasoningTokenizer,
    prompts: PromptCache,
    origin: Pick<Comparison, 'model' | 'device'>,
  ) {
    this.#prompts = prompts;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#origin = origin;
  }

  /** @throws {Failure} 'invalidConfig' naming the field; what `runComparison` throws */
  async compare(
    config: ComparisonConfig,
    signal: AbortSignal,
    emit: (event: ComparisonEvent) => void,
  ): Promise<Comparison> {
    checkRequest(comparisonSchema, config, 'compare');
    const { question, modes = COMPARISON_MODES, typingRate = 0 } = config;
    const request = { question, modes, typingRate, settings: this.#settings(config.settings) };
    const createdAt = new Date().toISOString();
    const findings = await follow(runComparison(this.#decoder, this.#tokenizer, request, this.#io(signal)), emit);
    return { ...findings, createdAt, ...this.#origin };
  }

  /** @throws {Failure} 'invalidConfig' naming the field; what `runCalibration` throws */
  async calibrate(
    config: CalibrationConfig,
    signal: AbortSignal,
    emit: (event: CalibrationEvent) => void,
  ): Promise<CalibrationReport> {
    checkRequest(calibrationSchema, config, 'calibrate');
    const { questions, steps, targetShare } = CALIBRATION_DEFAULTS;
    const request = {
      questions: config.questions ?? questions,
      steps: config.steps ?? steps,
      targetShare: config.targetShare ?? targetShare,
      settings: this.#settings(config.settings),
    };
    return follow(runCalibration(this.#decoder, this.#tokenizer, request, this.#io(signal)), emit);
  }

  /** @throws {Failure} 'invalidConfig' naming the field; what `runEvaluation` throws */
  async evaluate(
    config: EvaluationConfig,
    signal: AbortSignal,
    emit: (event: EvaluationEvent) => void,
  ): Promise<EvaluationReport> {
    checkRequest(evaluationConfigSchema, config, 'evaluate');
    const { source, configurations, done = [] } = config;
    const full = configurations.map((configuration) => ({
      ...configuration,
      settings: this.#settings(configuration.settings),
    }));
    const request = { source, configurations: full, done };
    const createdAt = new Date().toISOString();
    const findings = await follow(runEvaluation(this.#decoder, this.#tokenizer, request, this.#io(signal)), emit);
    return { ...findings, createdAt, configurations: full, ...this.#origin };
  }

  #io(signal: AbortSignal): { readonly signal: AbortSignal; readonly prompts: PromptCache } {
    return { signal, prompts: this.#prompts };
  }

  #settings(settings: Partial<ReasoningSettings> = {}): ReasoningSettings {
    const defaults = defaultSettingsFor(this.#tokenizer.idOf('<think>') !== undefined);
    // A setting that is given as undefined is one that is not given.
    return { ...defaults, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
  }
}
