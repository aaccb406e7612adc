import type { Gpu } from '../gpu/device.ts';
import { bufferBytes, type GpuBuffer } from '../gpu/gpu-buffer.ts';
import { ROW_PADDING } from '@/engine/quantisation/weight-layout.ts';
import type { LoraInput, LoraLayout } from './lora.ts';
import type { ModelConfig } from './model-config.ts';

/** What sizes the buffers of a training pass. */
export interface TrainingShape {
  /** Most tokens of a pass. */
  readonly numTokens: number;
  /** Most completion tokens of a pass. */
  readonly numEntries: number;
  /** Most rows of logits at once. */
  readonly logitChunkSize: number;
  readonly kept: Kept;
}

/**
 * What a pass keeps of its layers: nothing (log-probabilities only), each layer's input (gradient checkpointing), or all
 * that the way back reads.
 */
export type Kept = 'nothing' | 'inputs' | 'everything';

/** Results of one layer that its backward pass reads. */
export interface LayerActivations {
  /** [N, D]: the residual stream between attention and MLP. */
  readonly mid: GpuBuffer;
  /** [N, (H + 2 Hkv) K]: before q and k norms; shared scratch for models without. */
  readonly qkv: GpuBuffer;
  /** [N, (H + 2 Hkv) K]: q and k rotated. */
  readonly heads: GpuBuffer;
  /** [N, H K] */
  readonly attended: GpuBuffer;
  /** [N, H] */
  readonly logsumexp: GpuBuffer;
  /** [N, 2 F]; overwritten by its gradient on the way back. */
  readonly gateUp: GpuBuffer;
  /** [N, R] of every input with an adapter. */
  readonly lora: Readonly<Partial<Record<LoraInput, GpuBuffer>>>;
}

/** A buffer's name and f32 values. */
type Sizes = Readonly<Record<string, number>>;

/** All buffers of training with their sizes: what an estimate adds up is what is allocated. */
function trainingSizes(config: ModelConfig, lora: LoraLayout, shape: TrainingShape): Sizes {
  const { hiddenSize: D, intermediateSize: F, numAttentionHeads: H, numHiddenLayers: L, vocabSize: V } = config;
  const { numTokens: N, numEntries: E, logitChunkSize: C } = shape;
  const qkv = (H + 2 * config.numKeyValueHeads) * config.headDim;
  const attended = H * config.headDim;
  const numSets = shape.kept === 'everything' ? L : 1;
  const numInputs = shape.kept === 'nothing' ? 1 : L + 1;
  const ranks = Object.entries(lora.layers[0] ?? {}).map(([input, group]) => [`lora ${input}`, N * group.R] as const);
  const layerSizes: Sizes = {
    mid: N * D,
    ...(config.hasQkNorm && { qkv: N * qkv }),
    heads: N * qkv,
    attended: N * attended,
    logsumexp: N * H,
    gateUp: N * 2 * F,
    ...Object.fromEntries(ranks),
  };
  const sizes: Record<string, number> = {
    // N * 4 token words, 2 span words, scale; per entry its hidden row and its target.
    table: N * 7 + E * 2,
    'token ids': N,
    results: E * 4,
    normed: N * D,
    'qkv scratch': N * qkv,
    activated: N * F,
    selected: C * D,
    'selected normed': C * D,
    logits: C * Math.ceil(V / ROW_PADDING) * ROW_PADDING,
  };
  const backwardSizes: Sizes = {
    'result gradients': E * 2,
    'd activated': N * F,
    'd normed': N * D,
    'd attended': N * attended,
    'd heads': N * qkv,
    'd qkv': N * qkv,
    delta: N * H,
    'lora gradient': N * Math.max(1, lora.maxColumns),
    'd hidden': N * D,
    'd selected': E * D,
    'd selected normed': C * D,
    'd selected chunk': C * D,
  };
  if (shape.kept !== 'nothing') Object.assign(sizes, backwardSizes);
  for (let input = 0; input < numInputs; input++) sizes[`input ${input}`] = N * D;
  for (let set = 0; set < numSets; set++)
    for (const [name, size] of Object.entries(layerSizes)) sizes[`${name} of set ${set}`] = size;
  return sizes;
}

/** Bytes of all buffers together, and of the largest one. */
export function trainingBytes(
  config: ModelConfig,
  lora: LoraLayout,
  shape: TrainingShape,
): { readonly totalBytes: number; readonly largestBytes: number } {
  const bytes = Object.values(trainingSizes(config, lora, shape)).map((numValues) => bufferBytes(numValues * 4));
  return { totalBytes: bytes.reduce((sum, size) => sum + size, 0), largestBytes: Math.max(...bytes) };
}

/** Buffers of training passes up to a shape, from one allocation. Everything is freed by dispose. */
export class TrainingBuffers {
  readonly shape: TrainingShape;
  readonly #buffers = new Map<string, GpuBuffer>();
  readonly #config: ModelConfig;
  readonly #lora: LoraLayout;

  constructor(gpu: Gpu, config: ModelConfig, lora: LoraLayout, shape: TrainingShape) {
    this.shape = shape;
    this.#config = config;
    this.#lora = lora;
    for (const [name, size] of Object.entries(trainingSizes(config, lora, shape)))
      this.#buffers.set(name, gpu.createBuffer('training', name, size * 4));
  }

  get(name: string): GpuBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) throw new RangeError(`Training has no buffer '${name}'.`);
    return buffer;
  }

  /** [N, D]: what a layer reads; of layer `numHiddenLayers`, what the final norm reads. */
  input(layer: number): GpuBuffer {
    return this.get(`input ${this.shape.kept === 'nothing' ? 0 : layer}`);
  }

  /** A layer's own results, or the one set that all layers share. */
  layer(layer: number): LayerActivations {
    const set = this.shape.kept === 'everything' ? layer : 0;
    const of = (name: string): GpuBuffer => this.get(`${name} of set ${set}`);
    const inputs = Object.keys(this.#lora.layers[layer] ?? {}) as LoraInput[];
    return {
      mid: of('mid'),
      qkv: this.#config.hasQkNorm ? of('qkv') : this.get('qkv scratch'),
      heads: of('heads'),
      attended: of('attended'),
      logsumexp: of('logsumexp'),
      gateUp: of('gateUp'),
      lora: Object.fromEntries(inputs.map((input) => [input, of(`lora ${input}`)])),
    };
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#buffers.values()) buffer[Symbol.dispose]();
    this.#buffers.clear();
  }
}
