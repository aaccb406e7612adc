import { at } from '@/lib/assert.ts';
import type { WeightSource, WeightTensor } from '@/engine/loading/weight-source.ts';
import { concatRows, interleaveTiles, llamaSourceRow, permuteRows } from '@/engine/quantisation/row-order.ts';
import { dequantize, rowBytesOf } from '@/engine/quantisation/gguf-blocks.ts';
import { packMatrix } from '@/engine/quantisation/pack-weights.ts';
import type { PackedMatrix } from '@/engine/quantisation/weight-layout.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { LinearWeights } from '../kernels/linear/linear.ts';
import type { ModelConfig } from './model-config.ts';

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
  readonly embedTokens: LinearWeights;
  /** The embedding itself when the head is tied. */
  readonly lmHead: LinearWeights;
  readonly norm: GpuBuffer;
  readonly layers: readonly LayerWeights[];
}

/** Bytes of the largest GPU buffer that the model needs, joined matrices (q, k, v; gate, up) included. */
export function largestWeightBytes(source: WeightSource): number {
  const sizes = new Map<string, number>();
  for (const tensor of source.tensors.values()) {
    const joined = tensor.name.replace(/attn_[qkv]\.weight$/, 'qkv').replace(/ffn_(gate|up)\.weight$/, 'gate_up');
    sizes.set(joined, (sizes.get(joined) ?? 0) + packedValueBytes(tensor));
  }
  return Math.max(0, ...sizes.values());
}

function packedValueBytes({ type, shape }: WeightTensor): number {
  const numValues = shape.reduce((product, size) => product * size, 1);
  if (type === 'F32' || type === 'BF16') return numValues * 4;
  if (type === 'F16') return numValues * 2;
  return type === 'Q4_0' || type === 'Q4_1' || type === 'Q4_MLC' || type === 'Q2_K' || type === 'Q3_K' || type === 'Q4_K'
    ? numValues / 2
    : numValues;
}

/**
 * Reads a model's tensors one at a time, packs them and puts them on the GPU. q and k rows of llama files are brought
 * back into Hugging Face's order; q, k and v are joined where they share a type; gate and up are interleaved by tiles.
 */
export class WeightUploader {
  readonly #gpu: Gpu;
  readonly #source: WeightSource;
  readonly #config: ModelConfig;
  readonly #onBytes: (numBytes: number) => void;
  readonly #noScales: GpuBuffer;
  readonly #owned: GpuBuffer[] = [];

  /** @param onBytes called with the file bytes of each finished tensor */
  constructor(gpu: Gpu, source: WeightSource, config: ModelConfig, onBytes: (numBytes: number) => void) {
    this.#gpu = gpu;
    this.#source = source;
    this.#config = config;
    this.#onBytes = onBytes;
    this.#noScales = this.#own(gpu.createBuffer('weights', 'no scales', 16));
  }

  /** Buffers to free with the model, also after a failure. */
  get owned(): readonly GpuBuffer[] {
    return this.#owned;
  }

  async upload(signal: AbortSignal): Promise<ModelWeights> {
    const embedTokens = await this.#matrix('token_embd.weight');
    const layers: LayerWeights[] = [];
    for (let layer = 0; layer < this.#config.numHiddenLayers; layer++) {
      signal.throwIfAborted();
      this.#gpu.check();
      layers.push(await this.#layer(`blk.${layer}`));
    }
    return {
      embedTokens,
      lmHead: this.#config.tieWordEmbeddings ? embedTokens : await this.#matrix('output.weight'),
      norm: await this.#vector('output_norm.weight'),
      layers,
    };
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
    const tensors = ['q', 'k', 'v'].map((name) => this.#source.tensor(`${prefix}.attn_${name}.weight`));
    const rows: Uint8Array[] = [];
    for (const tensor of tensors) rows.push(await this.#rowsInHfOrder(tensor));
    const first = at(tensors, 0);
    if (tensors.every((tensor) => tensor.type === first.type)) {
      const numRows = tensors.reduce((sum, tensor) => sum + at(tensor.shape, 0), 0);
      const packed = packMatrix(first.type, concatRows(rows), numRows, at(first.shape, 1));
      return [{ weights: this.#uploadMatrix(`${prefix} qkv`, packed), yOffset: 0 }];
    }
    let yOffset = 0;
    return tensors.map((tensor, index) => {
      const numRows = at(tensor.shape, 0);
      const packed = packMatrix(tensor.type, at(rows, index), numRows, at(tensor.shape, 1));
      const part = { weights: this.#uploadMatrix(tensor.name, packed), yOffset };
      yOffset += numRows;
      return part;
    });
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
    const gate = this.#source.tensor(`${prefix}.ffn_gate.weight`);
    const up = this.#source.tensor(`${prefix}.ffn_up.weight`);
    const [rows, columns] = [at(gate.shape, 0), at(gate.shape, 1)];
    const gateBytes = await this.#read(gate);
    const upBytes = await this.#read(up);
    if (gate.type === up.type) {
      const joined = interleaveTiles(gateBytes, upBytes, rowBytesOf(gate.type, columns));
      return this.#uploadMatrix(`${prefix} gate up`, packMatrix(gate.type, joined, 2 * rows, columns));
    }
    const asF32 = (tensor: WeightTensor, bytes: Uint8Array): Uint8Array =>
      new Uint8Array(dequantize(tensor.type, bytes, rows * columns).buffer);
    const joined = interleaveTiles(asF32(gate, gateBytes), asF32(up, upBytes), 4 * columns);
    return this.#uploadMatrix(`${prefix} gate up`, packMatrix('F32', joined, 2 * rows, columns));
  }

  async #matrix(name: string): Promise<LinearWeights> {
    const tensor = this.#source.tensor(name);
    const bytes = await this.#read(tensor);
    return this.#uploadMatrix(name, packMatrix(tensor.type, bytes, at(tensor.shape, 0), at(tensor.shape, 1)));
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
