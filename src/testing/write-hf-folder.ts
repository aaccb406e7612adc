/** Writes small Hugging Face folders for tests, sound or broken; in Node and in the browser. */
import type { NamedTensor } from '@/protocol/training.ts';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import type { ModelFolder } from '@/engine/loading/model-folder.ts';
import { DTYPE_BYTES, type SafetensorsDtype } from '@/engine/loading/safetensors-header.ts';
import { floatToHalf } from '@/engine/quantisation/half.ts';
import { PRE_TOKENIZERS } from '@/engine/tokenizer/pre-tokenizers.ts';
import { TokenType, type Vocabulary } from '@/engine/tokenizer/vocabulary.ts';

/** Contents by file name; objects are written as JSON. */
export type FolderFiles = Readonly<Record<string, Uint8Array<ArrayBuffer> | string | object>>;

function bytesOf(content: FolderFiles[string]): Uint8Array<ArrayBuffer> {
  if (content instanceof Uint8Array) return content;
  return new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
}

export function memoryFolder(files: FolderFiles): ModelFolder {
  return {
    name: 'test-folder',
    async open(fileName) {
      const content = Object.hasOwn(files, fileName) ? files[fileName] : undefined;
      return content === undefined ? null : bytesSource(fileName, bytesOf(content));
    },
  };
}

/** As a user chooses them, one by one. */
export function chosenFiles(files: FolderFiles): File[] {
  return Object.entries(files).map(([name, content]) => new File([bytesOf(content)], name));
}

export interface HfWeightsOptions {
  /** Default: 'F32'. Rounded to nearest, ties to even. */
  readonly dtype?: SafetensorsDtype;
  /** Above 1, an index is written too. Default: 1. */
  readonly numShards?: number;
}

/** `model.safetensors`, or its shards with their index. Tensors go to the shards in turn. */
export function writeHfWeights(
  tensors: readonly NamedTensor[],
  { dtype = 'F32', numShards = 1 }: HfWeightsOptions = {},
): FolderFiles {
  if (numShards === 1) return { 'model.safetensors': writeSafetensorsOf(tensors, dtype) };
  const files: Record<string, Uint8Array<ArrayBuffer> | object> = {};
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < numShards; shard++) {
    const digits = (value: number): string => String(value).padStart(5, '0');
    const name = `model-${digits(shard + 1)}-of-${digits(numShards)}.safetensors`;
    const held = tensors.filter((_, i) => i % numShards === shard);
    files[name] = writeSafetensorsOf(held, dtype);
    for (const tensor of held) weightMap[tensor.name] = name;
  }
  files['model.safetensors.index.json'] = { metadata: {}, weight_map: weightMap };
  return files;
}

function writeSafetensorsOf(tensors: readonly NamedTensor[], dtype: SafetensorsDtype): Uint8Array<ArrayBuffer> {
  const entries: Record<string, object> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, shape, values } of tensors) {
    const begin = end;
    end += values.length * DTYPE_BYTES[dtype];
    entries[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const header = new TextEncoder().encode(JSON.stringify(entries));
  const bytes = new Uint8Array(8 + header.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let offset = 8 + header.length;
  for (const { values } of tensors) {
    const data = new Uint8Array(encode(values, dtype).buffer);
    bytes.set(data, offset);
    offset += data.length;
  }
  return bytes;
}

function encode(values: Float32Array, dtype: SafetensorsDtype): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  if (dtype === 'F32') return Float32Array.from(values);
  if (dtype === 'F16') return Uint16Array.from(values, floatToHalf);
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };

const sequence = (...pretokenizers: readonly object[]): object => ({ type: 'Sequence', pretokenizers });
const split = (regex: string): object => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const splitAndBytes = (regex: string): object => sequence(split(regex), { ...BYTE_LEVEL, use_regex: false });

/** As the models' makers publish them, by GGUF's labels. */
export const PUBLISHED_PRE_TOKENIZERS: Readonly<Record<string, object>> = {
  'gpt-2': BYTE_LEVEL,
  smollm: sequence({ type: 'Digits', individual_digits: true }, { ...BYTE_LEVEL, use_regex: true }),
  qwen2: splitAndBytes(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
  'llama-bpe': splitAndBytes(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
};

/** `tokenizer.json` of a vocabulary; `changes` replace its parts. */
export function tokenizerJsonOf(
  { pieces, types, merges, rule }: Vocabulary,
  changes: Readonly<Record<string, unknown>> = {},
): object {
  const label = [...PRE_TOKENIZERS].find(([, known]) => known.patterns === rule.patterns)?.[0] ?? '';
  const isAdded = (id: number): boolean => types[id] === TokenType.control || types[id] === TokenType.userDefined;
  // Without a prototype: a piece may be called `__proto__`.
  const vocab = Object.assign(
    Object.create(null) as object,
    Object.fromEntries(pieces.map((piece, id) => [piece, id])),
  );
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: pieces.flatMap((content, id) =>
      isAdded(id)
        ? [
            {
              id,
              content,
              single_word: false,
              lstrip: false,
              rstrip: false,
              normalized: false,
              special: types[id] === TokenType.control,
            },
          ]
        : [],
    ),
    normalizer: null,
    pre_tokenizer: PUBLISHED_PRE_TOKENIZERS[label],
    post_processor: null,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: rule.ignoreMerges,
      vocab,
      merges: merges.map((pair) => pair.join(' ')),
    },
    ...changes,
  };
}

/** Tokenizer files of a vocabulary. @param chatTemplate  goes into tokenizer_config.json */
export function writeHfTokenizer(vocabulary: Vocabulary, chatTemplate: string | null): FolderFiles {
  const pieceOf = (id: number | null): string | null => (id === null ? null : (vocabulary.pieces[id] ?? null));
  return {
    'tokenizer.json': tokenizerJsonOf(vocabulary),
    'tokenizer_config.json': {
      add_bos_token: vocabulary.addBos,
      bos_token: pieceOf(vocabulary.bosTokenId),
      eos_token: pieceOf(vocabulary.eosTokenId),
      ...(chatTemplate !== null && { chat_template: chatTemplate }),
    },
  };
}
