import { at } from '@/lib/assert.ts';
import type { WeightSource, WeightTensor } from '@/engine/loading/weight-source.ts';
import { concatRows, interleaveTiles, llamaSourceRow, permuteRows } from '@/engine/quantisation/row-order.ts';
import { dequantize, rowBytesOf } from '@/engine/quantisation/gguf-blocks.ts';
import { packMatrix } from '@/engine/quantisation/pack-weights.ts';
import { packParts } from '@/engine/quantisation/row-parts.ts';
import type { PackedMatrix } from '@/engine/quantisation/weight-layout.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { GpuFailure } from '../gpu/gpu-errors.ts';
import type { LinearWeights } from '../kernels/linear/linear.ts';
import type { ModelConfig } from './model-config.ts';
import type { SplitMatrix } from './split-matrix.ts';
import { gateUpMatrix, NO_SCALES_BYTES, plainMatrix, qkvMatrices } from './weight-plan.ts';
import type { PlannedMatrix } from './weight-plan.ts';

/** A linear layer that writes its rows at an offset of a shared result (q, k and v in one buffer). */
export interface LinearPart {
  readonly weights: LinearWeights;
  /** f32 values in front of the part's first row. */
  readonly yOffset: number;
}

export interface LayerWeights {
  readonly inputLayernorm: GpuBuffer;
  /** q, k, v rows; one part when they share a tensor type, else three. */
  readonly qkvProj: readonly LinearPart[];
  /** [(H + 2 Hkv) K]; zeros for models without biases. */
  readonly qkvBias: GpuBuffer;
  /** [K]; ones for models without q/k norm. */
  readonly qNorm: GpuBuffer;
  readonly kNorm: GpuBuffer;
  readonly oProj: LinearWeights;
  readonly postAttentionLayernorm: GpuBuffer;
  /** Tiles of gate and up in turn. */
  readonly gateUpProj: LinearWeights;
  readonly downProj: LinearWeights;
}

export interface ModelWeights {
  readonly embedTokens: SplitMatrix;
  /** The embedding itself when the head is tied. */
  readonly lmHead: SplitMatrix;
  readonly norm: GpuBuffer;
  readonly layers: readonly LayerWeights[];
}

/**
 * Reads a model's tensors one at a time, packs them and puts them on the GPU. q and k rows of llama files are brought
 * back into Hugging Face's order; q, k and v are joined where they share a type; gate and up are interleaved by tiles.
 */
export class WeightUploader {
  readonly #gpu: Gpu;
  readonly #source: WeightSource;
  readonly #config: ModelConfig;
  readonly #maxPartBytes: number;
  readonly #onBytes: (numBytes: number) => void;
  readonly #noScales: GpuBuffer;
  readonly #owned: GpuBuffer[] = [];

  /**
   * @param maxPartBytes  of a part of the embedding or of the head
   * @param onBytes       called with the file bytes of each finished tensor
   */
  constructor(
    gpu: Gpu,
    source: WeightSource,
    config: ModelConfig,
    maxPartBytes: number,
    onBytes: (numBytes: number) => void,
  ) {
    this.#gpu = gpu;
    this.#source = source;
    this.#config = config;
    this.#maxPartBytes = maxPartBytes;
    this.#onBytes = onBytes;
    this.#noScales = this.#own(gpu.createBuffer('weights', 'no scales', NO_SCALES_BYTES));
  }

  /** Buffers to free with the model, also after a failure. */
  get owned(): readonly GpuBuffer[] {
    return this.#owned;
  }

