/**
 * The weights of an MLC folder (q4f16_1, q4f32_1, q0f16, q0f32) under GGUF's names.
 *
 * MLC joins matrices that have the same input: rows of q, k and v in `qkv_proj` or `c_attn`, of gate and up in
 * `gate_up_proj`. Here each is a run of whole rows of such a record. A quantised matrix is two records, which may lie in
 * different shards: words of eight nibbles [rows, columns / 8] and scales [rows, columns / 32]; they are read as one
 * tensor of type Q4_MLC.
 *
 * @see mlc_llm: quantization/group_quantization.py, model/llama, model/qwen2, model/qwen3
 */
import { assert, at } from '@/lib/assert.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { rowBytesOf, type TensorType } from '@/engine/quantisation/gguf-blocks.ts';
import { halfValues } from '@/engine/quantisation/half.ts';
import type { ByteSource } from './byte-source.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import { ggufNameOf } from './hf-names.ts';
import type { MlcDtype, MlcIndex, MlcRecord, MlcShard } from './mlc-index.ts';
import { openMlcShards, totalBytes, type OpenFolderOptions } from './mlc-shards.ts';
import type { ModelFolder } from './model-folder.ts';
import { countTensorTypes, type WeightSource, type WeightTensor } from './weight-source.ts';

const GROUP = 32;
const WORDS_PER_BLOCK = 5;
/** Blocks that are joined at a time, so that a large tensor does not stand in memory twice; a choice, 2 MiB. */
const BLOCKS_PER_PIECE = 1 << 17;

/** Records of one tensor and the first of its rows in them. */
type Place =
  | { readonly kind: 'plain'; readonly firstRow: number; readonly values: MlcRecord }
  | { readonly kind: 'quantised'; readonly firstRow: number; readonly words: MlcRecord; readonly scales: MlcRecord };

interface PlacedTensor extends WeightTensor {
  readonly place: Place;
}

/** Rows of a record that are a tensor of their own. */
interface Part {
  readonly name: string;
  /** Default: all. */
  readonly rows?: number;
}

/** The table is there at once; `open` opens the shards, which it then owns. */
export class MlcWeights implements WeightSource {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly queryKeyRows = 'halfSplit';
  readonly #places: ReadonlyMap<string, PlacedTensor>;
  readonly #shards: readonly MlcShard[];
  readonly #sources = new Map<MlcShard, ByteSource>();

  /**
   * @throws {Failure} 'invalidFile' naming a record whose shape contradicts another record or the configuration;
   *                   'unsupportedModel' naming one that these architectures do not have
   */
  constructor(index: MlcIndex, config: ModelConfig) {
    this.fileName = index.fileName;
    this.fileBytes = totalBytes(index.shards);
    this.#shards = index.shards;
    this.#places = new TableBuilder(index, config).build();
    this.tensors = this.#places;
  }

