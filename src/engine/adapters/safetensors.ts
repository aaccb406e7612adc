/** Safetensors files in memory, as adapters and checkpoints are; large ones are read by safetensors-weights.ts. */
import { at } from '@/lib/assert.ts';
import type { NamedTensor } from '@/protocol/training.ts';
import {
  DTYPE_BYTES,
  numElements,
  parseSafetensorsHeader,
  SAFETENSORS_METADATA,
  safetensorsDataStart,
  type SafetensorsDtype,
  type SafetensorsFaults,
} from '@/engine/loading/safetensors-header.ts';
import { floatToHalf, halfValues } from '@/engine/quantisation/half.ts';
import { invalidAdapter } from './invalid-adapter.ts';

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
  const faults: SafetensorsFaults = {
    wrongFile: 'Choose adapter_model.safetensors.',
    malformed: 'Export it again.',
    invalid: (message) => invalidAdapter(fileName, message),
    unsupported: (message) => invalidAdapter(fileName, message),
  };
  const dataStart = safetensorsDataStart(bytes.subarray(0, 8), bytes.length, faults);
  const { entries, metadata } = parseSafetensorsHeader(bytes.subarray(8, dataStart), bytes.length - dataStart, faults);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => ({
    name,
    shape,
    // Not slice, which does not copy where the bytes are a Node Buffer.
    values: decode(dtype, new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end))),
  }));
  return { tensors, metadata };
}

/** @param bytes taken; begins at its buffer's first byte */
function decode(dtype: SafetensorsDtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
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
  if (metadata !== undefined) entries.set(SAFETENSORS_METADATA, metadata);
  for (const { name, shape, values } of tensors) {
    if (name === SAFETENSORS_METADATA || entries.has(name)) throw new RangeError(`Tensor "${name}" is given twice.`);
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
