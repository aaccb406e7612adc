import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { Lanes } from '../kernels/kernel.ts';
import { recordCausalAttention } from '../kernels/causal-attention/causal-attention.ts';
import { recordLinear } from '../kernels/linear/linear.ts';
import type { Epilogue } from '../kernels/library/library.ts';
import type { LinearWeights } from '../kernels/linear/linear.ts';
import { recordRmsNorm } from '../kernels/rms-norm/rms-norm.ts';
import { recordRotary } from '../kernels/rotary/rotary.ts';
import { recordSwiglu } from '../kernels/swiglu/swiglu.ts';
import type { ShapeChoice } from './forward.ts';
import { dropoutOf } from './lora-dropout.ts';
import type { LoraInput, LoraLayout } from './lora.ts';
import type { ModelConfig } from './model-config.ts';
import { recordLora, recordLoraInput } from './record-lora.ts';
import type { LoraSource } from './record-lora.ts';
import { recordSplitEmbedding } from './split-matrix.ts';
import type { LayerActivations, TrainingBuffers } from './training-buffers.ts';
import type { LayerWeights, ModelWeights } from './weights.ts';

/** What the passes of training need of a loaded model; all borrowed. */
export interface TrainingModel {
  readonly recorder: CommandRecorder;
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
  /** [contextLength, K/2] (cos, sin) */
  readonly rope: GpuBuffer;
  readonly contextLength: number;
  readonly shapeOf: ShapeChoice;
  readonly lanes: Lanes;
}

/** One pass over packed rows. Where the parts of the table begin, in words. */
export interface TrainingPass {
  readonly numTokens: number;
  readonly numEntries: number;
  readonly tokensAt: number;
  readonly spansAt: number;
  readonly scalesAt: number;
  readonly entryRowsAt: number;
  readonly targetsAt: number;
}

/** The adapter's part; null: the model as it is. */
export interface TrainingLora {
  readonly source: LoraSource;
  readonly layout: LoraLayout;
  readonly dropoutRate: number;
  /** Of this step; masks differ by layer and input too. */
  readonly dropoutSeed: number;
}

/**
 * The transformer over packed rows, keeping what the way back needs: per layer the residual stream before and behind
 * attention, q, k and v, what was attended, gate and up, and the adapter's A x.
 */
export class TrainingForward {
  readonly #model: TrainingModel;
  readonly #buffers: TrainingBuffers;

  constructor(model: TrainingModel, buffers: TrainingBuffers) {
    this.#model = model;
    this.#buffers = buffers;
  }

  recordEmbedding(numTokens: number): void {
    const { recorder, weights } = this.#model;
    recordSplitEmbedding(
      recorder,
      weights.embedTokens,
      this.#buffers.get('token ids'),
      0,
      this.#buffers.input(0),
      numTokens,
    );
  }

  /**
   * A layer from `input` to `output`, which may be the same buffer. Without `output` everything that the way back reads,
   * but not the last product.
   */
  recordLayer(
    layer: number,
    pass: TrainingPass,
    lora: TrainingLora | null,
    input: GpuBuffer,
    output: GpuBuffer | null,
  ): void {
    const { config, recorder, weights } = this.#model;
    const layerWeights = weights.layers[layer];
    if (layerWeights === undefined) throw new RangeError(`The model has no layer ${layer}.`);
    const kept = this.#buffers.layer(layer);
    const sizeBytes = pass.numTokens * config.hiddenSize * 4;
    recorder.copy(input, 0, kept.mid, 0, sizeBytes);
    this.#recordAttention(layer, layerWeights, kept, pass, lora, input);
    this.#recordMlp(layer, layerWeights, kept, pass, lora);
    const activated = this.#buffers.get('activated');
    if (output === null) {
      this.#recordLora(layer, 'down', lora, kept, activated, null, pass);
      return;
    }
    recorder.copy(kept.mid, 0, output, 0, sizeBytes);
    this.#recordLinear(layerWeights.downProj, activated, output, pass, 'add');
    this.#recordLora(layer, 'down', lora, kept, activated, output, pass);
  }

  /** normed = RMSNorm(x) */
  recordNorm(x: GpuBuffer, weight: GpuBuffer, numTokens: number): GpuBuffer {
    const { config, recorder, lanes } = this.#model;
    const normed = this.#buffers.get('normed');
    const { hiddenSize: D, rmsNormEps: eps } = config;
    recordRmsNorm(recorder, x, weight, normed, { numRows: numTokens, D, eps, lanes });
    return normed;
  }

