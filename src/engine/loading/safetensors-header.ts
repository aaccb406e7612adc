/**
 * Header of a safetensors file: u64 length of the header (little-endian), JSON header, data. As in the reference
 * library, the tensors cover the data without holes or overlaps.
 */
import { z } from 'zod';
import { repeatedKey } from '@/lib/repeated-key.ts';
import { isJsonObject, type JsonObject } from './folder-json.ts';

/** Our choice; the header of the largest model that fits a browser has well below 1 MB. */
const MAX_HEADER_BYTES = 16e6;
/** Our choice; names are repeated in messages. */
const MAX_NAME_LENGTH = 300;
/** The key of the header that is no tensor. */
export const SAFETENSORS_METADATA = '__metadata__';

/** Dtypes that are read, with their bytes a value. */
export const DTYPE_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
export type SafetensorsDtype = keyof typeof DTYPE_BYTES;

const sizeSchema = z.int().min(0);
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(sizeSchema).max(8),
  data_offsets: z.tuple([sizeSchema, sizeSchema]),
});

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** From the start of the data; the bytes are as many as dtype and shape need. */
  readonly begin: number;
  readonly end: number;
}

/** How faults are told: adapters and models have codes and remedies of their own. */
export interface SafetensorsFaults {
  /** What to do with a file of another kind, and with one that was written wrongly: full sentences. */
  readonly wrongFile: string;
  readonly malformed: string;
  invalid(message: string): Error;
  unsupported(message: string): Error;
}

/**
 * Where the data begin.
 *
 * @param prefix     the file's first 8 bytes, or all of a shorter file
 * @param fileBytes  of the whole file
 */
export function safetensorsDataStart(prefix: Uint8Array, fileBytes: number, faults: SafetensorsFaults): number {
  if (prefix.length < 8) throw notSafetensors(`it has only ${prefix.length} bytes`, faults);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) throw notSafetensors(`its header would have ${length} bytes`, faults);
  const dataStart = 8 + Number(length);
  if (dataStart > fileBytes)
    throw faults.invalid(`The file ends inside its header of ${length} bytes. Copy or download it again.`);
  return dataStart;
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * @param bytes      the JSON part
 * @param dataBytes  of the rest of the file
 * @throws what `faults` make, whatever the bytes are
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  dataBytes: number,
  faults: SafetensorsFaults,
): SafetensorsHeader {
  const entries: SafetensorsEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(parseJson(bytes, faults))) {
    if (name !== SAFETENSORS_METADATA) entries.push(entryOf(name, value, faults));
    else metadata = metadataOf(value, faults);
  }
  // Empty tensors come before what begins at the same byte.
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, dataBytes, faults);
  return { entries, metadata };
}

function parseJson(bytes: Uint8Array, faults: SafetensorsFaults): JsonObject {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw notSafetensors('its header is not JSON', faults);
  }
  if (!isJsonObject(header)) throw notSafetensors('its header is not an object', faults);
  const repeated = repeatedKey(text);
  if (repeated !== null)
    throw faults.invalid(`"${repeated.slice(0, MAX_NAME_LENGTH)}" stands twice in the header. ${faults.malformed}`);
  return header;
}

function metadataOf(value: unknown, faults: SafetensorsFaults): Readonly<Record<string, string>> {
  if (isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string'))
    return value as Readonly<Record<string, string>>;
  throw faults.invalid(`"${SAFETENSORS_METADATA}" has values that are not text. ${faults.malformed}`);
}

function entryOf(name: string, value: unknown, faults: SafetensorsFaults): SafetensorsEntry {
  if (name.length > MAX_NAME_LENGTH)
    throw faults.invalid(`A tensor has a name of ${name.length} characters. Export it with a shorter one.`);
  const parsed = tensorSchema.safeParse(value);
  if (!parsed.success)
    throw faults.invalid(`Tensor "${name}" lacks a valid dtype, shape or data_offsets. ${faults.malformed}`);
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!isDtype(dtype))
    throw faults.unsupported(`Tensor "${name}" is ${dtype}. Convert it to F32, F16 or BF16 and try again.`);
  const sizeBytes = DTYPE_BYTES[dtype] * numElements(shape);
  if (end - begin !== sizeBytes)
    throw faults.invalid(
      `Tensor "${name}" has shape [${shape.join(', ')}] in ${dtype}, ${sizeBytes} bytes, but its data_offsets [${begin}, ${end}] hold ${end - begin}. ${faults.malformed}`,
    );
  return { name, dtype, shape, begin, end };
}

/** Every byte of the data belongs to one tensor. @param entries in order of `begin` */
function checkCover(entries: readonly SafetensorsEntry[], dataBytes: number, faults: SafetensorsFaults): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (end > dataBytes)
      throw faults.invalid(
        `Tensor "${name}" ends at byte ${end} of the data, which has only ${dataBytes}. The file is incomplete: copy or download it again.`,
      );
    if (begin < covered) throw faults.invalid(`Tensor "${name}" overlaps the one in front of it. ${faults.malformed}`);
    if (begin > covered)
      throw faults.invalid(`${begin - covered} bytes in front of tensor "${name}" belong to none. ${faults.malformed}`);
    covered = end;
  }
  if (covered !== dataBytes)
    throw faults.invalid(`${dataBytes - covered} bytes at the end belong to no tensor. ${faults.malformed}`);
}

function notSafetensors(reason: string, faults: SafetensorsFaults): Error {
  return faults.invalid(`This is not a safetensors file: ${reason}. ${faults.wrongFile}`);
}

function isDtype(dtype: string): dtype is SafetensorsDtype {
  return Object.hasOwn(DTYPE_BYTES, dtype);
}

/** Product of the sizes; 1 for a scalar. */
export function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
