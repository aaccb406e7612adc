/** Reads a Hugging Face checkpoint (config.json and an F32 safetensors file) into the CPU oracle's model. */
import type { Architecture, ModelConfig } from '@/engine/model/model-config.ts';
import type { ReferenceLayerWeights, ReferenceModel } from '@/engine/model/forward.reference.ts';
import { readSafetensors } from './read-safetensors.ts';

/** The fields of config.json that the tiny models use. */
export interface CheckpointConfig {
  readonly model_type: string;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
  readonly tie_word_embeddings: boolean;
  readonly max_position_embeddings: number;
}

export function referenceModelFrom(checkpoint: CheckpointConfig, safetensors: Uint8Array): ReferenceModel {
  const tensors = readSafetensors(safetensors);
  const optional = (name: string): Float32Array | undefined => tensors.get(name)?.values;
  const required = (name: string): Float32Array => {
    const values = optional(name);
    if (values === undefined) throw new Error(`The checkpoint has no tensor "${name}".`);
    return values;
  };
  const layers = Array.from({ length: checkpoint.num_hidden_layers }, (_, l): ReferenceLayerWeights => {
    const layer = `model.layers.${l}.`;
    const attention = `${layer}self_attn.`;
    const qBias = optional(`${attention}q_proj.bias`);
    const kBias = optional(`${attention}k_proj.bias`);
    const vBias = optional(`${attention}v_proj.bias`);
    const qNorm = optional(`${attention}q_norm.weight`);
    const kNorm = optional(`${attention}k_norm.weight`);
    return {
      inputLayernorm: required(`${layer}input_layernorm.weight`),
      qProj: required(`${attention}q_proj.weight`),
      kProj: required(`${attention}k_proj.weight`),
      vProj: required(`${attention}v_proj.weight`),
      oProj: required(`${attention}o_proj.weight`),
      ...(qBias && { qBias }),
      ...(kBias && { kBias }),
      ...(vBias && { vBias }),
      ...(qNorm && { qNorm }),
      ...(kNorm && { kNorm }),
      postAttentionLayernorm: required(`${layer}post_attention_layernorm.weight`),
      gateProj: required(`${layer}mlp.gate_proj.weight`),
      upProj: required(`${layer}mlp.up_proj.weight`),
      downProj: required(`${layer}mlp.down_proj.weight`),
    };
  });
  const lmHead = optional('lm_head.weight');
  return {
    config: modelConfigFrom(checkpoint),
    weights: {
      embedTokens: required('model.embed_tokens.weight'),
      layers,
      norm: required('model.norm.weight'),
      ...(lmHead && { lmHead }),
    },
  };
}

function modelConfigFrom(checkpoint: CheckpointConfig): ModelConfig {
  const architecture = checkpoint.model_type as Architecture;
  return {
    architecture,
    hiddenSize: checkpoint.hidden_size,
    intermediateSize: checkpoint.intermediate_size,
    numHiddenLayers: checkpoint.num_hidden_layers,
    numAttentionHeads: checkpoint.num_attention_heads,
    numKeyValueHeads: checkpoint.num_key_value_heads,
    headDim: checkpoint.head_dim,
    vocabSize: checkpoint.vocab_size,
    rmsNormEps: checkpoint.rms_norm_eps,
    ropeTheta: checkpoint.rope_theta,
    ropeScaling: { kind: 'none' },
    tieWordEmbeddings: checkpoint.tie_word_embeddings,
    hasAttentionBias: architecture === 'qwen2',
    hasQkNorm: architecture === 'qwen3',
    maxContextLength: checkpoint.max_position_embeddings,
  };
}
