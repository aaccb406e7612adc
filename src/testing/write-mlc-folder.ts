/**
 * Writes MLC folders for tests from a Hugging Face checkpoint: all four quantisations, joined matrices, both names of
 * the index, tensors spread over shards so that words and scales of one matrix never share one.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { at } from '@/lib/assert.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import type { ModelFolder } from '@/engine/loading/model-folder.ts';
import { floatToHalf, halfToFloat } from '@/engine/quantisation/half.ts';
import { concatRows } from '@/engine/quantisation/row-order.ts';
import type { CheckpointConfig } from './reference-model.ts';

export type MlcQuantization = 'q4f16_1' | 'q4f32_1' | 'q0f16' | 'q0f32';

export interface MlcFolderToWrite {
  readonly checkpoint: CheckpointConfig;
  /** In Hugging Face's names and row order. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly quantization: MlcQuantization;
  readonly indexName?: 'tensor-cache.json' | 'ndarray-cache.json';
  /** Writes f32 as it is where MLC usually writes its upper half. */
  readonly rawF32?: boolean;
  /** Of `tokenizer.json`; without it the folder has none. */
  readonly tokenizer?: unknown;
}

/** A tensor as a reader must give it, under GGUF's name. */
export interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

export interface WrittenMlcFolder {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly expected: ReadonlyMap<string, ExpectedTensor>;
  /** With the intermediate size that was written. */
  readonly checkpoint: CheckpointConfig;
}

const GROUP = 32;
const NUM_SHARDS = 3;

