/**
 * The transformer's shape from an MLC folder's `mlc-chat-config.json`.
 *
 * @see mlc_llm: interface/gen_config.py, and the config classes of model/llama, model/qwen2 and model/qwen3
 */
import { z } from 'zod';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { firstFault } from './folder-json.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import { readHfConfig } from './hf-config.ts';
import { ARCHITECTURES } from './model-sizes.ts';

export const MLC_CONFIG_NAME = 'mlc-chat-config.json';

const MLC_QUANTIZATIONS = ['q4f16_1', 'q4f32_1', 'q0f16', 'q0f32'] as const;

/** MLC writes 0 where a value is to follow from others, -1 for none. */
const derivedSchema = z.number().nullish();

/** What MLC adds to Hugging Face's names; those are checked by hf-config.ts. */
const modelSchema = z.looseObject({
  hidden_size: z.unknown().optional(),
  num_attention_heads: z.unknown().optional(),
  num_key_value_heads: derivedSchema,
  head_dim: derivedSchema,
  position_embedding_base: derivedSchema,
  rope_theta: z.unknown().optional(),
  rope_scaling: z.looseObject({ rope_type: z.unknown().optional() }).nullish(),
  context_window_size: derivedSchema,
  max_position_embeddings: derivedSchema,
  sliding_window_size: derivedSchema,
  tensor_parallel_shards: derivedSchema,
});

/** Ids, of which some configurations have one without a list. */
const idsSchema = z
  .union([
    z.array(z.int().min(0)).max(256),
    z
      .int()
      .min(0)
      .transform((id) => [id]),
  ])
  .nullish();

const chatSchema = z.object({
  model_type: z.string(),
  quantization: z.string(),
  model_config: modelSchema,
  vocab_size: z.int().min(1).nullish(),
  active_vocab_size: z.int().min(1).nullish(),
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
type ChatConfig = z.infer<typeof chatSchema>;

export type MlcConvTemplate = NonNullable<ChatConfig['conv_template']>;

export interface MlcConfig {
  readonly model: ModelConfig;
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
  if (!parsed.success) throw invalid(parsed.error);
  const chat = parsed.data;
  const { model_config: fields, conv_template: conversation } = chat;
  checkVariants(fields);
  const model = readHfConfig(hfFieldsOf(fields, chat), MLC_CONFIG_NAME, 'model_config.');
  checkVocabulary(model, chat.vocab_size, chat.active_vocab_size);
  return {
    model,
    stopTokenIds: [...new Set([...(conversation?.stop_token_ids ?? []), ...(chat.eos_token_id ?? [])])],
    conversation: conversation ?? null,
  };
}

/** The same object as Hugging Face's `config.json` would have it. */
function hfFieldsOf(fields: ModelFields, chat: Pick<ChatConfig, 'model_type' | 'context_window_size'>): unknown {
  const { rope_scaling: scaling, hidden_size: hiddenSize, num_attention_heads: numHeads } = fields;
  const derivedHeadDim =
    typeof hiddenSize === 'number' && typeof numHeads === 'number' ? hiddenSize / numHeads : undefined;
  return {
    ...fields,
    model_type: chat.model_type,
    num_key_value_heads: positiveOrNone(fields.num_key_value_heads),
    head_dim: positiveOrNone(fields.head_dim) ?? derivedHeadDim,
    rope_theta: positiveOrNone(fields.position_embedding_base) ?? fields.rope_theta,
    // MLC drops a scaling without this name of its type, and its compiled models compute none.
    rope_scaling: typeof scaling?.rope_type === 'string' ? scaling : undefined,
    max_position_embeddings: contextLengthOf(fields, chat.context_window_size),
  };
}

/** First of all: other architectures have other fields, and would be called damaged. */
function checkKind(json: unknown): void {
  const kind = z.object({ model_type: z.string(), quantization: z.string() }).safeParse(json);
  if (!kind.success) throw invalid(kind.error);
  oneOf(ARCHITECTURES, 'model_type', kind.data.model_type);
  oneOf(MLC_QUANTIZATIONS, 'quantization', kind.data.quantization);
}

function oneOf(known: readonly string[], field: string, value: string): void {
  if (!known.includes(value))
    throw unsupportedModel(
      MLC_CONFIG_NAME,
      field,
      `"${value.slice(0, 40)}" is not supported (supported are ${known.join(', ')})`,
    );
}

function positiveOrNone(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && value > 0 ? value : undefined;
}

/** Rows in another order, or a variant that the forward does not compute: both would give wrong text. */
function checkVariants({ tensor_parallel_shards: numParts, sliding_window_size: window }: ModelFields): void {
  if ((positiveOrNone(numParts) ?? 1) !== 1)
    throw unsupported('tensor_parallel_shards', `weights for ${numParts} devices are not supported (1 is)`);
  if (positiveOrNone(window) !== undefined)
    throw unsupported('sliding_window_size', `a sliding window of ${window} tokens is not supported`);
}

/** What the model was made for; the outer field may be a smaller default of the page. */
function contextLengthOf(fields: ModelFields, outer: number | null | undefined): number {
  const length =
    positiveOrNone(fields.context_window_size) ??
    positiveOrNone(fields.max_position_embeddings) ??
    positiveOrNone(outer);
  if (length === undefined)
    throw invalidFile(MLC_CONFIG_NAME, 'model_config.context_window_size', 'a positive number was expected');
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

function invalid(error: z.ZodError): Error {
  const { field, problem } = firstFault(error);
  return invalidFile(MLC_CONFIG_NAME, field, problem);
}

function unsupported(field: string, problem: string): Error {
  return unsupportedModel(MLC_CONFIG_NAME, `model_config.${field}`, problem);
}
