/** A model in GGUF form: one file, or the shards of a split file, seen as one table of tensors. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { dequantize } from '@/engine/quantisation/gguf-blocks.ts';
import type { ByteSource } from './byte-source.ts';
import type { GgufValue } from './gguf-cursor.ts';
import { invalidFile, readGgufHeader, type GgufHeader, type TensorInfo } from './gguf-header.ts';
import { countTensorTypes, type WeightSource } from './weight-source.ts';

export type { TensorInfo } from './gguf-header.ts';
export type { GgufValue } from './gguf-cursor.ts';

/** `name-00002-of-00003.gguf`: the numbers have five digits and count from 1. */
const SHARD_NAME = /^(?<base>.*)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf$/s;

export interface ShardName {
  readonly base: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** @returns null unless `name` (a file name or URL path) names one shard of several */
export function parseShardName(name: string): ShardName | null {
  const groups = SHARD_NAME.exec(name)?.groups;
  if (groups === undefined) return null;
  const { base = '', number = '', count = '' } = groups;
  return { base, number: Number(number), count: Number(count) };
}

export function shardNameOf({ base, count }: ShardName, number: number): string {
  const digits = (value: number): string => String(value).padStart(5, '0');
  return `${base}-${digits(number)}-of-${digits(count)}.gguf`;
}

/**
 * Addresses of all shards of a URL that ends in `-00001-of-0000N.gguf`; any other URL stands alone. A query or fragment
 * is kept.
 */
export function shardUrlsOf(url: string): string[] {
  const end = url.search(/[?#]/);
  const [path, rest] = end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end)];
  const shard = parseShardName(path);
  if (shard === null || shard.number !== 1 || shard.count < 1) return [url];
  return Array.from({ length: shard.count }, (_, i) => shardNameOf(shard, i + 1) + rest);
}

interface Shard {
  readonly header: GgufHeader;
  readonly source: ByteSource;
}

/** Metadata and tensors of one model. Owns its sources. */
export class GgufModel implements WeightSource {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Name of the first file, for messages. */
  readonly fileName: string;
  /** Of all files. */
  readonly fileBytes: number;
  readonly queryKeyRows: WeightSource['queryKeyRows'];
  readonly #sourceOf: ReadonlyMap<string, ByteSource>;
  readonly #sources: readonly ByteSource[];

  constructor(shards: readonly Shard[], first: Shard) {
    const tensors = new Map<string, TensorInfo>();
    const sourceOf = new Map<string, ByteSource>();
    for (const { header, source } of shards)
      for (const tensor of header.tensors.values()) {
        if (tensors.has(tensor.name))
          throw invalidFile(source.name, `tensor "${tensor.name}"`, 'another shard has a tensor of this name');
        tensors.set(tensor.name, tensor);
        sourceOf.set(tensor.name, source);
      }
    this.metadata = first.header.metadata;
    this.tensors = tensors;
    this.fileName = first.source.name;
    this.fileBytes = shards.reduce((sum, { source }) => sum + source.sizeBytes, 0);
    // The converter reorders these rows for this architecture only.
    this.queryKeyRows = this.metadata.get('general.architecture') === 'llama' ? 'interleaved' : 'halfSplit';
    this.#sourceOf = sourceOf;
    this.#sources = shards.map(({ source }) => source);
  }

  /** @throws {Failure} 'invalidFile' naming the tensor if the file has none of this name */
  tensor(name: string): TensorInfo {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw invalidFile(this.fileName, `tensor "${name}"`, 'it is missing');
    return tensor;
  }

  /** @returns owned bytes as stored; [rows] rows of `rowBytesOf(type, columns)` */
  async readTensor(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.readTensorBytes(name, 0, this.tensor(name).sizeBytes);
  }

