/**
 * The header of one GGUF file (versions 2 and 3, little-endian): metadata and the table of tensors.
 *
 * Nothing in the file is believed: every count and length is compared with the bytes that are left before anything is
 * allocated for it, so a hostile file costs no more than its own size.
 *
 * @see docs/gguf.md of ggml
 */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import {
  BLOCK_FORMATS,
  GGUF_TENSOR_TYPES,
  tensorTypeOfId,
  type TensorType,
} from '@/engine/quantisation/gguf-blocks.ts';
import type { ByteSource } from './byte-source.ts';
import { GgufCursor, NeedsMoreBytes, type GgufValue } from './gguf-cursor.ts';

/** One tensor of the table. */
export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  /** Row-major, Hugging Face's order: [rows, columns] for a matrix, [length] for a vector. */
  readonly shape: readonly number[];
  /** From the start of its file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface GgufHeader {
  readonly fileName: string;
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Offset of the data section. */
  readonly dataOffset: number;
}

const MAGIC = 0x46554747; // 'GGUF', little-endian
const FIRST_READ_BYTES = 1 << 19;
/** A choice: ten times the largest header known (vocabularies of 262,144 tokens need about 15 MB). */
const MAX_HEADER_BYTES = 1 << 27;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 1 << 16;
const MAX_TENSOR_NAME_BYTES = 64;
const MAX_DIMENSIONS = 4;
/** Least bytes that a table entry takes: name length, one dimension, type, offset. */
const MIN_TENSOR_INFO_BYTES = 8 + 4 + 8 + 4 + 8;
/** Least bytes that a metadata entry takes: key length, type, a one-byte value. */
const MIN_METADATA_BYTES = 8 + 4 + 1;

/**
 * Reads the header in growing pieces, never the tensor data.
 *
 * @throws {Failure} 'invalidFile' naming file and field if the file is damaged; 'unsupportedModel' for versions and
 *                   tensor types that cannot be read
 */
export async function readGgufHeader(source: ByteSource): Promise<GgufHeader> {
  const limit = Math.min(source.sizeBytes, MAX_HEADER_BYTES);
  let length = Math.min(FIRST_READ_BYTES, limit);
  for (;;) {
    const bytes = await source.read(0, length);
    try {
      return parseHeader(new GgufCursor(source.name, bytes, source.sizeBytes), source);
    } catch (error) {
      if (!(error instanceof NeedsMoreBytes)) throw error;
      if (length >= limit)
        throw invalidFile(
          source.name,
          error.field,
          length === source.sizeBytes
            ? `the file ends here, after ${length} bytes: it is incomplete`
            : `the header is longer than ${MAX_HEADER_BYTES} bytes`,
        );
      length = Math.min(limit, Math.max(2 * length, error.end));
    }
  }
}

/** A damaged file, with the name of the file and of the field. */
export function invalidFile(file: string, field: string, problem: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidFile', `${file}: ${field}: ${problem}.`, { file, field });
}

/** A sound file with something that this engine does not run. */
export function unsupportedModel(file: string, field: string, problem: string): Failure<FailureCode> {
  return new Failure<FailureCode>('unsupportedModel', `${file}: ${field}: ${problem}.`, { file, field });
}

function parseHeader(cursor: GgufCursor, source: ByteSource): GgufHeader {
  const version = parseVersion(cursor, source.name);
  const tensorCount = cursor.count('tensor count', MIN_TENSOR_INFO_BYTES);
  const metadataCount = cursor.count('metadata count', MIN_METADATA_BYTES);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i++) {
    const key = cursor.string(`key of metadata entry ${i}`);
    if (metadata.has(key)) throw invalidFile(source.name, key, 'the key stands twice in the metadata');
    metadata.set(key, cursor.value(key));
  }
  const alignment = alignmentOf(metadata, source.name);
  const table: RawTensorInfo[] = [];
  for (let i = 0; i < tensorCount; i++) table.push(parseTensorInfo(cursor, source.name, i));
  const dataOffset = Math.ceil(cursor.offset / alignment) * alignment;
  const tensors = placeTensors(table, { fileName: source.name, sizeBytes: source.sizeBytes, dataOffset, alignment });
  return { fileName: source.name, version, metadata, tensors, dataOffset };
}

