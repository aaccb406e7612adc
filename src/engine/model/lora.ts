/**
 * Where an adapter's tensors lie in one flat buffer of parameters. Modules that read the same input form a group: their
 * lora_A matrices stand one behind the other, so that one product gives all of them.
 *
 * Rows of lora_B are in Hugging Face's order. A module's results go to `place(o) = floor(o / 4) * tileStride + o % 4 +
 * yOffset` of the layer's result, which spells both plain rows and gate and up, whose tiles of four rows alternate.
 */
import { assertNever } from '@/lib/assert.ts';
import { adapterLayout } from '@/engine/adapters/adapter-layout.ts';
import type { AdapterTensor } from '@/engine/adapters/adapter-layout.ts';
import type { LoraConfig, LoraTarget } from '@/protocol/training.ts';
import type { ModelConfig } from './model-config.ts';

export type LoraInput = 'qkv' | 'o' | 'gateUp' | 'down';

/** Which input each module reads, in the order of its results. */
const INPUTS: Readonly<Record<LoraInput, readonly LoraTarget[]>> = {
  qkv: ['q_proj', 'k_proj', 'v_proj'],
  o: ['o_proj'],
  gateUp: ['gate_proj', 'up_proj'],
  down: ['down_proj'],
};

export interface LoraModule {
  readonly target: LoraTarget;
  /** Rows of lora_B [rows, r]. */
  readonly rows: number;
  /** First column of the group's lora_A results. */
  readonly aColumn: number;
  readonly bOffset: number;
  readonly tileStride: 4 | 8;
  readonly yOffset: number;
}

export interface LoraGroup {
  readonly input: LoraInput;
  /** Columns of lora_A [R, D]. */
  readonly D: number;
  /** Rank times the group's modules. */
  readonly R: number;
  readonly aOffset: number;
  /** f32 values between two tokens' results. */
  readonly yStride: number;
  readonly modules: readonly LoraModule[];
}

/** One tensor of adapter_model.safetensors and its place. */
export interface LoraTensor {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly offset: number;
  readonly length: number;
}

export interface LoraLayout {
  readonly rank: number;
  /** What B (A x) is multiplied by. */
  readonly scaling: number;
  readonly numValues: number;
  /** Per layer, only inputs with at least one module. */
  readonly layers: readonly Readonly<Partial<Record<LoraInput, LoraGroup>>>[];
  /** In PEFT's order: layers, targets, A before B. */
  readonly tensors: readonly LoraTensor[];
  /** Largest R. */
  readonly maxColumns: number;
}

export function loraLayout(config: ModelConfig, lora: LoraConfig): LoraLayout {
  const named = adapterLayout(lora, config);
  const places = new Map<AdapterTensor, number>();
  let next = 0;
  const take = (layer: number, target: LoraTarget, matrix: 'A' | 'B'): Place => {
    const tensor = named.find((one) => one.layer === layer && one.target === target && one.matrix === matrix);
    if (tensor === undefined) throw new RangeError(`The adapter has no ${target} in layer ${layer}.`);
    const offset = next;
    places.set(tensor, offset);
    next += tensor.shape[0] * tensor.shape[1];
    return { offset, rows: tensor.shape[0], columns: tensor.shape[1] };
  };
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const groups: Partial<Record<LoraInput, LoraGroup>> = {};
    for (const input of ['qkv', 'o', 'gateUp', 'down'] as const) {
      const group = groupOf(config, lora, input, (target, matrix) => take(layer, target, matrix));
      if (group !== undefined) groups[input] = group;
    }
    return groups;
  });
  return {
    rank: lora.r,
    scaling: lora.loraAlpha / (lora.useRslora ? Math.sqrt(lora.r) : lora.r),
    numValues: next,
    layers,
    tensors: named.map((tensor) => {
      const [rows, columns] = tensor.shape;
      return { name: tensor.name, shape: tensor.shape, offset: places.get(tensor) ?? 0, length: rows * columns };
    }),
    maxColumns: Math.max(0, ...layers.flatMap((groups) => Object.values(groups).map(({ R }) => R))),
  };
}

/** Where a tensor was put. */
interface Place {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

function groupOf(
  config: ModelConfig,
  lora: LoraConfig,
  input: LoraInput,
  take: (target: LoraTarget, matrix: 'A' | 'B') => Place,
): LoraGroup | undefined {
  const targets = INPUTS[input].filter((target) => lora.targetModules.includes(target));
  const [first] = targets.map((target) => take(target, 'A'));
  if (first === undefined) return undefined;
  const modules = targets.map((target, index): LoraModule => {
    const { rows, offset } = take(target, 'B');
    return { target, rows, aColumn: index * lora.r, bOffset: offset, ...placeOf(target, config) };
  });
  return {
    input,
    D: first.columns,
    R: targets.length * lora.r,
    aOffset: first.offset,
    yStride: strideOf(input, config),
    modules,
  };
}

function placeOf(target: LoraTarget, config: ModelConfig): Pick<LoraModule, 'tileStride' | 'yOffset'> {
  const queries = config.numAttentionHeads * config.headDim;
  const keys = config.numKeyValueHeads * config.headDim;
  switch (target) {
    case 'k_proj':
      return { tileStride: 4, yOffset: queries };
    case 'v_proj':
      return { tileStride: 4, yOffset: queries + keys };
    case 'gate_proj':
      return { tileStride: 8, yOffset: 0 };
    case 'up_proj':
      return { tileStride: 8, yOffset: 4 };
    case 'q_proj':
    case 'o_proj':
    case 'down_proj':
      return { tileStride: 4, yOffset: 0 };
    default:
      return assertNever(target);
  }
}

function strideOf(input: LoraInput, config: ModelConfig): number {
  if (input === 'qkv') return (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
  return input === 'gateUp' ? 2 * config.intermediateSize : config.hiddenSize;
}