  /** activated = SwiGLU(gateUp) */
  recordActivated(gateUp: GpuBuffer, numTokens: number): GpuBuffer {
    const activated = this.#buffers.get('activated');
    const F = this.#model.config.intermediateSize;
    recordSwiglu(this.#model.recorder, { gateUp, y: activated }, { numTokens, F });
    return activated;
  }

  #recordAttention(
    layer: number,
    weights: LayerWeights,
    kept: LayerActivations,
    pass: TrainingPass,
    lora: TrainingLora | null,
    input: GpuBuffer,
  ): void {
    const { config, recorder, lanes, rope } = this.#model;
    const table = this.#buffers.get('table');
    const normed = this.recordNorm(input, weights.inputLayernorm, pass.numTokens);
    const qkvWidth = (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
    for (const part of weights.qkvProj)
      this.#recordLinear(part.weights, normed, kept.qkv, pass, 'store', qkvWidth, part.yOffset);
    this.#recordLora(layer, 'qkv', lora, kept, normed, kept.qkv, pass);
    const shape = headShape(config, pass);
    recordRotary(
      recorder,
      {
        qkv: kept.qkv,
        bias: weights.qkvBias,
        qNorm: weights.qNorm,
        kNorm: weights.kNorm,
        rope,
        table,
        heads: kept.heads,
      },
      { ...shape, hasQkNorm: config.hasQkNorm, eps: config.rmsNormEps },
    );
    recordCausalAttention(
      recorder,
      { heads: kept.heads, table, y: kept.attended, logsumexp: kept.logsumexp },
      { ...shape, lanes },
    );
    this.#recordLinear(weights.oProj, kept.attended, kept.mid, pass, 'add');
    this.#recordLora(layer, 'o', lora, kept, kept.attended, kept.mid, pass);
  }

  #recordMlp(
    layer: number,
    weights: LayerWeights,
    kept: LayerActivations,
    pass: TrainingPass,
    lora: TrainingLora | null,
  ): void {
    const normed = this.recordNorm(kept.mid, weights.postAttentionLayernorm, pass.numTokens);
    this.#recordLinear(weights.gateUpProj, normed, kept.gateUp, pass, 'store');
    this.#recordLora(layer, 'gateUp', lora, kept, normed, kept.gateUp, pass);
    this.recordActivated(kept.gateUp, pass.numTokens);
  }

  #recordLinear(
    weights: LinearWeights,
    x: GpuBuffer,
    y: GpuBuffer,
    { numTokens }: TrainingPass,
    epilogue: Epilogue,
    yStride: number = weights.rows,
    yOffset = 0,
  ): void {
    const { recorder, shapeOf } = this.#model;
    const shape = shapeOf(weights, numTokens);
    recordLinear(recorder, weights, x, y, numTokens, { epilogue, shape, yStride, yOffset });
  }

  #recordLora(
    layer: number,
    input: LoraInput,
    lora: TrainingLora | null,
    kept: LayerActivations,
    x: GpuBuffer,
    y: GpuBuffer | null,
    pass: TrainingPass,
  ): void {
    const group = lora?.layout.layers[layer]?.[input];
    const a = kept.lora[input];
    if (lora === null || group === undefined || a === undefined) return;
    const { recorder, lanes } = this.#model;
    const { numTokens, scalesAt } = pass;
    const call = { numTokens, lanes, scalesAt, dropout: dropoutOf(lora, layer, input) };
    const buffers = { x, table: this.#buffers.get('table'), a };
    if (y === null) recordLoraInput(recorder, lora.source, group, buffers, call);
    else recordLora(recorder, lora.source, group, { ...buffers, y }, call);
  }
}

/** Sizes of the kernels that work on heads. */
export function headShape(
  config: ModelConfig,
  pass: TrainingPass,
): {
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly numTokens: number;
  readonly tokensAt: number;
} {
  return {
    headDim: config.headDim,
    numHeads: config.numAttentionHeads,
    numKvHeads: config.numKeyValueHeads,
    numTokens: pass.numTokens,
    tokensAt: pass.tokensAt,
  };
}
