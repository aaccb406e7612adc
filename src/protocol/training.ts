/**
 * Training in the words of Hugging Face: PEFT's for adapters, TRL's for GRPO, in camelCase. What comes from outside is
 * checked by training-schema.ts, which also takes TRL's own snake_case.
 */

export const LORA_TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** y = W x + scaling B (A dropout(x)),  scaling = loraAlpha / r, or loraAlpha / sqrt(r) with `useRslora`. */
export interface LoraConfig {
  /** Rank, 1 to 64. */
  readonly r: number;
  readonly loraAlpha: number;
  /** Share of inputs dropped while training, 0 to below 1. */
  readonly loraDropout: number;
  readonly useRslora: boolean;
  /** In the order of `LORA_TARGETS`. */
  readonly targetModules: readonly LoraTarget[];
}

export const DEFAULT_LORA: LoraConfig = {
  r: 8,
  loraAlpha: 16,
  loraDropout: 0,
  useRslora: false,
  targetModules: LORA_TARGETS,
};

/** A row to train on: one utterance under its own context. Lists of per-token values are as long as `completionIds`. */
export interface TrainingRow {
  readonly promptIds: readonly number[];
  readonly completionIds: readonly number[];
  /** 1 where the token counts in the loss, 0 where it is only read (another speaker's). */
  readonly lossMask: readonly number[];
  readonly advantage: number;
  /** ln p when the completion was sampled, in nats. Absent: the policy as it is now. */
  readonly oldLogProbs?: readonly number[];
  /** ln p without the adapter. Absent: worked out where beta asks for it. */
  readonly refLogProbs?: readonly number[];
  /** The completion was cut at its length limit. Default false. */
  readonly isTruncated?: boolean;
  /** Who speaks; rows without a role are always trained. */
  readonly role?: 'agent1' | 'agent2';
  /** Rows of equal number share one prompt and persona pair. Default: all one group. */
  readonly groupId?: number;
}

/** 'sft' is the supervised loss: minus the mean log-probability of the tokens that count. */
export const LOSS_TYPES = ['grpo', 'bnpo', 'dr_grpo', 'dapo', 'cispo', 'sapo', 'luspo', 'vespo', 'sft'] as const;
export type LossType = (typeof LOSS_TYPES)[number];

export type LrSchedulerType = 'constant' | 'constant_with_warmup' | 'linear' | 'cosine';

/** Names and meanings are TRL's `GRPOConfig`'s, unless said otherwise. */
export interface TrainingSettings {
  readonly lossType: LossType;
  readonly epsilon: number;
  readonly epsilonHigh: number;
  /** Upper clip of the ratio; null: none. */
  readonly delta: number | null;
  readonly beta: number;
  readonly useBiasCorrectionKl: boolean;
  readonly importanceSamplingLevel: 'token' | 'sequence';
  readonly temperature: number;
  readonly maxCompletionLength: number;
  readonly maskTruncatedCompletions: boolean;
  /** Whose tokens count: the first speaker's, whose opponent is a frozen copy, or both speakers'. Ours, not TRL's. */
  readonly trainRoles: 'agent1' | 'both';
  readonly scaleRewards: 'group' | 'batch' | 'none';
  /** What one sum of the 'dapo' family is divided by: tokens of the whole batch (TRL) or of each group (the paper). */
  readonly normalizeOver: 'batch' | 'group';
  readonly sapoTemperaturePos: number;
  readonly sapoTemperatureNeg: number;
  /** Parts into which TRL would cut the batch; each has its own normaliser where the loss type has a local one. */
  readonly gradientAccumulationSteps: number;
  /** Updates made from one batch of rollouts. */
  readonly numIterations: number;
  readonly learningRate: number;
  readonly lrSchedulerType: LrSchedulerType;
  readonly warmupSteps: number;
  /** Steps over which a schedule falls to 0. */
  readonly maxSteps: number;
  /** Null: no clipping. */
  readonly maxGradNorm: number | null;
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly adamEpsilon: number;
  readonly weightDecay: number;
  /** Keep a layer's input only, and compute the rest again on the way back. Same numbers, less memory, more time. */
  readonly gradientCheckpointing: boolean;
  /** Tokens whose logits are held at once. */
  readonly logitChunkSize: number;
  /** Most tokens of one pass; a larger batch takes several. */
  readonly tokensPerPass: number;
  /** Most GPU bytes that training may take, adapter and moments included; null: whatever the device gives. */
  readonly memoryLimitBytes: number | null;
  /** Of the adapter's dropout, and of the order of examples. */
  readonly seed: number;
}

export const DEFAULT_TRAINING: TrainingSettings = {
  lossType: 'dapo',
  epsilon: 0.2,
  epsilonHigh: 0.2,
  delta: null,
  beta: 0,
  useBiasCorrectionKl: true,
  importanceSamplingLevel: 'token',
  temperature: 1,
  maxCompletionLength: 256,
  maskTruncatedCompletions: false,
  trainRoles: 'agent1',
  scaleRewards: 'group',
  normalizeOver: 'batch',
  sapoTemperaturePos: 1,
  sapoTemperatureNeg: 1.05,
  gradientAccumulationSteps: 1,
  numIterations: 1,
  learningRate: 1e-5,
  lrSchedulerType: 'constant',
  warmupSteps: 0,
  maxSteps: 100,
  maxGradNorm: 1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  weightDecay: 0,
  gradientCheckpointing: true,
  logitChunkSize: 64,
  tokensPerPass: 2048,
  memoryLimitBytes: null,
  seed: 0,
};

/** One row's tokens under the policy, [completion]. */
export interface RowLogProbs {
  /** ln p of each token under softmax(logits / temperature), in nats. */
  readonly logProbs: readonly number[];
  /** Entropy of that distribution, in nats. */
  readonly entropies: readonly number[];
}

export interface TensorNorm {
  /** As in adapter_model.safetensors. */
  readonly name: string;
  readonly l2: number;
}

/** A loss with its gradients, before clipping. */
export interface GradientReport {
  readonly loss: number;
  /** Over all tensors together. */
  readonly gradNorm: number;
  readonly tensorNorms: readonly TensorNorm[];
  /** TRL's names: 'entropy', 'kl', 'clip_ratio/low_mean', ... */
  readonly metrics: Readonly<Record<string, number>>;
  readonly rows: readonly RowLogProbs[];
  /** ln p without the adapter, [rows][completion]; empty unless beta asked for them. */
  readonly refLogProbs: readonly (readonly number[])[];
  /** d loss / d ln p, [rows][completion]. */
  readonly logProbGradients: readonly (readonly number[])[];
}

export interface StepReport extends GradientReport {
  /** Updates made so far, this one included. */
  readonly step: number;
  readonly learningRate: number;
  /** What gradients were multiplied by: 1 unless clipped. */
  readonly clipCoefficient: number;
  readonly stepMs: number;
}

/** A tensor of an adapter or of the optimiser's state, in Hugging Face's row order. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}