function parseVersion(cursor: GgufCursor, file: string): number {
  if (cursor.u32('magic') !== MAGIC) throw invalidFile(file, 'magic', 'the file does not begin with "GGUF"');
  const version = cursor.u32('version');
  if (version === 2 || version === 3) return version;
  if ((version & 0xffff) === 0) throw unsupportedModel(file, 'version', 'the file is big-endian');
  throw unsupportedModel(file, 'version', `${version} is not supported (2 and 3 are)`);
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>, file: string): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPowerOfTwo = typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment));
  if (!isPowerOfTwo || alignment > MAX_ALIGNMENT)
    throw invalidFile(file, 'general.alignment', `a power of two up to ${MAX_ALIGNMENT} was expected`);
  return alignment;
}

interface RawTensorInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** From the start of the data section. */
  readonly relativeOffset: number;
}

function parseTensorInfo(cursor: GgufCursor, file: string, index: number): RawTensorInfo {
  const name = cursor.string(`name of tensor ${index}`, MAX_TENSOR_NAME_BYTES);
  const field = `tensor "${name}"`;
  const numDimensions = cursor.u32(`${field}, number of dimensions`);
  if (numDimensions < 1 || numDimensions > MAX_DIMENSIONS)
    throw invalidFile(file, field, `${numDimensions} dimensions, but 1 to ${MAX_DIMENSIONS} are possible`);
  const fastestFirst: number[] = [];
  for (let d = 0; d < numDimensions; d++) fastestFirst.push(cursor.u64(`${field}, dimension ${d}`));
  const typeId = cursor.u32(`${field}, type`);
  const relativeOffset = cursor.u64(`${field}, offset`);
  const type = tensorTypeOfId(typeId);
  if (type === undefined)
    throw unsupportedModel(
      file,
      field,
      `tensor type number ${typeId} is not supported (supported are ${GGUF_TENSOR_TYPES.join(', ')})`,
    );
  return {
    name,
    type,
    shape: fastestFirst.toReversed(),
    sizeBytes: sizeOf(file, field, type, fastestFirst),
    relativeOffset,
  };
}

function sizeOf(file: string, field: string, type: TensorType, fastestFirst: readonly number[]): number {
  const { blockValues, blockBytes } = BLOCK_FORMATS[type];
  const numValues = fastestFirst.reduce((product, size) => product * size, 1);
  if (numValues < 1 || !Number.isSafeInteger(numValues * blockBytes))
    throw invalidFile(file, field, `the shape [${fastestFirst.toReversed().join(', ')}] is not possible`);
  const columns = fastestFirst[0] ?? 0;
  if (columns % blockValues !== 0)
    throw invalidFile(file, field, `rows of ${columns} values are no whole number of ${type} blocks (${blockValues})`);
  return (numValues / blockValues) * blockBytes;
}

interface DataSection {
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly dataOffset: number;
  readonly alignment: number;
}

/** Turns relative offsets into absolute ones; every tensor must lie inside the file, apart from all others. */
function placeTensors(table: readonly RawTensorInfo[], section: DataSection): Map<string, TensorInfo> {
  const tensors = new Map<string, TensorInfo>();
  for (const { name, type, shape, sizeBytes, relativeOffset } of table) {
    const field = `tensor "${name}"`;
    if (tensors.has(name)) throw invalidFile(section.fileName, field, 'the name stands twice in the table');
    if (relativeOffset % section.alignment !== 0)
      throw invalidFile(section.fileName, field, `its offset ${relativeOffset} is no multiple of ${section.alignment}`);
    const offset = section.dataOffset + relativeOffset;
    if (offset + sizeBytes > section.sizeBytes)
      throw invalidFile(
        section.fileName,
        field,
        `its data end at byte ${offset + sizeBytes}, but the file has ${section.sizeBytes} bytes: it is incomplete`,
      );
    tensors.set(name, { name, type, shape, offset, sizeBytes });
  }
  const byOffset = [...tensors.values()].toSorted((a, b) => a.offset - b.offset);
  for (const [i, tensor] of byOffset.entries()) {
    const next = byOffset[i + 1];
    if (next !== undefined && tensor.offset + tensor.sizeBytes > next.offset)
      throw invalidFile(section.fileName, `tensor "${next.name}"`, `its data overlap those of "${tensor.name}"`);
  }
  return tensors;
}
