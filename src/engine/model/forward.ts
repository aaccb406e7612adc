import type { BlockPool } from '../cache/block-pool.ts';
import { PAGE_SIZE } from '../cache/cache-block.ts';
import type { StepPlan } from '../cache/step-table.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { Lanes } from '../kernels/kernel.ts';
import { recordAttentionReadout } from '../kernels/attention-readout/attention-readout.ts';
import { recordAttention } from '../kernels/attention/attention.ts';
import { recordGatherRows } from '../kernels/gather-rows/gather-rows.ts';
import { recordKvWrite } from '../kernels/kv-write/kv-write.ts';
import { recordLinear } from '../kernels/linear/linear.ts';
import type { LinearShape, LinearWeights } from '../kernels/linear/linear.ts';
import { recordRmsNorm } from '../kernels/rms-norm/rms-norm.ts';
import { recordSwiglu } from '../kernels/swiglu/swiglu.ts';
import type { GpuAdapter } from './gpu-adapter.ts';
import type { LoraInput } from './lora.ts';
import type { ModelConfig } from './model-config.ts';
import { recordLora } from './record-lora.ts';
import { ropeTable } from './rope-table.ts';
import { recordHead, recordSplitEmbedding } from './split-matrix.ts';
import type { LayerWeights, ModelWeights } from './weights.ts';

/** Which shape of the linear kernels serves a matrix and a number of tokens. */
export type ShapeChoice = (weights: LinearWeights, numTokens: number) => LinearShape;

export interface ForwardOptions {
  /** Most tokens of one call. */
  readonly chunkSize: number;
  /** Most rows of logits of one call. */
  readonly maxLogitRows: number;
  readonly shapeOf: ShapeChoice;
  readonly lanes: Lanes;
}

/** Tokens whose attention weights are wanted; the readers stand in the step table (attention-readout.wgsl). */
export interface ReadoutPlan {
  readonly weights: GpuBuffer;
  readonly results: GpuBuffer;
  readonly maxKeys: number;
  readonly numKeys: number;
  readonly numReaders: number;
  readonly readersAt: number;
}

export interface RecordExtras {
  /** Two more dispatches a layer. */
  readonly readout?: ReadoutPlan | undefined;
  /** Where the table holds what each token's adapter result is multiplied by, as f32; absent: no adapter. */
  readonly scalesAt?: number | undefined;
  /** Called after each layer's dispatches were recorded, for tests that look at hidden states. */
  readonly onLayer?: ((layer: number) => void) | undefined;
}

/** The part of the table with the tokens' adapter scales. */
interface LoraScales {
  readonly table: GpuBuffer;
  readonly scalesAt: number;
}

interface AttachedAdapter {
  readonly adapter: GpuAdapter;
  /** [chunkSize, R]: A x. */
  readonly a: GpuBuffer;
  /** [chunkSize, 2 F]: gate and up, which the adapter changes before SwiGLU joins them. */
  readonly gateUp: GpuBuffer;
}

type ForwardBuffer =
  | 'hidden'
  | 'normed'
  | 'qkv'
  | 'attended'
  | 'activated'
  | 'selected'
  | 'finalNorm'
  | 'logits'
  | 'rope';

/** f32 values of the buffers of a forward: what is allocated and what an estimate counts. */
export function forwardSizes(
  config: ModelConfig,
  contextLength: number,
  { chunkSize, maxLogitRows }: Pick<ForwardOptions, 'chunkSize' | 'maxLogitRows'>,
): Readonly<Record<ForwardBuffer, number>> {
  const { hiddenSize, intermediateSize, numAttentionHeads, numKeyValueHeads, headDim, vocabSize } = config;
  return {
    hidden: chunkSize * hiddenSize,
    normed: chunkSize * hiddenSize,
    qkv: chunkSize * (numAttentionHeads + 2 * numKeyValueHeads) * headDim,
    attended: chunkSize * numAttentionHeads * headDim,
    activated: chunkSize * intermediateSize,
    selected: maxLogitRows * hiddenSize,
    finalNorm: maxLogitRows * hiddenSize,
    logits: maxLogitRows * vocabSize,
    rope: contextLength * headDim,
  };
}

const NO_DROPOUT = { rate: 0, seed: 0 } as const;

/**
 * Records the transformer over one step's tokens. Eight dispatches a layer: norm, q/k/v, KV write, attention, output
 * projection with residual, norm, gate and up with SwiGLU, down projection with residual. In every layer all rows
 * append their keys and values before any of them attends.
 */
