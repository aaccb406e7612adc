/** Hugging Face's `config.json` as a model's shape. */
import { z } from 'zod';
import type { Architecture, ModelConfig, RopeScaling } from '@/engine/model/model-config.ts';
import { firstFault, isJsonObject } from './folder-json.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import { ARCHITECTURES, checkHeads, DEFAULT_ROPE_THETA, SIZE_STEP } from './model-sizes.ts';

const positive = z.number().positive();
const count = z.int().min(1);
const size = count.multipleOf(SIZE_STEP);
const flag = z.boolean().nullish();

/** Also what a `rope_scaling` of other files holds. Numbers under names that are not listed change nothing. */
const ropeSchema = z.looseObject({
  rope_type: z.string().nullish(),
  /** The name before `rope_type`. */
  type: z.string().nullish(),
  rope_theta: positive.nullish(),
  factor: positive.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  original_max_position_embeddings: count.nullish(),
  partial_rotary_factor: z.number().nullish(),
});
type RopeParameters = z.infer<typeof ropeSchema>;

const configSchema = z.looseObject({
  model_type: z.string(),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  vocab_size: count,
  max_position_embeddings: count,
  hidden_act: z.string().nullish(),
  rms_norm_eps: positive.nullish(),
  rope_theta: positive.nullish(),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
  partial_rotary_factor: z.number().nullish(),
  tie_word_embeddings: flag,
  attention_bias: flag,
  mlp_bias: flag,
  use_sliding_window: flag,
  layer_types: z.array(z.string()).nullish(),
});
type HfConfig = z.infer<typeof configSchema>;

/** Of the three architectures' classes in transformers. */
const DEFAULT_RMS_NORM_EPS = 1e-6;
/** Qwen3's class does not derive it from the hidden size. */
const DEFAULT_QWEN3_HEAD_DIM = 128;

const NAMES = {
  numKeyValueHeads: 'num_key_value_heads',
  headDim: 'head_dim',
  numHiddenLayers: 'num_hidden_layers',
} as const;

type Fault = (field: string, problem: string) => Error;
interface Faults {
  readonly invalid: Fault;
  readonly unsupported: Fault;
}

/**
 * Reads and checks a configuration in Hugging Face's names; what is missing has transformers' default.
 *
 * @param json      untrusted
 * @param fileName  for messages
 * @param parent    in front of the fields' names in messages, for a file that holds this object in another one
 * @throws {Failure} 'unsupportedModel' for another architecture or a variant that the forward does not compute;
 *                   'invalidFile' for a field that is missing or wrong; both name file and field
 */
export function readHfConfig(json: unknown, fileName: string, parent = ''): ModelConfig {
  const faults: Faults = {
    invalid: (field, problem) => invalidFile(fileName, parent + field, problem),
    unsupported: (field, problem) => unsupportedModel(fileName, parent + field, problem),
  };
  const hf = parseConfig(json, faults);
  const architecture = architectureOf(hf, faults);
  checkVariants(hf, architecture, faults);
  const config: ModelConfig = {
    architecture,
    hiddenSize: hf.hidden_size,
    intermediateSize: hf.intermediate_size,
    numHiddenLayers: hf.num_hidden_layers,
    numAttentionHeads: hf.num_attention_heads,
    numKeyValueHeads: hf.num_key_value_heads ?? hf.num_attention_heads,
    headDim: headDimOf(hf, architecture),
    vocabSize: hf.vocab_size,
    rmsNormEps: hf.rms_norm_eps ?? DEFAULT_RMS_NORM_EPS,
    ...ropeOf(hf, faults),
    tieWordEmbeddings: hf.tie_word_embeddings ?? false,
    hasAttentionBias: architecture === 'qwen2',
    hasQkNorm: architecture === 'qwen3',
    maxContextLength: hf.max_position_embeddings,
  };
  checkHeads(config, {
    invalid: (field, problem) => faults.invalid(NAMES[field], problem),
    unsupported: (field, problem) => faults.unsupported(NAMES[field], problem),
  });
  return config;
}

function parseConfig(json: unknown, { invalid }: Faults): HfConfig {
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field, problem } = firstFault(parsed.error);
  throw invalid(field, problem);
}

