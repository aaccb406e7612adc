/** The transformer's shape from a GGUF file's metadata, checked against its tensors. */
import type { Architecture, ModelConfig, RopeScaling } from '@/engine/model/model-config.ts';
import type { GgufModel } from './gguf.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import { checkTensors } from './gguf-tensors.ts';
import { ARCHITECTURES, checkHeads, DEFAULT_ROPE_THETA, SIZE_STEP } from './model-sizes.ts';

/** Keys of the counts that are checked together. */
const HEAD_KEYS = {
  numKeyValueHeads: 'attention.head_count_kv',
  headDim: 'attention.key_length',
  numHiddenLayers: 'block_count',
} as const;

/**
 * Reads and checks a model's configuration.
 *
 * @throws {Failure} 'unsupportedModel' for another architecture, RoPE variant or unknown tensors, listing what is
 *                   supported; 'invalidFile' naming the key or tensor that is missing or of the wrong shape
 */
export async function modelConfigOf(gguf: GgufModel): Promise<ModelConfig> {
  const fields = new Fields(gguf, architectureOf(gguf));
  const hiddenSize = fields.size('embedding_length');
  const numAttentionHeads = fields.count('attention.head_count');
  const numKeyValueHeads = fields.optionalCount('attention.head_count_kv') ?? numAttentionHeads;
  const headDim = fields.optionalCount('attention.key_length') ?? hiddenSize / numAttentionHeads;
  const config: ModelConfig = {
    architecture: fields.architecture,
    hiddenSize,
    intermediateSize: fields.size('feed_forward_length'),
    numHiddenLayers: fields.count('block_count'),
    numAttentionHeads,
    numKeyValueHeads,
    headDim,
    vocabSize: gguf.tensor('token_embd.weight').shape[0] ?? 0,
    rmsNormEps: fields.positive('attention.layer_norm_rms_epsilon'),
    ropeTheta: fields.optionalPositive('rope.freq_base') ?? DEFAULT_ROPE_THETA,
    ropeScaling: await ropeScalingOf(gguf, fields, headDim),
    tieWordEmbeddings: !gguf.tensors.has('output.weight'),
    hasAttentionBias: gguf.tensors.has('blk.0.attn_q.bias'),
    hasQkNorm: gguf.tensors.has('blk.0.attn_q_norm.weight'),
    maxContextLength: fields.count('context_length'),
  };
  checkHeads(config, {
    invalid: (field, problem) => fields.invalid(HEAD_KEYS[field], problem),
    unsupported: (field, problem) => fields.unsupported(HEAD_KEYS[field], problem),
  });
  checkVariants(config, fields);
  checkTensors(gguf, config);
  return config;
}

function architectureOf(gguf: GgufModel): Architecture {
  const name = gguf.metadata.get('general.architecture');
  if (typeof name !== 'string') throw invalidFile(gguf.fileName, 'general.architecture', 'the key is missing');
  const architecture = ARCHITECTURES.find((known) => known === name);
  if (architecture === undefined)
    throw unsupportedModel(
      gguf.fileName,
      'general.architecture',
      `"${name}" is not supported (supported are ${ARCHITECTURES.join(', ')})`,
    );
  return architecture;
}

/** Variants of the architectures that the forward does not compute: refused, since they would only give wrong text. */
function checkVariants({ headDim }: ModelConfig, fields: Fields): void {
  const rotated = fields.optionalCount('rope.dimension_count') ?? headDim;
  if (rotated !== headDim)
    throw fields.unsupported(
      'rope.dimension_count',
      `${rotated} of ${headDim} dimensions are rotated; only all can be`,
    );
  const valueLength = fields.optionalCount('attention.value_length') ?? headDim;
  if (valueLength !== headDim)
    throw fields.unsupported('attention.value_length', `${valueLength} differs from the key length ${headDim}`);
  const numExperts = fields.number('expert_count') ?? 0;
  if (numExperts !== 0) throw fields.unsupported('expert_count', 'mixtures of experts are not supported');
}