export class Forward {
  readonly chunkSize: number;
  readonly maxLogitRows: number;
  /** [chunkSize, D]: the residual stream. */
  readonly hidden: GpuBuffer;
  /** [maxLogitRows, V]. */
  readonly logits: GpuBuffer;
  /** [maxLogitRows, D]: input of the LM head. */
  readonly finalNorm: GpuBuffer;
  /** [contextLength, K/2] (cos, sin). */
  readonly rope: GpuBuffer;
  readonly #gpu: Gpu;
  readonly #config: ModelConfig;
  readonly #weights: ModelWeights;
  readonly #pool: BlockPool;
  readonly #recorder: CommandRecorder;
  readonly #shapeOf: ShapeChoice;
  readonly lanes: Lanes;
  readonly #normed: GpuBuffer;
  readonly #qkv: GpuBuffer;
  readonly #attended: GpuBuffer;
  readonly #activated: GpuBuffer;
  readonly #selected: GpuBuffer;
  #attached: AttachedAdapter | null = null;

  constructor(
    gpu: Gpu,
    recorder: CommandRecorder,
    config: ModelConfig,
    weights: ModelWeights,
    pool: BlockPool,
    options: ForwardOptions,
  ) {
    this.chunkSize = options.chunkSize;
    this.maxLogitRows = options.maxLogitRows;
    this.#gpu = gpu;
    this.#config = config;
    this.#weights = weights;
    this.#pool = pool;
    this.#recorder = recorder;
    this.#shapeOf = options.shapeOf;
    this.lanes = options.lanes;
    const sizes = forwardSizes(config, pool.shape.contextLength, options);
    const f32 = (label: ForwardBuffer): GpuBuffer => gpu.createBuffer('activations', label, sizes[label] * 4);
    this.hidden = f32('hidden');
    this.#normed = f32('normed');
    this.#qkv = f32('qkv');
    this.#attended = f32('attended');
    this.#activated = f32('activated');
    this.#selected = f32('selected');
    this.finalNorm = f32('finalNorm');
    this.logits = f32('logits');
    this.rope = gpu.createBufferWith('activations', 'rope', ropeTable(config, pool.shape.contextLength));
  }