export function writeMlcFolder(options: MlcFolderToWrite): WrittenMlcFolder {
  const { quantization, indexName = 'tensor-cache.json', tokenizer } = options;
  const isQuantised = quantization.startsWith('q4');
  const { checkpoint, tensors } = isQuantised ? wholeGroups(options) : options;
  const expected = new Map<string, ExpectedTensor>();
  const records: EncodedRecord[] = [];
  for (const { name, parts } of modulesOf(tensors)) {
    const encoded = parts.map((tensor) => encode(tensor, quantization, options.rawF32 === true));
    for (const [i, { values }] of encoded.entries()) {
      const { name: partName, shape } = at(parts, i);
      expected.set(ggufNameOf(partName), { shape, values });
    }
    records.push(...joinRows(name, encoded));
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const index = { metadata: { ParamSize: records.length }, records: writeShards(records, files) };
  files.set(indexName, json(index));
  files.set('mlc-chat-config.json', json(chatConfigOf(checkpoint, quantization)));
  if (tokenizer !== undefined) files.set('tokenizer.json', json(tokenizer));
  return { files, expected, checkpoint };
}

export function folderOf(files: ReadonlyMap<string, Uint8Array>, name = 'tiny-MLC'): ModelFolder {
  return {
    name,
    async open(fileName) {
      const bytes = files.get(fileName);
      return bytes === undefined ? null : bytesSource(fileName, bytes);
    },
  };
}

export function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Widens the MLP with zeros to whole groups, which changes no logit: silu(0) * 0 = 0. */
function wholeGroups({ checkpoint, tensors }: MlcFolderToWrite): Pick<MlcFolderToWrite, 'checkpoint' | 'tensors'> {
  const { intermediate_size: old, hidden_size: hidden } = checkpoint;
  const size = Math.ceil(old / GROUP) * GROUP;
  const widened = new Map<string, NamedTensor>();
  for (const [name, tensor] of tensors) {
    if (/mlp\.(gate|up)_proj/.test(name)) {
      const values = new Float32Array(size * hidden);
      values.set(tensor.values);
      widened.set(name, { name, shape: [size, hidden], values });
    } else if (name.includes('mlp.down_proj')) {
      const values = new Float32Array(hidden * size);
      for (let row = 0; row < hidden; row++) values.set(tensor.values.subarray(row * old, (row + 1) * old), row * size);
      widened.set(name, { name, shape: [hidden, size], values });
    } else widened.set(name, tensor);
  }
  return { checkpoint: { ...checkpoint, intermediate_size: size }, tensors: widened };
}

interface Module {
  /** Of MLC, with its ending. */
  readonly name: string;
  /** One below the other. */
  readonly parts: readonly NamedTensor[];
}

function modulesOf(tensors: ReadonlyMap<string, NamedTensor>): Module[] {
  const modules = new Map<string, NamedTensor[]>();
  const isLlama = ![...tensors.keys()].some((name) => /q_proj\.bias|q_norm/.test(name));
  for (const name of [...tensors.keys()].toSorted(byPart)) {
    const joined = name
      .replace(/self_attn\.[qkv]_proj/, isLlama ? 'self_attn.qkv_proj' : 'self_attn.c_attn')
      .replace(/mlp\.(gate|up)_proj/, 'mlp.gate_up_proj');
    const tensor = tensors.get(name);
    if (tensor !== undefined) modules.set(joined, [...(modules.get(joined) ?? []), tensor]);
  }
  return [...modules].map(([name, parts]) => ({ name, parts }));
}

/** q before k before v, gate before up. */
function byPart(a: string, b: string): number {
  const rank = (name: string): number =>
    ['q_proj', 'k_proj', 'v_proj', 'gate_proj', 'up_proj'].findIndex((part) => name.includes(part));
  return rank(a) - rank(b);
}

interface Encoded {
  readonly shape: readonly number[];
  readonly columns: readonly Column[];
  /** What the bytes stand for. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** One record's share of a tensor. */
interface Column {
  readonly ending: string | null;
  readonly dtype: string;
  readonly rowShape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function encode(tensor: NamedTensor, quantization: MlcQuantization, rawF32: boolean): Encoded {
  const kind = quantization.endsWith('f16') || quantization.endsWith('f16_1') ? 'f16' : rawF32 ? 'f32' : 'bf16';
  const isMatrix = tensor.shape.length === 2;
  if (isMatrix && quantization.startsWith('q4')) return quantise(tensor, kind);
  const { bytes, values } = encodeFloats(tensor.values, kind);
  const column = { ending: null, dtype: dtypeOf(kind), rowShape: tensor.shape.slice(1), bytes };
  return { shape: tensor.shape, columns: [column], values };
}

type FloatKind = 'f16' | 'bf16' | 'f32';

function dtypeOf(kind: FloatKind): string {
  return kind === 'f16' ? 'float16' : 'float32';
}

function encodeFloats(
  values: Float32Array,
  kind: FloatKind,
): { bytes: Uint8Array<ArrayBuffer>; values: Float32Array<ArrayBuffer> } {
  if (kind === 'f32') {
    const copy = Float32Array.from(values);
    return { bytes: new Uint8Array(copy.buffer.slice(0)), values: copy };
  }
  const bits = Uint16Array.from(values, kind === 'f16' ? floatToHalf : bf16Bits);
  const rounded = Float32Array.from(bits, kind === 'f16' ? halfToFloat : bf16Value);
  return { bytes: new Uint8Array(bits.buffer), values: rounded };
}

function bf16Bits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function bf16Value(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? NaN;
}

/** s = max |w| / 7, q = clamp(round(w / s + 7), 0, 14), w' = (q - 7) s with s as it lies on disk. */
function quantise({ shape, values }: NamedTensor, kind: FloatKind): Encoded {
  const [rows = 0, columns = 0] = shape;
  const words = new Uint32Array((rows * columns) / 8);
  const exactScales = new Float32Array((rows * columns) / GROUP);
  for (let group = 0; group < exactScales.length; group++) {
    const members = values.subarray(group * GROUP, (group + 1) * GROUP);
    const largest = members.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    exactScales[group] = largest / 7;
  }
  const { bytes, values: scales } = encodeFloats(exactScales, kind);
  const meant = values.map((value, i) => {
    const group = Math.floor(i / GROUP);
    const exact = exactScales[group] ?? 0;
    const q = exact === 0 ? 7 : Math.min(14, Math.max(0, Math.round(value / exact + 7)));
    words[i >> 3] = (words[i >> 3] ?? 0) | (q << (4 * (i & 7)));
    return (q - 7) * (scales[group] ?? NaN);
  });
  return {
    shape,
    values: Float32Array.from(meant),
    columns: [
      { ending: 'q_weight', dtype: 'uint32', rowShape: [columns / 8], bytes: new Uint8Array(words.buffer) },
      { ending: 'q_scale', dtype: dtypeOf(kind), rowShape: [columns / GROUP], bytes },
    ],
  };
}

interface EncodedRecord {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function joinRows(name: string, parts: readonly Encoded[]): EncodedRecord[] {
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return at(parts, 0).columns.map(({ ending, dtype, rowShape }, i) => ({
    name: ending === null ? name : name.replace(/weight$/, ending),
    dtype,
    shape: [rows, ...rowShape],
    bytes: concatRows(parts.map(({ columns }) => at(columns, i).bytes)),
  }));
}

/** Neighbours go to different shards, and every shard begins with two bytes of another record: nothing is aligned. */
function writeShards(records: readonly EncodedRecord[], files: Map<string, Uint8Array<ArrayBuffer>>): object[] {
  const shards = Array.from({ length: NUM_SHARDS }, (_, number) => {
    const own = records.filter((_record, i) => i % NUM_SHARDS === number).toReversed();
    let byteOffset = 2;
    const placed = own.map(({ name, dtype, shape, bytes }) => {
      const record = { name, shape, dtype, format: 'f32-to-bf16', nbytes: bytes.length, byteOffset };
      byteOffset += bytes.length;
      return record;
    });
    const bytes = concatRows([new Uint8Array(2), ...own.map((record) => record.bytes)]);
    const dataPath = `params_shard_${number}.bin`;
    files.set(dataPath, bytes);
    return { dataPath, format: 'raw-shard', nbytes: bytes.length, md5sum: bytesToHex(md5(bytes)), records: placed };
  });
  return shards.toReversed();
}

function chatConfigOf(checkpoint: CheckpointConfig, quantization: MlcQuantization): object {
  const { model_type, rope_theta, max_position_embeddings, ...fields } = checkpoint;
  const isLlama = model_type === 'llama';
  return {
    version: '0.1.0',
    model_type,
    quantization,
    model_config: {
      hidden_size: fields.hidden_size,
      intermediate_size: fields.intermediate_size,
      num_attention_heads: fields.num_attention_heads,
      num_hidden_layers: fields.num_hidden_layers,
      num_key_value_heads: fields.num_key_value_heads,
      head_dim: fields.head_dim,
      rms_norm_eps: fields.rms_norm_eps,
      vocab_size: fields.vocab_size,
      tie_word_embeddings: fields.tie_word_embeddings,
      ...(isLlama ? { position_embedding_base: rope_theta, rope_scaling: null } : { rope_theta, hidden_act: 'silu' }),
      ...(model_type === 'qwen3' ? { attention_bias: false } : {}),
      context_window_size: max_position_embeddings,
      prefill_chunk_size: 2048,
      tensor_parallel_shards: 1,
    },
    vocab_size: fields.vocab_size,
    active_vocab_size: fields.vocab_size,
    context_window_size: max_position_embeddings,
    sliding_window_size: -1,
    conv_template: {
      name: 'chatml',
      system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
      system_message: 'You are a helpful assistant.',
      roles: { user: '<|im_start|>user', assistant: '<|im_start|>assistant' },
      role_content_sep: '\n',
      role_empty_sep: '\n',
      seps: ['<|im_end|>\n'],
      stop_token_ids: [317],
    },
  };
}

function ggufNameOf(name: string): string {
  const parts: readonly (readonly [string, string])[] = [
    ['model.layers.', 'blk.'],
    ['self_attn.q_proj', 'attn_q'],
    ['self_attn.k_proj', 'attn_k'],
    ['self_attn.v_proj', 'attn_v'],
    ['self_attn.o_proj', 'attn_output'],
    ['self_attn.q_norm', 'attn_q_norm'],
    ['self_attn.k_norm', 'attn_k_norm'],
    ['input_layernorm', 'attn_norm'],
    ['post_attention_layernorm', 'ffn_norm'],
    ['mlp.gate_proj', 'ffn_gate'],
    ['mlp.up_proj', 'ffn_up'],
    ['mlp.down_proj', 'ffn_down'],
    ['model.embed_tokens', 'token_embd'],
    ['model.norm', 'output_norm'],
    ['lm_head', 'output'],
  ];
  return parts.reduce((text, [from, to]) => text.replace(from, to), name);
}
