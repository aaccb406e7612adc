/**
 * The transformer's shape from an MLC folder's `mlc-chat-config.json`.
 *
 * @see mlc_llm: interface/gen_config.py, and the config classes of model/llama, model/qwen2 and model/qwen3
 */
import { z } from 'zod';
import type { ModelConfig, RopeScaling } from '@/engine/model/model-config.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import { firstIssue } from './mlc-index.ts';

export const MLC_CONFIG_NAME = 'mlc-chat-config.json';

export const MLC_QUANTIZATIONS = ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32'] as const;
const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const;

const DEFAULT_ROPE_THETA = 10_000;
/** Columns and heads are packed in steps of eight. */
const SIZE_STEP = 8;
/** A choice, well above the largest models; keeps a damaged count from being believed. */
const MAX_LAYERS = 1024;

const countSchema = z.int().min(1);
const positiveSchema = z.number().positive();
/** MLC writes 0 where a value is to follow from others. */
const derivedSchema = z.int().min(0).nullish();

const ropeScalingSchema = z.object({
  rope_type: z.string().nullish(),
  factor: positiveSchema.optional(),
  low_freq_factor: positiveSchema.optional(),
  high_freq_factor: positiveSchema.optional(),
  original_max_position_embeddings: countSchema.optional(),
});

const modelSchema = z.object({
  hidden_size: countSchema,
  intermediate_size: countSchema,
  num_attention_heads: countSchema,
  num_hidden_layers: countSchema.max(MAX_LAYERS),
  num_key_value_heads: derivedSchema,
  head_dim: derivedSchema,
  rms_norm_eps: positiveSchema,
  vocab_size: countSchema,
  tie_word_embeddings: z.boolean().optional(),
  attention_bias: z.boolean().optional(),
  hidden_act: z.string().optional(),
  position_embedding_base: z.number().min(0).nullish(),
  rope_theta: positiveSchema.nullish(),
  rope_scaling: ropeScalingSchema.nullish(),
  context_window_size: z.int().nullish(),
  max_position_embeddings: z.int().nullish(),
  sliding_window_size: z.int().nullish(),
  tensor_parallel_shards: z.int().nullish(),
});

/** Ids, of which some configurations have one without a list. */
const idsSchema = z
  .union([z.array(z.int().min(0)).max(256), z.int().min(0).transform((id) => [id])])
  .nullish();

const chatSchema = z.object({
  model_type: z.string(),
  quantization: z.string(),
  model_config: modelSchema,
  vocab_size: countSchema.nullish(),
  active_vocab_size: countSchema.nullish(),
  context_window_size: z.int().nullish(),
  bos_token_id: z.int().min(0).nullish(),
  eos_token_id: idsSchema,
  conv_template: z
    .object({
      system_template: z.string().nullish(),
      system_message: z.string().nullish(),
      roles: z.object({ user: z.string(), assistant: z.string() }).nullish(),
      role_content_sep: z.string().nullish(),
      role_empty_sep: z.string().nullish(),
      seps: z.array(z.string()).nullish(),
      stop_token_ids: idsSchema,
    })
    .nullish()
    // An old configuration names a template that web-llm knew by heart.
    .or(z.string().transform(() => null)),
});

type ModelFields = z.infer<typeof modelSchema>;

export type MlcConvTemplate = NonNullable<z.infer<typeof chatSchema>['conv_template']>;

export interface MlcConfig {
  readonly model: ModelConfig;
  readonly quantization: (typeof MLC_QUANTIZATIONS)[number];
  /** Ids that the tokenizer knows; the model's further rows are padding. Null if the file does not say. */
  readonly activeVocabSize: number | null;
  /** Every id that ends a turn; may be empty. */
  readonly stopTokenIds: readonly number[];
  readonly conversation: MlcConvTemplate | null;
}

/**
 * @param json  of the file, parsed
 * @throws {Failure} 'unsupportedModel' for another architecture, quantisation or variant, listing what is supported;
 *                   'invalidFile' naming the field that is missing or wrong
 */
export function parseMlcConfig(json: unknown): MlcConfig {
  checkKind(json);
  const parsed = chatSchema.safeParse(json);
  if (!parsed.success) throw firstIssue(MLC_CONFIG_NAME, parsed.error);
  const chat = parsed.data;
  const architecture = oneOf(ARCHITECTURES, 'model_type', chat.model_type);
  const fields = chat.model_config;
  checkVariants(fields);
  const model: ModelConfig = {
    architecture,
    hiddenSize: size('hidden_size', fields.hidden_size),
    intermediateSize: size('intermediate_size', fields.intermediate_size),
    numHiddenLayers: fields.num_hidden_layers,
    numAttentionHeads: fields.num_attention_heads,
    numKeyValueHeads: keyValueHeadsOf(fields),
    headDim: size('head_dim', positiveOr(fields.head_dim, fields.hidden_size / fields.num_attention_heads)),
    vocabSize: fields.vocab_size,
    rmsNormEps: fields.rms_norm_eps,
    ropeTheta: positiveOr(fields.position_embedding_base, fields.rope_theta ?? DEFAULT_ROPE_THETA),
    ropeScaling: ropeScalingOf(fields),
    tieWordEmbeddings: fields.tie_word_embeddings ?? false,
    // In MLC's code a qwen2 model always has biases and a llama model never, whatever the file says.
    hasAttentionBias: architecture === 'qwen2' || (architecture === 'qwen3' && fields.attention_bias === true),
    hasQkNorm: architecture === 'qwen3',
    maxContextLength: contextLengthOf(fields, chat.context_window_size),
  };
  checkVocabulary(model, chat.vocab_size, chat.active_vocab_size);
  return {
    model,
    quantization: oneOf(MLC_QUANTIZATIONS, 'quantization', chat.quantization),
    activeVocabSize: chat.active_vocab_size ?? null,
    stopTokenIds: [...new Set([...(chat.conv_template?.stop_token_ids ?? []), ...(chat.eos_token_id ?? [])])],
    conversation: chat.conv_template ?? null,
  };
}