  /**
   * @param tokenIds  buffer whose entries from `idsAt` on are the tokens' ids
   * @param table     the step table's buffer
   */
  record(
    plan: StepPlan,
    table: GpuBuffer,
    tokenIds: GpuBuffer,
    idsAt: number,
    { readout, scalesAt, onLayer }: RecordExtras = {},
  ): void {
    const lora = scalesAt === undefined ? null : { table, scalesAt };
    recordSplitEmbedding(this.#recorder, this.#weights.embedTokens, tokenIds, idsAt, this.hidden, plan.numTokens);
    this.#weights.layers.forEach((layer, index) => {
      this.#recordAttention(layer, index, plan, table, readout, lora);
      this.#recordMlp(layer, index, plan.numTokens, lora);
      onLayer?.(index);
    });
  }

  /** Final norm and LM head for the tokens that table words from `rowsAt` on name. */
  recordLogits(table: GpuBuffer, rowsAt: number, numRows: number): void {
    const { hiddenSize: D, rmsNormEps: eps } = this.#config;
    recordGatherRows(this.#recorder, this.hidden, table, this.#selected, { rowsAt, numRows, D });
    recordRmsNorm(this.#recorder, this.#selected, this.#weights.norm, this.finalNorm, {
      numRows,
      D,
      eps,
      lanes: this.lanes,
    });
    recordHead(this.#recorder, this.#weights.lmHead, this.finalNorm, this.logits, numRows, this.#shapeOf);
  }

  /** Borrows an adapter for what is recorded with `scalesAt`; null lets go of it. */
  attach(adapter: GpuAdapter | null): void {
    this.#attached?.a[Symbol.dispose]();
    this.#attached?.gateUp[Symbol.dispose]();
    this.#attached = null;
    this.#recorder.forgetBindGroups();
    if (adapter === null) return;
    const f32 = (label: string, columns: number): GpuBuffer =>
      this.#gpu.createBuffer('activations', label, this.chunkSize * columns * 4);
    this.#attached = {
      adapter,
      a: f32('adapter', adapter.layout.maxColumns),
      gateUp: f32('gate and up', 2 * this.#config.intermediateSize),
    };
  }

  [Symbol.dispose](): void {
    this.attach(null);
    const scratch = [this.#normed, this.#qkv, this.#attended, this.#activated, this.#selected, this.rope];
    for (const buffer of [this.hidden, this.logits, this.finalNorm, ...scratch]) buffer[Symbol.dispose]();
  }

  #recordAttention(
    layer: LayerWeights,
    index: number,
    plan: StepPlan,
    table: GpuBuffer,
    readout: ReadoutPlan | undefined,
    lora: LoraScales | null,
  ): void {
    const config = this.#config;
    const { numTokens } = plan;
    this.#recordNorm(layer.inputLayernorm, numTokens);
    const qkvWidth = (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim;
    for (const { weights, yOffset } of layer.qkvProj) {
      recordLinear(this.#recorder, weights, this.#normed, this.#qkv, numTokens, {
        epilogue: 'store',
        yStride: qkvWidth,
        yOffset,
        shape: this.#shapeOf(weights, numTokens),
      });
    }
    this.#recordLora(index, 'qkv', this.#normed, this.#qkv, numTokens, lora);
    const shape = {
      headDim: config.headDim,
      numHeads: config.numAttentionHeads,
      numKvHeads: config.numKeyValueHeads,
      kvType: this.#pool.shape.kvType,
      numTokens,
      tokensAt: plan.tokensAt,
    };
    const shared = { qkv: this.#qkv, rope: this.rope, table, ...this.#poolsOf(index) };
    recordKvWrite(
      this.#recorder,
      { ...shared, bias: layer.qkvBias, qNorm: layer.qNorm, kNorm: layer.kNorm },
      {
        ...shape,
        hasQkNorm: config.hasQkNorm,
        finishesQueries: config.hasQkNorm || config.hasAttentionBias,
        eps: config.rmsNormEps,
      },
    );
    const attending = {
      ...shape,
      lanes: this.lanes,
      pageSize: PAGE_SIZE,
      fragmentsAt: plan.fragmentsAt,
      pagesAt: plan.pagesAt,
    };
    recordAttention(this.#recorder, { ...shared, y: this.#attended }, attending);
    if (readout !== undefined) {
      recordAttentionReadout(
        this.#recorder,
        { ...shared, weights: readout.weights, y: readout.results },
        { ...attending, ...readout, layer: index, numLayers: config.numHiddenLayers },
      );
    }
    this.#recordResidual(layer.oProj, this.#attended, numTokens);
    this.#recordLora(index, 'o', this.#attended, this.hidden, numTokens, lora);
  }

  #recordMlp(layer: LayerWeights, index: number, numTokens: number, lora: LoraScales | null): void {
    this.#recordNorm(layer.postAttentionLayernorm, numTokens);
    const shape = this.#shapeOf(layer.gateUpProj, numTokens);
    const attached = this.#attached;
    if (lora === null || attached?.adapter.layout.layers[index]?.gateUp === undefined) {
      recordLinear(this.#recorder, layer.gateUpProj, this.#normed, this.#activated, numTokens, {
        epilogue: 'swiglu',
        shape,
      });
    } else {
      const { gateUp } = attached;
      recordLinear(this.#recorder, layer.gateUpProj, this.#normed, gateUp, numTokens, { epilogue: 'store', shape });
      this.#recordLora(index, 'gateUp', this.#normed, gateUp, numTokens, lora);
      recordSwiglu(this.#recorder, { gateUp, y: this.#activated }, { numTokens, F: this.#config.intermediateSize });
    }
    this.#recordResidual(layer.downProj, this.#activated, numTokens);
    this.#recordLora(index, 'down', this.#activated, this.hidden, numTokens, lora);
  }

  /** y += scale B A x of the attached adapter, token by token. */
  #recordLora(
    layer: number,
    input: LoraInput,
    x: GpuBuffer,
    y: GpuBuffer,
    numTokens: number,
    lora: LoraScales | null,
  ): void {
    const group = this.#attached?.adapter.layout.layers[layer]?.[input];
    if (lora === null || this.#attached === null || group === undefined) return;
    const { adapter, a } = this.#attached;
    recordLora(
      this.#recorder,
      adapter,
      group,
      { x, table: lora.table, a, y },
      { numTokens, lanes: this.lanes, scalesAt: lora.scalesAt, dropout: NO_DROPOUT },
    );
  }

  #recordNorm(weight: GpuBuffer, numRows: number): void {
    const { hiddenSize: D, rmsNormEps: eps } = this.#config;
    recordRmsNorm(this.#recorder, this.hidden, weight, this.#normed, { numRows, D, eps, lanes: this.lanes });
  }

  #recordResidual(weights: LinearWeights, x: GpuBuffer, numTokens: number): void {
    const shape = this.#shapeOf(weights, numTokens);
    recordLinear(this.#recorder, weights, x, this.hidden, numTokens, { epilogue: 'add', shape });
  }

  #poolsOf(layer: number): { kPool: GpuBuffer; vPool: GpuBuffer } {
    const kPool = this.#pool.kPools[layer];
    const vPool = this.#pool.vPools[layer];
    if (kPool === undefined || vPool === undefined) throw new RangeError(`The pool has no layer ${layer}.`);
    return { kPool, vPool };
  }
}