function architectureOf({ model_type: type }: HfConfig, { unsupported }: Faults): Architecture {
  const architecture = ARCHITECTURES.find((known) => known === type);
  if (architecture === undefined)
    throw unsupported('model_type', `"${type}" is not supported (supported are ${ARCHITECTURES.join(', ')})`);
  return architecture;
}

function headDimOf(hf: HfConfig, architecture: Architecture): number {
  if (hf.head_dim !== null && hf.head_dim !== undefined) return hf.head_dim;
  return architecture === 'qwen3' ? DEFAULT_QWEN3_HEAD_DIM : hf.hidden_size / hf.num_attention_heads;
}

/** Variants that the forward does not compute: refused, since they would only give wrong text. */
function checkVariants(hf: HfConfig, architecture: Architecture, { unsupported }: Faults): void {
  const act = hf.hidden_act ?? 'silu';
  if (act !== 'silu') throw unsupported('hidden_act', `"${act}" is not supported ("silu" is)`);
  if (hf.mlp_bias === true) throw unsupported('mlp_bias', 'biases of the MLP are not supported');
  // Qwen2 has biases of q, k and v whatever this field says; in the others it means one of the output too.
  if (hf.attention_bias === true && architecture !== 'qwen2')
    throw unsupported('attention_bias', 'a bias of the attention output is not supported');
  checkAttention(hf, unsupported);
  if (isJsonObject(hf['quantization_config']))
    throw unsupported(
      'quantization_config',
      'these weights are quantised in a way that is not supported; take the folder of the original model',
    );
}

function checkAttention(hf: HfConfig, unsupported: Fault): void {
  if (hf.use_sliding_window === true) throw unsupported('use_sliding_window', 'sliding windows are not supported');
  const layerType = hf.layer_types?.find((type) => type !== 'full_attention');
  if (layerType !== undefined)
    throw unsupported('layer_types', `"${layerType}" is not supported ("full_attention" is)`);
  for (const part of [hf, hf.rope_scaling, hf.rope_parameters]) {
    const factor = part?.partial_rotary_factor ?? 1;
    if (factor !== 1)
      throw unsupported('partial_rotary_factor', `a rotated part of ${factor} is not supported; only all can be`);
  }
}

/** transformers writes `rope_parameters` now and reads `rope_scaling` first, its name before. */
function ropeOf(hf: HfConfig, faults: Faults): Pick<ModelConfig, 'ropeTheta' | 'ropeScaling'> {
  const [field, rope] = hf.rope_scaling
    ? (['rope_scaling', hf.rope_scaling] as const)
    : (['rope_parameters', hf.rope_parameters ?? {}] as const);
  return {
    ropeTheta: rope.rope_theta ?? hf.rope_theta ?? DEFAULT_ROPE_THETA,
    ropeScaling: ropeScalingOf(rope, field, faults),
  };
}

/** @see modeling_rope_utils.py of transformers */
function ropeScalingOf(rope: RopeParameters, field: string, { invalid, unsupported }: Faults): RopeScaling {
  const required = (name: keyof RopeParameters): number => {
    const value = rope[name];
    if (typeof value !== 'number') throw invalid(`${field}.${name}`, 'a number is needed for this rope_type');
    return value;
  };
  if (Object.values(rope).some(isJsonObject))
    throw unsupported(field, 'different rotations per kind of layer are not supported');
  const type = rope.rope_type ?? rope.type ?? 'default';
  switch (type) {
    case 'default':
    case 'none':
      return { kind: 'none' };
    case 'linear': {
      const factor = required('factor');
      return factor === 1 ? { kind: 'none' } : { kind: 'linear', factor };
    }
    case 'llama3':
      return {
        kind: 'llama3',
        factor: required('factor'),
        lowFreqFactor: required('low_freq_factor'),
        highFreqFactor: required('high_freq_factor'),
        originalContextLength: required('original_max_position_embeddings'),
      };
    default:
      throw unsupported(`${field}.rope_type`, `"${type}" is not supported (default, linear and llama3 are)`);
  }
}
