/**
 * Safetensors: u64 length of the header (little-endian), JSON header, data. As in the reference library, the tensors
 * cover the data without holes or overlaps.
 */
import { z } from 'zod';
import { at } from '@/lib/assert.ts';
import { repeatedKey } from '@/lib/repeated-key.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import { floatToHalf, halfValues } from '@/engine/quantisation/half.ts';
import { invalidAdapter } from './invalid-adapter.ts';

/** Our choice; the header of the largest adapter that fits a browser has about 0.1 MB. */
const MAX_HEADER_BYTES = 16e6;
/** Our choice; names are repeated in messages. */
const MAX_NAME_LENGTH = 300;
const METADATA = '__metadata__';

const DTYPE_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
type Dtype = keyof typeof DTYPE_BYTES;

const sizeSchema = z.int().min(0);
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(sizeSchema).max(8),
  data_offsets: z.tuple([sizeSchema, sizeSchema]),
});

interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsFile {
  /** In the order of their data. */
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole file; F16 and BF16 become f32.
 *
 * @param bytes     borrowed
 * @param fileName  for messages
 * @throws {Failure} invalidAdapter, whatever the bytes are
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes, fileName);
  const entries: TensorEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name !== METADATA) entries.push(entryOf(name, value, fileName));
    else metadata = metadataOf(value, fileName);
  }
  // Empty tensors come before what begins at the same byte.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - dataStart, fileName);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => ({
    name,
    shape,
    // Not slice, which does not copy where the bytes are a Node Buffer.
    values: decode(dtype, new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end))),
  }));
  return { tensors, metadata };
}

function readHeader(
  bytes: Uint8Array,
  fileName: string,
): { readonly header: Readonly<Record<string, unknown>>; readonly dataStart: number } {
  if (bytes.length < 8) throw notSafetensors(fileName, `it has only ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) throw notSafetensors(fileName, `its header would have ${length} bytes`);
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length)
    throw invalidAdapter(fileName, `The file ends inside its header of ${length} bytes. Copy or download it again.`);
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch {
    throw notSafetensors(fileName, 'its header is not JSON');
  }
  if (!isObject(header)) throw notSafetensors(fileName, 'its header is not an object');
  const repeated = repeatedKey(text);
  if (repeated !== null)
    throw invalidAdapter(
      fileName,
      `"${repeated.slice(0, MAX_NAME_LENGTH)}" stands twice in the header. Export it again.`,
    );
  return { header, dataStart };
}

function metadataOf(value: unknown, fileName: string): Readonly<Record<string, string>> {
  if (isObject(value) && Object.values(value).every((text) => typeof text === 'string'))
    return value as Readonly<Record<string, string>>;
  throw invalidAdapter(fileName, `"${METADATA}" has values that are not text. Export it again.`);
}

/** Not zod's record, which leaves out a key named __proto__. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf(name: string, value: unknown, fileName: string): TensorEntry {
  if (name.length > MAX_NAME_LENGTH)
    throw invalidAdapter(fileName, `A tensor has a name of ${name.length} characters. Export it with a shorter one.`);
  const parsed = tensorSchema.safeParse(value);
  if (!parsed.success)
    throw invalidAdapter(fileName, `Tensor "${name}" lacks a valid dtype, shape or data_offsets. Export it again.`);
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!isDtype(dtype))
    throw invalidAdapter(fileName, `Tensor "${name}" is ${dtype}. Convert it to F32, F16 or BF16 and try again.`);
  const sizeBytes = DTYPE_BYTES[dtype] * numElements(shape);
  if (end - begin !== sizeBytes)
    throw invalidAdapter(
      fileName,
      `Tensor "${name}" has shape [${shape.join(', ')}] in ${dtype}, ${sizeBytes} bytes, but its data_offsets [${begin}, ${end}] hold ${end - begin}. Export it again.`,
    );
  return { name, dtype, shape, begin, end };
}

/** Every byte of the data belongs to one tensor. @param entries in order of `begin` */
function checkCover(entries: readonly TensorEntry[], dataBytes: number, fileName: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (end > dataBytes)
      throw invalidAdapter(
        fileName,
        `Tensor "${name}" ends at byte ${end} of the data, which has only ${dataBytes}. The file is incomplete: copy or download it again.`,
      );
    if (begin < covered)
      throw invalidAdapter(fileName, `Tensor "${name}" overlaps the one in front of it. Export it again.`);
    if (begin > covered)
      throw invalidAdapter(
        fileName,
        `${begin - covered} bytes in front of tensor "${name}" belong to none. Export it again.`,
      );
    covered = end;
  }
  if (covered !== dataBytes)
    throw invalidAdapter(fileName, `${dataBytes - covered} bytes at the end belong to no tensor. Export it again.`);
}

function notSafetensors(fileName: string, reason: string): Error {
  return invalidAdapter(fileName, `This is not a safetensors file: ${reason}. Choose adapter_model.safetensors.`);
}

function isDtype(dtype: string): dtype is Dtype {
  return Object.hasOwn(DTYPE_BYTES, dtype);
}

/** Product of the sizes; 1 for a scalar. */
export function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** @param bytes taken; begins at its buffer's first byte */
function decode(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (dtype === 'F32') return new Float32Array(buffer);
  const bits = new Uint16Array(buffer);
  if (dtype === 'BF16') return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
  const table = halfValues();
  return Float32Array.from(bits, (half) => at(table, half));
}

export interface SafetensorsOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** 'F16' rounds to nearest, ties to even. Default 'F32'. */
  readonly dtype?: 'F32' | 'F16';
}

/**
 * Writes a file with the tensors in the given order; the data begin at a multiple of 8 bytes.
 *
 * @throws {RangeError} if two tensors have one name, or a shape does not fit its values: a defect of the caller
 */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  { metadata, dtype = 'F32' }: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  let dataBytes = 0;
  const entries = new Map<string, unknown>();
  if (metadata !== undefined) entries.set(METADATA, metadata);
  for (const { name, shape, values } of tensors) {
    if (name === METADATA || entries.has(name)) throw new RangeError(`Tensor "${name}" is given twice.`);
    if (numElements(shape) !== values.length)
      throw new RangeError(`Tensor "${name}" has ${values.length} values for shape [${shape.join(', ')}].`);
    const end = dataBytes + values.length * DTYPE_BYTES[dtype];
    entries.set(name, { dtype, shape, data_offsets: [dataBytes, end] });
    dataBytes = end;
  }
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.fill(0x20, 8, dataStart);
  bytes.set(header, 8);
  let offset = dataStart;
  for (const { values } of tensors) {
    const data = dtype === 'F32' ? values : Uint16Array.from(values, floatToHalf);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}