  /** @throws {GpuFailure} 'outOfMemory' as soon as a part of the model finds no room */
  async upload(signal: AbortSignal): Promise<ModelWeights> {
    const embedTokens = await this.#gpu.withRoom(() => this.#vocabularyMatrix('token_embd.weight'));
    const layers: LayerWeights[] = [];
    for (let layer = 0; layer < this.#config.numHiddenLayers; layer++) {
      signal.throwIfAborted();
      this.#gpu.check();
      layers.push(await this.#gpu.withRoom(() => this.#layer(`blk.${layer}`)));
    }
    signal.throwIfAborted();
    return this.#gpu.withRoom(async () => ({
      embedTokens,
      lmHead: this.#config.tieWordEmbeddings ? embedTokens : await this.#vocabularyMatrix('output.weight'),
      norm: await this.#vector('output_norm.weight'),
      layers,
    }));
  }

  async #layer(prefix: string): Promise<LayerWeights> {
    const { headDim, hasQkNorm } = this.#config;
    const ones = new Float32Array(headDim).fill(1);
    return {
      inputLayernorm: await this.#vector(`${prefix}.attn_norm.weight`),
      qkvProj: await this.#qkv(prefix),
      qkvBias: await this.#qkvBias(prefix),
      qNorm: hasQkNorm ? await this.#vector(`${prefix}.attn_q_norm.weight`) : this.#upload(`${prefix} q norm`, ones),
      kNorm: hasQkNorm ? await this.#vector(`${prefix}.attn_k_norm.weight`) : this.#upload(`${prefix} k norm`, ones),
      oProj: await this.#matrix(`${prefix}.attn_output.weight`),
      postAttentionLayernorm: await this.#vector(`${prefix}.ffn_norm.weight`),
      gateUpProj: await this.#gateUp(prefix),
      downProj: await this.#matrix(`${prefix}.ffn_down.weight`),
    };
  }

  async #qkv(prefix: string): Promise<LinearPart[]> {
    const parts: LinearPart[] = [];
    let yOffset = 0;
    for (const matrix of qkvMatrices(this.#source, prefix)) {
      const rows: Uint8Array[] = [];
      for (const tensor of matrix.tensors) rows.push(await this.#rowsInHfOrder(tensor));
      parts.push({ weights: this.#packAndUpload(matrix, concatRows(rows)), yOffset });
      yOffset += matrix.rows;
    }
    return parts;
  }

  /** q and k rows may stand in the order of interleaved rotation; all others are in order. */
  async #rowsInHfOrder(tensor: WeightTensor): Promise<Uint8Array> {
    const bytes = await this.#read(tensor);
    const isPermuted = this.#source.queryKeyRows === 'interleaved' && /attn_[qk]\.weight$/.test(tensor.name);
    if (!isPermuted) return bytes;
    return permuteRows(bytes, rowBytesOf(tensor.type, at(tensor.shape, 1)), llamaSourceRow(this.#config.headDim));
  }

  async #qkvBias(prefix: string): Promise<GpuBuffer> {
    const { numAttentionHeads, numKeyValueHeads, headDim } = this.#config;
    const bias = new Float32Array((numAttentionHeads + 2 * numKeyValueHeads) * headDim);
    if (this.#config.hasAttentionBias) {
      let start = 0;
      for (const name of ['q', 'k', 'v']) {
        const tensor = this.#source.tensor(`${prefix}.attn_${name}.bias`);
        const values = dequantize(tensor.type, await this.#read(tensor), at(tensor.shape, 0));
        const source = llamaSourceRow(headDim);
        const isPermuted = this.#source.queryKeyRows === 'interleaved' && name !== 'v';
        values.forEach((_, row) => (bias[start + row] = at(values, isPermuted ? source(row) : row)));
        start += values.length;
      }
    }
    return this.#upload(`${prefix} qkv bias`, bias);
  }

  async #gateUp(prefix: string): Promise<LinearWeights> {
    const matrix = gateUpMatrix(this.#source, prefix);
    const { type, rows, columns } = matrix;
    const halves: Uint8Array[] = [];
    for (const tensor of matrix.tensors) {
      const bytes = await this.#read(tensor);
      const isSame = tensor.type === type;
      halves.push(isSame ? bytes : new Uint8Array(dequantize(tensor.type, bytes, (rows / 2) * columns).buffer));
    }
    const joined = interleaveTiles(at(halves, 0), at(halves, 1), rowBytesOf(type, columns));
    return this.#packAndUpload(matrix, joined);
  }

  async #matrix(name: string): Promise<LinearWeights> {
    const matrix = plainMatrix(this.#source, name);
    return this.#packAndUpload(matrix, await this.#read(at(matrix.tensors, 0)));
  }

  /** Embedding and head, in as many parts as their size asks for. */
  async #vocabularyMatrix(name: string): Promise<SplitMatrix> {
    const matrix = plainMatrix(this.#source, name);
    const bytes = await this.#read(at(matrix.tensors, 0));
    const parts: LinearPart[] = [];
    for (const { firstRow, packed } of packParts(matrix.type, bytes, matrix, this.#maxPartBytes))
      parts.push({ weights: this.#uploadMatrix(`${name} from ${firstRow}`, packed), yOffset: firstRow });
    return parts;
  }

  #packAndUpload({ label, type, rows, columns }: PlannedMatrix, bytes: Uint8Array): LinearWeights {
    return this.#uploadMatrix(label, packMatrix(type, bytes, rows, columns));
  }

  async #vector(name: string): Promise<GpuBuffer> {
    const tensor = this.#source.tensor(name);
    return this.#upload(name, dequantize(tensor.type, await this.#read(tensor), at(tensor.shape, 0)));
  }

  async #read(tensor: WeightTensor): Promise<Uint8Array> {
    const bytes = await this.#source.readTensor(tensor.name);
    this.#onBytes(bytes.byteLength);
    return bytes;
  }

  #uploadMatrix(label: string, packed: PackedMatrix): LinearWeights {
    const { layout, rows, columns, groupSize } = packed;
    // Only for scales that overflow f16 and so make a matrix f32: all other sizes were compared before.
    if (packed.values.byteLength > this.#gpu.largestBufferBytes)
      throw new GpuFailure(
        'limitTooSmall',
        `${label} takes ${packed.values.byteLength} bytes; this device has buffers of ${this.#gpu.largestBufferBytes}.`,
      );
    const scales = packed.scales.length > 0 ? this.#upload(`${label} scales`, packed.scales) : this.#noScales;
    return { layout, rows, columns, groupSize, values: this.#upload(label, packed.values), scales };
  }

  #upload(label: string, data: Uint32Array | Float32Array): GpuBuffer {
    return this.#own(this.#gpu.createBufferWith('weights', label, data));
  }

  #own(buffer: GpuBuffer): GpuBuffer {
    this.#owned.push(buffer);
    return buffer;
  }
}
