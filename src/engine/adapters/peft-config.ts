/** PEFT's adapter_config.json. What would change an adapter's meaning and is not implemented is refused by name. */
import { z } from 'zod';
import { LORA_TARGETS, type LoraConfig, type LoraTarget } from '@/protocol/training.ts';
import { invalidAdapter } from './invalid-adapter.ts';

const MAX_RANK = 64;
const RETRAIN = 'Train the adapter without it and save it again.';

/** Of the ways to begin, those that leave the base model as it is; PiSSA, OLoRA and others change its weights. */
const PLAIN_STARTS: readonly unknown[] = [undefined, null, true, false, 'gaussian', 'eva', 'orthogonal'];

type Fields = Readonly<Record<string, unknown>>;

/** Fields that must be absent, null, false or empty, and what to do if they are not. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  rank_pattern: 'Train the adapter with one rank for all modules.',
  alpha_pattern: 'Train the adapter with one lora_alpha for all modules.',
  modules_to_save: 'Train the adapter without modules_to_save, so that it holds LoRA matrices only.',
  fan_in_fan_out: 'Save the adapter for a model of Linear layers, with fan_in_fan_out false.',
  layers_to_transform: 'Train the adapter on all layers.',
  layers_pattern: 'Train the adapter on all layers.',
  layer_replication: 'Train the adapter on the model as it is, without repeated layers.',
  exclude_modules: 'Name the modules in target_modules instead.',
  target_parameters: 'Name modules in target_modules instead.',
  trainable_token_indices: 'Train the adapter without it, so that it holds LoRA matrices only.',
  lora_bias: RETRAIN,
  alora_invocation_tokens: RETRAIN,
  arrow_config: RETRAIN,
  kasa_config: RETRAIN,
  velora_config: RETRAIN,
  monteclora_config: RETRAIN,
};

const objectSchema = z.record(z.string(), z.unknown());
const rankSchema = z.int().min(1).max(MAX_RANK);
const alphaSchema = z.number().positive();
const dropoutSchema = z.number().min(0).lt(1).nullish();
const flagSchema = z.boolean().nullish();
const nameSchema = z.string().nullish();

export interface PeftConfig {
  readonly config: LoraConfig;
  /** base_model_name_or_path. */
  readonly baseModelName: string | null;
}

/**
 * Reads adapter_config.json; fields without influence on the adapter's meaning are ignored.
 *
 * @param fileName  for messages
 * @throws {Failure} invalidAdapter, with the field and what to do
 */
export function parsePeftConfig(text: string, fileName: string): PeftConfig {
  const fields = parseObject(text, fileName);
  refuseUnsupported(fields, fileName);
  const take = <T>(field: string, schema: z.ZodType<T>, wanted: string): T => {
    const parsed = schema.safeParse(fields[field]);
    if (parsed.success) return parsed.data;
    throw invalidAdapter(fileName, `${field} is ${show(fields[field])}; it must be ${wanted}.`);
  };
  return {
    config: {
      r: take('r', rankSchema, `a whole number from 1 to ${MAX_RANK}. Train the adapter with such a rank`),
      loraAlpha: take('lora_alpha', alphaSchema, 'a number above 0. Correct it or save the adapter again'),
      loraDropout: take('lora_dropout', dropoutSchema, 'a number from 0 to below 1. Correct it') ?? 0,
      useRslora: take('use_rslora', flagSchema, 'true or false. Correct it') ?? false,
      targetModules: targetsOf(fields['target_modules'], fileName),
    },
    baseModelName: take('base_model_name_or_path', nameSchema, 'a text. Correct it') ?? null,
  };
}

function refuseUnsupported(fields: Fields, fileName: string): void {
  const refuse = (field: string, remedy: string): Error =>
    invalidAdapter(fileName, `${field} is ${show(fields[field])}, which Duet does not support. ${remedy}`);
  if (fields['peft_type'] !== 'LORA') throw refuse('peft_type', 'Choose an adapter of peft_type "LORA".');
  for (const [field, remedy] of Object.entries(UNSUPPORTED)) if (!isOff(fields[field])) throw refuse(field, remedy);
  // use_dora, use_qalora and what later versions may add.
  for (const [field, value] of Object.entries(fields))
    if (field.startsWith('use_') && field !== 'use_rslora' && !isOff(value)) throw refuse(field, RETRAIN);
  if (!isOff(fields['bias']) && fields['bias'] !== 'none') throw refuse('bias', 'Train the adapter with bias "none".');
  if (!PLAIN_STARTS.includes(fields['init_lora_weights']))
    throw refuse(
      'init_lora_weights',
      'It begins with changed base weights: save it with path_initial_model_for_weight_conversion, which makes it a plain adapter.',
    );
}

function parseObject(text: string, fileName: string): Fields {
  try {
    return objectSchema.parse(JSON.parse(text));
  } catch {
    throw invalidAdapter(
      fileName,
      'This is not a JSON object. Choose the adapter_config.json that save_pretrained wrote.',
    );
  }
}

function targetsOf(value: unknown, fileName: string): LoraTarget[] {
  const known = LORA_TARGETS.join(', ');
  if (typeof value === 'string')
    throw invalidAdapter(
      fileName,
      `target_modules is the pattern ${show(value)}. Replace it by the list of the modules that it stands for, out of ${known}.`,
    );
  if (!Array.isArray(value) || value.length === 0)
    throw invalidAdapter(fileName, `target_modules names no module. It must be a list out of ${known}.`);
  const names: readonly unknown[] = LORA_TARGETS;
  const unknown = value.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw invalidAdapter(
      fileName,
      `target_modules has ${unknown.slice(0, 3).map(show).join(', ')}, which Duet cannot adapt. Train the adapter on modules out of ${known}.`,
    );
  return LORA_TARGETS.filter((target) => value.includes(target));
}

/** Absent, null, false, or an empty list, object or text. */
function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A value for a message: short. */
function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * Writes adapter_config.json: what PEFT's `save_pretrained` writes, without fields of other methods.
 *
 * @param baseModelName  base_model_name_or_path
 */
export function formatPeftConfig(config: LoraConfig, baseModelName: string): string {
  const fields = {
    base_model_name_or_path: baseModelName,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: config.loraAlpha,
    lora_dropout: config.loraDropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: config.r,
    target_modules: config.targetModules.toSorted(),
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: config.useRslora,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}
