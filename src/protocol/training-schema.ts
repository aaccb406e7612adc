/** Settings of training from outside, in camelCase or in the snake_case of TRL and PEFT. What is left out is the default. */
import { z } from 'zod';
import { checkInput, withCamelCaseKeys } from './check-input.ts';
import {
  DEFAULT_LORA,
  DEFAULT_TRAINING,
  LORA_TARGETS,
  LOSS_TYPES,
  type LoraConfig,
  type TrainingSettings,
} from './training.ts';

const MAX_SEED = 0xffff_ffff;

const count = z.int().min(1);
const notNegative = z.number().min(0);
const positive = z.number().gt(0);
const share = z.number().min(0).lt(1);

const defaults = DEFAULT_TRAINING;
const settingsSchema = z
  .strictObject({
    lossType: z.enum(LOSS_TYPES).default(defaults.lossType),
    epsilon: notNegative.default(defaults.epsilon),
    epsilonHigh: notNegative.nullish(),
    delta: positive.nullable().default(defaults.delta),
    beta: notNegative.default(defaults.beta),
    useBiasCorrectionKl: z.boolean().default(defaults.useBiasCorrectionKl),
    importanceSamplingLevel: z.enum(['token', 'sequence']).default(defaults.importanceSamplingLevel),
    temperature: positive.default(defaults.temperature),
    maxCompletionLength: count.default(defaults.maxCompletionLength),
    maskTruncatedCompletions: z.boolean().default(defaults.maskTruncatedCompletions),
    trainRoles: z.enum(['agent1', 'both']).default(defaults.trainRoles),
    scaleRewards: z.enum(['group', 'batch', 'none']).default(defaults.scaleRewards),
    normalizeOver: z.enum(['batch', 'group']).default(defaults.normalizeOver),
    sapoTemperaturePos: positive.default(defaults.sapoTemperaturePos),
    sapoTemperatureNeg: positive.default(defaults.sapoTemperatureNeg),
    gradientAccumulationSteps: count.default(defaults.gradientAccumulationSteps),
    numIterations: count.default(defaults.numIterations),
    learningRate: notNegative.default(defaults.learningRate),
    lrSchedulerType: z.enum(['constant', 'constant_with_warmup', 'linear', 'cosine']).default(defaults.lrSchedulerType),
    warmupSteps: z.int().min(0).default(defaults.warmupSteps),
    maxSteps: count.default(defaults.maxSteps),
    maxGradNorm: notNegative.nullable().default(defaults.maxGradNorm),
    adamBeta1: share.default(defaults.adamBeta1),
    adamBeta2: share.default(defaults.adamBeta2),
    adamEpsilon: positive.default(defaults.adamEpsilon),
    weightDecay: notNegative.default(defaults.weightDecay),
    gradientCheckpointing: z.boolean().default(defaults.gradientCheckpointing),
    logitChunkSize: count.default(defaults.logitChunkSize),
    tokensPerPass: count.default(defaults.tokensPerPass),
    memoryLimitBytes: positive.nullable().default(defaults.memoryLimitBytes),
    seed: z.int().min(0).max(MAX_SEED).default(defaults.seed),
  })
  .transform((settings): TrainingSettings => ({
    ...settings,
    epsilonHigh: settings.epsilonHigh ?? settings.epsilon,
    // transformers does not clip at 0 either.
    maxGradNorm: settings.maxGradNorm === 0 ? null : settings.maxGradNorm,
  }));

const targetHelp = `Give "all-linear" or a list with at least one of ${LORA_TARGETS.join(', ')}`;

const loraSchema = z
  .strictObject({
    r: z.int().min(1).max(64).default(DEFAULT_LORA.r),
    loraAlpha: positive.default(DEFAULT_LORA.loraAlpha),
    loraDropout: share.default(DEFAULT_LORA.loraDropout),
    useRslora: z.boolean().default(DEFAULT_LORA.useRslora),
    targetModules: z
      .union([z.literal('all-linear'), z.array(z.enum(LORA_TARGETS)).min(1, targetHelp)], { error: targetHelp })
      .default('all-linear'),
  })
  .transform(({ targetModules, ...config }): LoraConfig => ({
    ...config,
    targetModules: LORA_TARGETS.filter((target) => targetModules === 'all-linear' || targetModules.includes(target)),
  }));

/**
 * All settings. `epsilonHigh` left out or null is `epsilon`; `maxGradNorm` 0 is null.
 *
 * @param value  some settings, or undefined for the defaults
 * @throws {Failure} 'invalidConfig' naming the field as it was written
 */
export function checkTrainingSettings(value: unknown, call = 'training settings'): TrainingSettings {
  const { fields, nameOf } = withCamelCaseKeys(value ?? {}, call);
  return checkInput(settingsSchema, fields, call, nameOf);
}

/**
 * An adapter's shape. Targets come in the order of `LORA_TARGETS`, each once; PEFT's "all-linear" is all of them.
 *
 * @param value  some fields, or undefined for the defaults
 * @throws {Failure} 'invalidConfig' naming the field as it was written
 */
export function checkLoraConfig(value: unknown, call = 'LoRA'): LoraConfig {
  const { fields, nameOf } = withCamelCaseKeys(value ?? {}, call);
  return checkInput(loraSchema, fields, call, nameOf);
}
