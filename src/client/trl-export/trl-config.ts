/** Our settings as the exported code reads them: config.json and lora.json. */
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import type { LoraConfig, TrainingSettings } from '@/protocol/training.ts';
import type { CheckedExport } from './check-trl-export-input.ts';

/** GRPOConfig's keywords; null: `train.py` reads it elsewhere, or it concerns this engine only. */
const GRPO_KEYWORDS = {
  lossType: 'loss_type',
  epsilon: 'epsilon',
  epsilonHigh: 'epsilon_high',
  delta: 'delta',
  beta: 'beta',
  useBiasCorrectionKl: 'use_bias_correction_kl',
  importanceSamplingLevel: 'importance_sampling_level',
  // The one that utterances are sampled at.
  temperature: null,
  maxCompletionLength: 'max_completion_length',
  maskTruncatedCompletions: 'mask_truncated_completions',
  trainRoles: null,
  scaleRewards: 'scale_rewards',
  normalizeOver: null,
  sapoTemperaturePos: 'sapo_temperature_pos',
  sapoTemperatureNeg: 'sapo_temperature_neg',
  gradientAccumulationSteps: 'gradient_accumulation_steps',
  numIterations: 'num_iterations',
  learningRate: 'learning_rate',
  lrSchedulerType: 'lr_scheduler_type',
  warmupSteps: 'warmup_steps',
  maxSteps: null,
  maxGradNorm: 'max_grad_norm',
  adamBeta1: 'adam_beta1',
  adamBeta2: 'adam_beta2',
  adamEpsilon: 'adam_epsilon',
  weightDecay: 'weight_decay',
  gradientCheckpointing: 'gradient_checkpointing',
  logitChunkSize: null,
  tokensPerPass: null,
  memoryLimitBytes: null,
  seed: 'seed',
} as const satisfies Readonly<Record<keyof TrainingSettings, string | null>>;

/** Null: it is GRPOConfig's, or has no place in training. */
const NEGOTIATION_KEYS = {
  groupSize: null,
  maxTurns: 'max_turns',
  contextTurns: 'context_turns',
  contextUnit: 'context_unit',
  completionSees: 'completion_sees',
  maxUtteranceTokens: 'max_utterance_tokens',
  maxCompletionTokens: 'max_completion_tokens',
  utteranceTemperature: 'utterance_temperature',
  utteranceTopP: 'utterance_top_p',
  completionTemperature: 'completion_temperature',
  completionTopP: 'completion_top_p',
  agreementBy: 'agreement_by',
  agreementThreshold: 'agreement_threshold',
  agreementYes: 'agreement_yes',
  agreementNo: 'agreement_no',
  completeOnFailure: null,
  judgeSeesDialogue: 'judge_sees_dialogue',
  adapterAgent1: 'adapter_agent1',
  adapterAgent2: 'adapter_agent2',
  thinking: null,
  maxThoughtTokens: null,
  seed: 'seed',
} as const satisfies Readonly<Record<keyof NegotiationSettings, string | null>>;

/** What keeps TRL's own defaults from changing the method, and what a run writes. */
const FIXED = {
  top_k: 0,
  optim: 'adamw_torch',
  logging_steps: 1,
  save_steps: 50,
  report_to: 'none',
  log_completions: true,
  num_completions_to_print: 1,
} as const;

/** config.json. */
export function trlConfig({ name, baseModel, settings, training, groupsPerStep, steps }: CheckedExport): object {
  const { trainRoles, normalizeOver, maxSteps, maxGradNorm } = training;
  return {
    format: 'duet-trl-1',
    name,
    base_model: baseModel,
    steps,
    groups_per_step: groupsPerStep,
    train_roles: trainRoles,
    normalize_over: normalizeOver,
    schedule_steps: maxSteps,
    rows_per_forward: 16,
    judge: { kind: 'self' },
    negotiation: renamed(settings, NEGOTIATION_KEYS),
    grpo: {
      ...renamed(training, GRPO_KEYWORDS),
      num_generations: settings.groupSize,
      temperature: settings.utteranceTemperature,
      top_p: settings.utteranceTopP,
      // transformers does not clip at 0.
      max_grad_norm: maxGradNorm ?? 0,
      ...FIXED,
    },
  };
}

/** lora.json: keywords of PEFT's LoraConfig. */
export function trlLoraConfig(
  { r, loraAlpha, loraDropout, useRslora, targetModules }: LoraConfig,
  baseModel: string,
): object {
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r,
    lora_alpha: loraAlpha,
    lora_dropout: loraDropout,
    use_rslora: useRslora,
    use_dora: false,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    target_modules: targetModules.toSorted(),
  };
}

function renamed<Key extends string>(
  settings: Readonly<Record<Key, unknown>>,
  names: Readonly<Record<Key, string | null>>,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const key in names) {
    const name = names[key];
    if (name !== null) entries.push([name, settings[key]]);
  }
  return Object.fromEntries(entries);
}