async function ropeScalingOf(gguf: GgufModel, fields: Fields, headDim: number): Promise<RopeScaling> {
  const declared = declaredScaling(fields);
  if (!gguf.tensors.has('rope_freqs.weight')) return declared;
  if (declared.kind !== 'none')
    throw fields.unsupported(
      'rope.scaling.type',
      `"${declared.kind}" together with rope_freqs.weight is not supported`,
    );
  const factors = await gguf.readTensorAsF32('rope_freqs.weight');
  if (factors.length !== headDim / 2)
    throw invalidFile(gguf.fileName, 'tensor "rope_freqs.weight"', `${factors.length} values, not ${headDim / 2}`);
  if (!factors.every((factor) => Number.isFinite(factor) && factor > 0))
    throw invalidFile(gguf.fileName, 'tensor "rope_freqs.weight"', 'a divisor is not a positive number');
  return { kind: 'factors', factors };
}

function declaredScaling(fields: Fields): RopeScaling {
  // Files from before `rope.scaling` name a linear factor directly.
  const oldFactor = fields.optionalPositive('rope.scale_linear') ?? 1;
  const type = fields.text('rope.scaling.type') ?? (oldFactor === 1 ? 'none' : 'linear');
  switch (type) {
    case 'none':
      return { kind: 'none' };
    case 'linear': {
      const factor = fields.optionalPositive('rope.scaling.factor') ?? oldFactor;
      return factor === 1 ? { kind: 'none' } : { kind: 'linear', factor };
    }
    case 'llama3':
      return {
        kind: 'llama3',
        factor: fields.positive('rope.scaling.factor'),
        lowFreqFactor: fields.positive('rope.scaling.low_freq_factor'),
        highFreqFactor: fields.positive('rope.scaling.high_freq_factor'),
        originalContextLength: fields.count('rope.scaling.original_context_length'),
      };
    default:
      throw fields.unsupported('rope.scaling.type', `"${type}" is not supported (none, linear and llama3 are)`);
  }
}

/** Metadata keys under the architecture's prefix, with their types checked. */
class Fields {
  readonly architecture: Architecture;
  readonly #gguf: GgufModel;

  constructor(gguf: GgufModel, architecture: Architecture) {
    this.#gguf = gguf;
    this.architecture = architecture;
  }

  number(key: string): number | undefined {
    const value = this.#gguf.metadata.get(`${this.architecture}.${key}`);
    if (value === undefined || typeof value === 'number') return value;
    if (typeof value === 'object') throw this.unsupported(key, 'different values per layer are not supported');
    throw this.invalid(key, 'a number was expected');
  }

  text(key: string): string | undefined {
    const value = this.#gguf.metadata.get(`${this.architecture}.${key}`);
    if (value === undefined || typeof value === 'string') return value;
    throw this.invalid(key, 'text was expected');
  }

  optionalPositive(key: string): number | undefined {
    const value = this.number(key);
    if (value !== undefined && !(Number.isFinite(value) && value > 0))
      throw this.invalid(key, `a positive number was expected, not ${value}`);
    return value;
  }

  positive(key: string): number {
    return this.optionalPositive(key) ?? this.#missing(key);
  }

  optionalCount(key: string): number | undefined {
    const value = this.optionalPositive(key);
    if (value !== undefined && !Number.isSafeInteger(value))
      throw this.invalid(key, `a whole number was expected, not ${value}`);
    return value;
  }

  count(key: string): number {
    return this.optionalCount(key) ?? this.#missing(key);
  }

  /** A width of matrices. */
  size(key: string): number {
    const value = this.count(key);
    if (value % SIZE_STEP !== 0) throw this.unsupported(key, `${value} is no multiple of ${SIZE_STEP}`);
    return value;
  }

  invalid(key: string, problem: string): Error {
    return invalidFile(this.#gguf.fileName, `${this.architecture}.${key}`, problem);
  }

  unsupported(key: string, problem: string): Error {
    return unsupportedModel(this.#gguf.fileName, `${this.architecture}.${key}`, problem);
  }

  #missing(key: string): never {
    throw this.invalid(key, 'the key is missing');
  }
}