  /** @throws {Failure} as `openMlcShards` does; nothing stays open then */
  async open(folder: ModelFolder, options: OpenFolderOptions = {}): Promise<void> {
    const sources = await openMlcShards(folder, this.#shards, options);
    for (const [i, source] of sources.entries()) this.#sources.set(at(this.#shards, i), source);
  }

  tensor(name: string): PlacedTensor {
    const tensor = this.#places.get(name);
    if (tensor === undefined) throw invalidFile(this.fileName, `tensor "${name}"`, 'it is missing');
    return tensor;
  }

  async readTensor(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { place, shape, sizeBytes } = this.tensor(name);
    if (place.kind === 'plain') return this.#readRows(place.values, place.firstRow, at(shape, 0));
    const out = new Uint8Array(sizeBytes);
    const blocks = new Uint32Array(out.buffer);
    const [rows, columns] = [at(shape, 0), at(shape, 1)];
    const blocksPerRow = columns / GROUP;
    const rowsPerPiece = Math.max(1, Math.floor(BLOCKS_PER_PIECE / blocksPerRow));
    for (let row = 0; row < rows; row += rowsPerPiece) {
      const count = Math.min(rowsPerPiece, rows - row);
      const words = wordsIn(await this.#readRows(place.words, place.firstRow + row, count));
      const scales = floatBitsIn(await this.#readRows(place.scales, place.firstRow + row, count), place.scales.dtype);
      joinBlocks(words, scales, blocks.subarray(row * blocksPerRow * WORDS_PER_BLOCK));
    }
    return out;
  }

  tensorTypes(): Record<string, number> {
    return countTensorTypes(this.#places);
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources.values()) source[Symbol.dispose]();
    this.#sources.clear();
  }

  #readRows(record: MlcRecord, firstRow: number, numRows: number): Promise<Uint8Array<ArrayBuffer>> {
    const source = this.#sources.get(record.shard);
    assert(source !== undefined, 'the shards are open while tensors are read');
    const rowBytes = record.sizeBytes / at(record.shape, 0);
    return source.read(record.offset + firstRow * rowBytes, numRows * rowBytes);
  }
}

function wordsIn(bytes: Uint8Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Bits of the same numbers in f32; exact. */
function floatBitsIn(bytes: Uint8Array<ArrayBuffer>, dtype: MlcDtype): Uint32Array {
  if (dtype === 'F32') return wordsIn(bytes);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  const table = new Uint32Array(halfValues().buffer);
  const out = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) {
    const bits = halves[i] as number;
    out[i] = dtype === 'BF16' ? bits << 16 : (table[bits] as number);
  }
  return out;
}

/** Scale, then four words, block by block: what Q4_MLC is. */
function joinBlocks(words: Uint32Array, scales: Uint32Array, out: Uint32Array): void {
  for (let block = 0; block < scales.length; block++) {
    const start = block * WORDS_PER_BLOCK;
    out[start] = scales[block] as number;
    for (let word = 0; word < 4; word++) out[start + 1 + word] = words[4 * block + word] as number;
  }
}

/** From MLC's records to GGUF's tensors. */
class TableBuilder {
  readonly #index: MlcIndex;
  readonly #config: ModelConfig;
  readonly #tensors = new Map<string, PlacedTensor>();

  constructor(index: MlcIndex, config: ModelConfig) {
    this.#index = index;
    this.#config = config;
  }

  build(): Map<string, PlacedTensor> {
    for (const record of this.#index.records.values()) {
      const { module, parameter } = splitName(record.name);
      const parts = partsOf(module, this.#config);
      if (parts === null)
        throw unsupportedModel(
          this.#index.fileName,
          `tensor "${record.name}"`,
          `a ${this.#config.architecture} model with this tensor is not supported`,
        );
      if (parameter === 'q_weight') this.#addQuantised(record, this.#companion(record, `${module}.q_scale`), parts);
      else if (parameter === 'q_scale') this.#companion(record, `${module}.q_weight`);
      else this.#addPlain(record, parameter, parts);
    }
    return this.#tensors;
  }

  #companion(record: MlcRecord, name: string): MlcRecord {
    const companion = this.#index.records.get(name);
    if (companion === undefined) throw this.#invalid(name, `it is missing, while "${record.name}" is there`);
    return companion;
  }

  #addPlain(values: MlcRecord, parameter: string, parts: readonly Part[]): void {
    const { dtype, shape } = values;
    if (dtype === 'U32') throw this.#invalid(values.name, 'floating-point numbers were expected, not uint32');
    const isVector = parameter === 'bias' || at(parts, 0).name.endsWith('norm');
    if (shape.length !== (isVector ? 1 : 2))
      throw this.#invalid(
        values.name,
        `the shape [${shape.join(', ')}] is not that of a ${isVector ? 'vector' : 'matrix'}`,
      );
    this.#addParts(values, parts, (firstRow, numRows) => ({
      suffix: parameter,
      type: dtype,
      shape: [numRows, ...shape.slice(1)],
      place: { kind: 'plain', firstRow, values },
    }));
  }

  #addQuantised(words: MlcRecord, scales: MlcRecord, parts: readonly Part[]): void {
    const groups = scales.shape[1] ?? 0;
    const isSound =
      words.dtype === 'U32' &&
      scales.dtype !== 'U32' &&
      words.shape.length === 2 &&
      scales.shape.length === 2 &&
      words.shape[0] === scales.shape[0] &&
      words.shape[1] === 4 * groups;
    if (!isSound)
      throw this.#invalid(
        words.name,
        `${words.dtype} [${words.shape.join(', ')}] with ${scales.dtype} scales [${scales.shape.join(', ')}] ` +
          `is no matrix of 4-bit weights in groups of ${GROUP}`,
      );
    this.#addParts(words, parts, (firstRow, numRows) => ({
      suffix: 'weight',
      type: 'Q4_MLC',
      shape: [numRows, groups * GROUP],
      place: { kind: 'quantised', firstRow, words, scales },
    }));
  }

  #addParts(
    record: MlcRecord,
    parts: readonly Part[],
    tensorOf: (
      firstRow: number,
      numRows: number,
    ) => { suffix: string; type: TensorType; shape: readonly number[]; place: Place },
  ): void {
    const rows = at(record.shape, 0);
    let firstRow = 0;
    for (const part of parts) {
      const numRows = part.rows ?? rows;
      const { suffix, ...rest } = tensorOf(firstRow, numRows);
      const name = `${part.name}.${suffix}`;
      if (this.#tensors.has(name)) throw this.#invalid(record.name, `another record is "${name}" too`);
      this.#tensors.set(name, { name, ...rest, sizeBytes: sizeBytesOf(rest.type, rest.shape) });
      firstRow += numRows;
    }
    if (firstRow !== rows)
      throw this.#invalid(record.name, `it has ${rows} rows, but the configuration calls for ${firstRow}`);
  }

  #invalid(name: string, problem: string): Error {
    return invalidFile(this.#index.fileName, `tensor "${name}"`, problem);
  }
}

