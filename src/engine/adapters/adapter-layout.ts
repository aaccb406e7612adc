/** Which tensors an adapter has, by PEFT's names, and what they are before training. */
import { fnv1a32 } from '@/lib/fnv1a.ts';
import { createRng } from '@/lib/rng.ts';
import { LORA_TARGETS, type LoraConfig, type LoraTarget, type NamedTensor } from '@/protocol/training.ts';
import { numElements } from '@/engine/loading/safetensors-header.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';

/** What of a model decides the shapes of its adapters. */
export type AdapterShape = Pick<
  ModelConfig,
  'numHiddenLayers' | 'hiddenSize' | 'intermediateSize' | 'numAttentionHeads' | 'numKeyValueHeads' | 'headDim'
>;

export interface Adapter {
  readonly config: LoraConfig;
  /** All tensors of `adapterLayout`, in its order. */
  readonly tensors: readonly NamedTensor[];
}

export interface AdapterTensor {
  /** As in adapter_model.safetensors. */
  readonly name: string;
  /** A: [r, in]; B: [out, r]. */
  readonly shape: readonly [rows: number, columns: number];
  readonly layer: number;
  readonly target: LoraTarget;
  readonly matrix: 'A' | 'B';
}

const MODULES: Readonly<Record<LoraTarget, string>> = {
  q_proj: 'self_attn.q_proj',
  k_proj: 'self_attn.k_proj',
  v_proj: 'self_attn.v_proj',
  o_proj: 'self_attn.o_proj',
  gate_proj: 'mlp.gate_proj',
  up_proj: 'mlp.up_proj',
  down_proj: 'mlp.down_proj',
};

/**
 * Tensors of an adapter: layer by layer, in each the modules in the order of `LORA_TARGETS`, of each A before B.
 */
export function adapterLayout(
  { r, targetModules }: Pick<LoraConfig, 'r' | 'targetModules'>,
  shape: AdapterShape,
): AdapterTensor[] {
  const targets = LORA_TARGETS.filter((target) => targetModules.includes(target));
  const features = featuresOf(shape);
  return Array.from({ length: shape.numHiddenLayers }, (_, layer) =>
    targets.flatMap((target): AdapterTensor[] => {
      const module = `base_model.model.model.layers.${layer}.${MODULES[target]}`;
      const [inputs, outputs] = features[target];
      return [
        { name: `${module}.lora_A.weight`, shape: [r, inputs], layer, target, matrix: 'A' },
        { name: `${module}.lora_B.weight`, shape: [outputs, r], layer, target, matrix: 'B' },
      ];
    }),
  ).flat();
}

/** PEFT's in_features and out_features of each module. */
function featuresOf(shape: AdapterShape): Readonly<Record<LoraTarget, readonly [inputs: number, outputs: number]>> {
  const { hiddenSize, intermediateSize, numAttentionHeads, numKeyValueHeads, headDim } = shape;
  const [queries, keys] = [numAttentionHeads * headDim, numKeyValueHeads * headDim];
  return {
    q_proj: [hiddenSize, queries],
    k_proj: [hiddenSize, keys],
    v_proj: [hiddenSize, keys],
    o_proj: [queries, hiddenSize],
    gate_proj: [hiddenSize, intermediateSize],
    up_proj: [hiddenSize, intermediateSize],
    down_proj: [intermediateSize, hiddenSize],
  };
}

/**
 * An adapter that changes nothing yet, as PEFT makes it: B zero, A Kaiming-uniform with a = sqrt(5),
 *
 *   A ~ U(-bound, bound),  bound = sqrt(6 / ((1 + a^2) in)) = 1 / sqrt(in)
 *
 * @param seed  any integer; each tensor draws from its own generator, so its values depend on seed and name only
 */
export function initialAdapter(config: LoraConfig, shape: AdapterShape, seed: number): Adapter {
  const tensors = adapterLayout(config, shape).map(({ name, shape: size, matrix }) => {
    const values = new Float32Array(numElements(size));
    if (matrix === 'A') {
      const rng = createRng(seed ^ fnv1a32(name));
      const bound = 1 / Math.sqrt(size[1]);
      for (let i = 0; i < values.length; i++) values[i] = bound * (2 * rng.uniform() - 1);
    }
    return { name, shape: size, values };
  });
  return { config, tensors };
}
