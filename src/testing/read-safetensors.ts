import { assert } from '@/lib/assert.ts';

export interface SafetensorsTensor {
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface TensorHeader {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * Tensors of a safetensors file that holds F32 only: u64 header length, JSON header, data.
 *
 * @throws {Error} if a tensor is not F32
 */
export function readSafetensors(file: Uint8Array): Map<string, SafetensorsTensor> {
  const headerLength = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength))) as Record<
    string,
    TensorHeader
  >;
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, tensor] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape } = tensor;
    const [begin, end] = tensor.data_offsets;
    assert(dtype === 'F32', `${name} is F32`);
    // A copy, because the data need not start at a multiple of four bytes.
    const bytes = file.slice(8 + headerLength + begin, 8 + headerLength + end);
    tensors.set(name, { shape, values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) });
  }
  return tensors;
}