function sizeBytesOf(type: TensorType, shape: readonly number[]): number {
  const columns = at(shape, shape.length - 1);
  const rows = shape.length === 1 ? 1 : at(shape, 0);
  return rows * rowBytesOf(type, columns);
}

const PARAMETERS: ReadonlySet<string> = new Set(['weight', 'bias', 'q_weight', 'q_scale']);

function splitName(name: string): { readonly module: string; readonly parameter: string } {
  const dot = name.lastIndexOf('.');
  const parameter = name.slice(dot + 1);
  return PARAMETERS.has(parameter) ? { module: name.slice(0, dot), parameter } : { module: '', parameter: '' };
}

/** @returns GGUF's names, without their endings, of the rows of an MLC module, in their order; null for an unknown one */
function partsOf(module: string, config: ModelConfig): readonly Part[] | null {
  const name = ggufNameOf(`${module}.weight`);
  if (name !== null) return [{ name: name.slice(0, -'.weight'.length) }];
  const groups = /^model\.layers\.(?<layer>0|[1-9]\d{0,3})\.(?<rest>[\w.]+)$/.exec(module)?.groups;
  if (groups === undefined) return null;
  const { layer = '', rest = '' } = groups;
  const prefix = `blk.${layer}`;
  const { headDim, intermediateSize } = config;
  // llama's name, and that of the others.
  if (rest === 'self_attn.qkv_proj' || rest === 'self_attn.c_attn')
    return [
      { name: `${prefix}.attn_q`, rows: config.numAttentionHeads * headDim },
      { name: `${prefix}.attn_k`, rows: config.numKeyValueHeads * headDim },
      { name: `${prefix}.attn_v`, rows: config.numKeyValueHeads * headDim },
    ];
  if (rest === 'mlp.gate_up_proj')
    return [
      { name: `${prefix}.ffn_gate`, rows: intermediateSize },
      { name: `${prefix}.ffn_up`, rows: intermediateSize },
    ];
  return null;
}
