import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { recordCausalAttentionBackward } from '../kernels/causal-attention/causal-attention.ts';
import { recordLinearBackward } from '../kernels/linear/linear-backward.ts';
import type { LinearBackwardOptions } from '../kernels/linear/linear-backward.ts';
import type { LinearWeights } from '../kernels/linear/linear.ts';
import { recordRmsNormBackward } from '../kernels/rms-norm/rms-norm.ts';
import { recordRotaryBackward } from '../kernels/rotary/rotary.ts';
import { recordSwigluBackward } from '../kernels/swiglu/swiglu.ts';
import { dropoutOf } from './lora-dropout.ts';
import type { LoraInput } from './lora.ts';
import { recordLoraBackward } from './record-lora.ts';
import type { LayerActivations, TrainingBuffers } from './training-buffers.ts';
import { headShape } from './training-forward.ts';
import type { TrainingForward, TrainingLora, TrainingModel, TrainingPass } from './training-forward.ts';
import type { LayerWeights } from './weights.ts';

/**
 * The way back through the layers. `d hidden` holds the gradient of the residual stream and is changed in place; the
 * adapter's gradients are added to `gradients`. The base weights are frozen: no gradient of theirs is formed.
 */
export class Backward {
  readonly #model: TrainingModel;
  readonly #buffers: TrainingBuffers;
  readonly #forward: TrainingForward;
  readonly #gradients: GpuBuffer;

  constructor(model: TrainingModel, buffers: TrainingBuffers, forward: TrainingForward, gradients: GpuBuffer) {
    this.#model = model;
    this.#buffers = buffers;
    this.#forward = forward;
    this.#gradients = gradients;
  }

  /** A layer whose activations are there, or are computed again from its input. */
  recordLayer(layer: number, pass: TrainingPass, lora: TrainingLora): void {
    const weights = this.#model.weights.layers[layer];
    if (weights === undefined) throw new RangeError(`The model has no layer ${layer}.`);
    const input = this.#buffers.input(layer);
    if (this.#buffers.shape.kept === 'inputs') this.#forward.recordLayer(layer, pass, lora, input, null);
    const kept = this.#buffers.layer(layer);
    this.#recordMlp(layer, weights, kept, pass, lora);
    this.#recordAttention(layer, weights, kept, pass, lora, input);
  }

  #recordMlp(
    layer: number,
    weights: LayerWeights,
    kept: LayerActivations,
    pass: TrainingPass,
    lora: TrainingLora,
  ): void {
    const { recorder, config } = this.#model;
    const { numTokens } = pass;
    const dHidden = this.#buffers.get('d hidden');
    const dActivated = this.#buffers.get('d activated');
    const activated =
      this.#buffers.shape.kept === 'inputs'
        ? this.#buffers.get('activated')
        : this.#forward.recordActivated(kept.gateUp, numTokens);
    this.#recordLinear(weights.downProj, dHidden, dActivated, pass, { epilogue: 'store' });
    this.#recordLora(layer, 'down', kept, pass, lora, { x: activated, dy: dHidden, dx: dActivated });
    recordSwigluBackward(recorder, { dy: dActivated, gateUp: kept.gateUp }, { numTokens, F: config.intermediateSize });
    const dNormed = this.#buffers.get('d normed');
    const normed = this.#forward.recordNorm(kept.mid, weights.postAttentionLayernorm, numTokens);
    this.#recordLinear(weights.gateUpProj, kept.gateUp, dNormed, pass, { epilogue: 'store' });
    this.#recordLora(layer, 'gateUp', kept, pass, lora, { x: normed, dy: kept.gateUp, dx: dNormed });
    this.#recordNorm(kept.mid, weights.postAttentionLayernorm, numTokens);
  }

  #recordAttention(
    layer: number,
    weights: LayerWeights,
    kept: LayerActivations,
    pass: TrainingPass,
    lora: TrainingLora,
    input: GpuBuffer,
  ): void {
    const { recorder, config, lanes, rope } = this.#model;
    const { numTokens } = pass;
    const [dHidden, dAttended] = [this.#buffers.get('d hidden'), this.#buffers.get('d attended')];
    const [dHeads, dQkv] = [this.#buffers.get('d heads'), this.#buffers.get('d qkv')];
    const table = this.#buffers.get('table');
    this.#recordLinear(weights.oProj, dHidden, dAttended, pass, { epilogue: 'store' });
    this.#recordLora(layer, 'o', kept, pass, lora, { x: kept.attended, dy: dHidden, dx: dAttended });
    const shape = headShape(config, pass);
    recordCausalAttentionBackward(
      recorder,
      {
        heads: kept.heads,
        table,
        y: kept.attended,
        dy: dAttended,
        logsumexp: kept.logsumexp,
        delta: this.#buffers.get('delta'),
        dHeads,
      },
      { ...shape, lanes },
    );
    recordRotaryBackward(
      recorder,
      { qkv: kept.qkv, bias: weights.qkvBias, qNorm: weights.qNorm, kNorm: weights.kNorm, rope, table, dHeads, dQkv },
      { ...shape, hasQkNorm: config.hasQkNorm, eps: config.rmsNormEps },
    );
    const dNormed = this.#buffers.get('d normed');
    const dyStride = (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
    weights.qkvProj.forEach((part, index) => {
      const epilogue = index === 0 ? 'store' : 'add';
      this.#recordLinear(part.weights, dQkv, dNormed, pass, { epilogue, dyStride, dyOffset: part.yOffset });
    });
    const normed = this.#forward.recordNorm(input, weights.inputLayernorm, numTokens);
    this.#recordLora(layer, 'qkv', kept, pass, lora, { x: normed, dy: dQkv, dx: dNormed });
    this.#recordNorm(input, weights.inputLayernorm, numTokens);
  }

  /** d hidden += J^T d normed */
  #recordNorm(x: GpuBuffer, weight: GpuBuffer, numTokens: number): void {
    const { recorder, config, lanes } = this.#model;
    recordRmsNormBackward(
      recorder,
      { x, weight, dy: this.#buffers.get('d normed'), dx: this.#buffers.get('d hidden') },
      { numRows: numTokens, D: config.hiddenSize, eps: config.rmsNormEps, lanes },
    );
  }

  #recordLinear(
    weights: LinearWeights,
    dy: GpuBuffer,
    dx: GpuBuffer,
    { numTokens }: TrainingPass,
    options: Omit<LinearBackwardOptions, 'lanes'>,
  ): void {
    const { recorder, lanes } = this.#model;
    recordLinearBackward(recorder, weights, dy, dx, numTokens, { ...options, lanes });
  }

  #recordLora(
    layer: number,
    input: LoraInput,
    kept: LayerActivations,
    pass: TrainingPass,
    lora: TrainingLora,
    { x, dy, dx }: { readonly x: GpuBuffer; readonly dy: GpuBuffer; readonly dx: GpuBuffer },
  ): void {
    const group = lora.layout.layers[layer]?.[input];
    const a = kept.lora[input];
    if (group === undefined || a === undefined) return;
    const { recorder, lanes } = this.#model;
    const g = this.#buffers.get('lora gradient');
    recordLoraBackward(
      recorder,
      lora.source,
      group,
      { x, a, dy, g, dx, gradients: this.#gradients },
      {
        numTokens: pass.numTokens,
        lanes,
        scale: lora.layout.scaling,
        dropout: dropoutOf(lora, layer, input),
      },
    );
  }
}