  /** A part of a tensor's bytes, so that large tensors can be handled in pieces. Owned. */
  async readTensorBytes(name: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const tensor = this.tensor(name);
    const source = this.#sourceOf.get(name);
    if (source === undefined || offset < 0 || offset + length > tensor.sizeBytes)
      throw new RangeError(`Bytes ${offset} to ${offset + length} are outside tensor ${name}.`);
    return source.read(tensor.offset + offset, length);
  }

  /** A whole tensor as f32, for norms, biases and tests. */
  async readTensorAsF32(name: string): Promise<Float32Array> {
    const { type, shape } = this.tensor(name);
    const numValues = shape.reduce((product, size) => product * size, 1);
    return dequantize(type, await this.readTensor(name), numValues);
  }

  /** Tensor types with their counts, e.g. { F32: 61, Q4_1: 210 }. */
  tensorTypes(): Record<string, number> {
    return countTensorTypes(this.tensors);
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source[Symbol.dispose]();
  }
}

/**
 * Opens one file or all shards of a split file, in any order. Takes ownership of the sources, also when it fails.
 *
 * @throws {Failure} 'invalidFile' naming the file and field, or the shard that is missing; 'unsupportedModel' for
 *                   versions and tensor types that cannot be read
 */
export async function openGguf(sources: readonly ByteSource[]): Promise<GgufModel> {
  try {
    const shards: Shard[] = [];
    for (const source of sources) shards.push({ source, header: await readGgufHeader(source) });
    const ordered = orderShards(shards);
    const [first] = ordered;
    if (first === undefined) throw new Failure<FailureCode>('invalidFile', 'No file was given.');
    const model = new GgufModel(ordered, first);
    checkTensorCount(model);
    return model;
  } catch (error) {
    for (const source of sources) source[Symbol.dispose]();
    throw error;
  }
}

/** Sorts shards by the number inside the files; names serve messages only, since users rename files. */
function orderShards(shards: readonly Shard[]): Shard[] {
  const [first] = shards;
  if (first === undefined) return [];
  const count = splitField(first, 'split.count') ?? 1;
  if (count <= 1) {
    const second = shards[1];
    if (second === undefined) return [first];
    throw new Failure<FailureCode>(
      'invalidFile',
      `${first.source.name} is a complete model, so ${second.source.name} does not belong to it. Choose one model.`,
      { file: second.source.name },
    );
  }
  const byNumber = new Map<number, Shard>();
  for (const shard of shards) {
    const number = splitField(shard, 'split.no');
    if (number === null || number >= count || splitField(shard, 'split.count') !== count)
      throw invalidFile(shard.source.name, 'split.no', `it is not one of the ${count} parts of ${first.source.name}`);
    const twin = byNumber.get(number);
    if (twin !== undefined)
      throw invalidFile(shard.source.name, 'split.no', `${twin.source.name} is the same part, ${number + 1}`);
    byNumber.set(number, shard);
  }
  return Array.from({ length: Math.min(count, shards.length + 1) }, (_, number) => {
    const shard = byNumber.get(number);
    if (shard === undefined) throw missingShard(first.source.name, number + 1, count);
    return shard;
  });
}

function missingShard(givenName: string, number: number, count: number): Failure<FailureCode> {
  const shard = parseShardName(givenName);
  const name = shard === null ? `part ${number} of ${count}` : shardNameOf(shard, number);
  return new Failure<FailureCode>(
    'invalidFile',
    `The model is split into ${count} files, and ${name} is missing. Choose all of them together.`,
    { file: name },
  );
}

function splitField({ header, source }: Shard, key: string): number | null {
  const value = header.metadata.get(key);
  if (value === undefined) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw invalidFile(source.name, key, 'a whole number was expected');
  return value;
}

function checkTensorCount(model: GgufModel): void {
  const expected = model.metadata.get('split.tensors.count');
  if (typeof expected === 'number' && expected !== model.tensors.size)
    throw invalidFile(
      model.fileName,
      'split.tensors.count',
      `${expected} tensors are announced, but the files hold ${model.tensors.size}`,
    );
}