/** First of all: other architectures have other fields, and would be called damaged. */
function checkKind(json: unknown): void {
  const kind = z.object({ model_type: z.string(), quantization: z.string() }).safeParse(json);
  if (!kind.success) throw firstIssue(MLC_CONFIG_NAME, kind.error);
  oneOf(ARCHITECTURES, 'model_type', kind.data.model_type);
  oneOf(MLC_QUANTIZATIONS, 'quantization', kind.data.quantization);
}

function oneOf<T extends string>(known: readonly T[], field: string, value: string): T {
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  throw unsupportedModel(
    MLC_CONFIG_NAME,
    field,
    `"${value.slice(0, 40)}" is not supported (supported are ${known.join(', ')})`,
  );
}

function size(field: string, value: number): number {
  if (Number.isInteger(value) && value % SIZE_STEP === 0) return value;
  throw unsupported(field, `${value} is no multiple of ${SIZE_STEP}`);
}

function positiveOr(value: number | null | undefined, fallback: number): number {
  return value !== null && value !== undefined && value > 0 ? value : fallback;
}

function keyValueHeadsOf(fields: ModelFields): number {
  const numHeads = fields.num_attention_heads;
  const numKeyValueHeads = positiveOr(fields.num_key_value_heads, numHeads);
  if (numHeads % numKeyValueHeads !== 0)
    throw invalid('num_key_value_heads', `${numHeads} heads cannot share ${numKeyValueHeads}`);
  return numKeyValueHeads;
}

/** Variants that the forward does not compute, or whose rows stand in another order: they would only give wrong text. */
function checkVariants(fields: ModelFields): void {
  const { tensor_parallel_shards: numParts, sliding_window_size: window, hidden_act: activation } = fields;
  if (positiveOr(numParts, 1) !== 1)
    throw unsupported('tensor_parallel_shards', `weights for ${numParts} devices are not supported (1 is)`);
  if (positiveOr(window, 0) !== 0)
    throw unsupported('sliding_window_size', `a sliding window of ${window} tokens is not supported`);
  if (activation !== undefined && activation !== 'silu')
    throw unsupported('hidden_act', `"${activation.slice(0, 40)}" is not supported (silu is)`);
}

/** MLC drops a scaling without a type, and so do its compiled models. */
function ropeScalingOf({ rope_scaling: scaling }: ModelFields): RopeScaling {
  switch (scaling?.rope_type) {
    case undefined:
    case null:
    case 'default':
      return { kind: 'none' };
    case 'llama3':
      return {
        kind: 'llama3',
        factor: required('factor', scaling.factor),
        lowFreqFactor: required('low_freq_factor', scaling.low_freq_factor),
        highFreqFactor: required('high_freq_factor', scaling.high_freq_factor),
        originalContextLength: required('original_max_position_embeddings', scaling.original_max_position_embeddings),
      };
    default:
      throw unsupported('rope_scaling.rope_type', `"${scaling.rope_type.slice(0, 40)}" is not supported (llama3 is)`);
  }
}

function required(field: string, value: number | undefined): number {
  if (value === undefined) throw invalid(`rope_scaling.${field}`, 'the field is missing');
  return value;
}

/** What the model was made for; the outer field may be a smaller default of the page. */
function contextLengthOf(fields: ModelFields, outer: number | null | undefined): number {
  const inner = positiveOr(fields.context_window_size, positiveOr(fields.max_position_embeddings, 0));
  const length = positiveOr(inner, positiveOr(outer, 0));
  if (length === 0) throw invalid('context_window_size', 'a positive number was expected');
  return length;
}

function checkVocabulary(
  { vocabSize }: ModelConfig,
  outer: number | null | undefined,
  active: number | null | undefined,
): void {
  if (outer !== null && outer !== undefined && outer !== vocabSize)
    throw invalidFile(MLC_CONFIG_NAME, 'vocab_size', `${outer} differs from ${vocabSize} in model_config`);
  if (active !== null && active !== undefined && active > vocabSize)
    throw invalidFile(MLC_CONFIG_NAME, 'active_vocab_size', `${active} is more than vocab_size, ${vocabSize}`);
}

function invalid(field: string, problem: string): Error {
  return invalidFile(MLC_CONFIG_NAME, `model_config.${field}`, problem);
}

function unsupported(field: string, problem: string): Error {
  return unsupportedModel(MLC_CONFIG_NAME, `model_config.${field}`, problem);
}
