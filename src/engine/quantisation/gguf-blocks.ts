/**
 * GGUF tensor types, and one that stands in memory only, with their scalar decoders: the oracle of the packed layouts.
 *
 * Every decoder works operation by operation in f32 (`fround` after each one), in the order of ggml's reference
 * decoders, so results equal theirs bit for bit.
 *
 * @see ggml-common.h and ggml-quants.c of ggml for the block layouts
 */
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { halfValues } from './half.ts';

export type TensorType =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  /** Of no file: what mlc-weights.ts makes of a `q_weight` and its `q_scale`. */
  | 'Q4_MLC';

/** Storage of one type: `blockValues` consecutive values of a row take `blockBytes` bytes. */
export interface BlockFormat {
  /** The type's number in a GGUF file; null for a type that such files do not have. */
  readonly id: number | null;
  readonly blockValues: number;
  readonly blockBytes: number;
}

export const BLOCK_FORMATS: Readonly<Record<TensorType, BlockFormat>> = {
  F32: { id: 0, blockValues: 1, blockBytes: 4 },
  F16: { id: 1, blockValues: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockValues: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockValues: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockValues: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockValues: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockValues: 32, blockBytes: 34 },
  Q2_K: { id: 10, blockValues: 256, blockBytes: 84 },
  Q3_K: { id: 11, blockValues: 256, blockBytes: 110 },
  Q4_K: { id: 12, blockValues: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockValues: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockValues: 256, blockBytes: 210 },
  BF16: { id: 30, blockValues: 1, blockBytes: 2 },
  Q4_MLC: { id: null, blockValues: 32, blockBytes: 20 },
};

/** All types, in the order of the table above. */
export const TENSOR_TYPES = Object.keys(BLOCK_FORMATS) as TensorType[];

/** Types that can be read from GGUF files. */
export const GGUF_TENSOR_TYPES = TENSOR_TYPES.filter((type) => BLOCK_FORMATS[type].id !== null);

/** @returns the type with this number in a GGUF file; undefined for one that cannot be read */
export function tensorTypeOfId(id: number): TensorType | undefined {
  return TENSOR_TYPES.find((type) => BLOCK_FORMATS[type].id === id);
}

/**
 * Bytes of one row.
 *
 * @throws {Failure} 'invalidFile' if the row is not a whole number of blocks
 */
export function rowBytesOf(type: TensorType, columns: number): number {
  const { blockValues, blockBytes } = BLOCK_FORMATS[type];
  if (columns % blockValues !== 0)
    throw new Failure<FailureCode>(
      'invalidFile',
      `A row of ${columns} values is not a whole number of ${type} blocks (${blockValues} values each).`,
    );
  return (columns / blockValues) * blockBytes;
}

/**
 * Decodes a run of whole blocks.
 *
 * @param bytes      as in the file; at least as long as `numValues` needs
 * @param numValues  a multiple of the type's block size
 * @returns          [numValues] f32
 * @throws {Failure} 'invalidFile' if the values are no whole number of blocks or the bytes are too few
 */
export function dequantize(type: TensorType, bytes: Uint8Array, numValues: number): Float32Array {
  const numBytes = rowBytesOf(type, numValues);
  if (bytes.length < numBytes)
    throw new Failure<FailureCode>(
      'invalidFile',
      `${numValues} values of type ${type} need ${numBytes} bytes; there are ${bytes.length}.`,
    );
  // GGUF is little-endian, as is every platform with WebGPU.
  if (type === 'F32') return new Float32Array(bytes.slice(0, numBytes).buffer);
  const values = new Float32Array(numValues);
  const view = new DataView(bytes.buffer, bytes.byteOffset, numBytes);
  const { blockValues, blockBytes } = BLOCK_FORMATS[type];
  const decodeBlock = decoderOf(type);
  for (let block = 0; block * blockValues < numValues; block++)
    decodeBlock(view, block * blockBytes, values, block * blockValues);
  return values;
}

/** Decodes the block at byte `offset` of `view` into `out` from index `start`. */
type BlockDecoder = (view: DataView, offset: number, out: Float32Array, start: number) => void;

function decoderOf(type: Exclude<TensorType, 'F32'>): BlockDecoder {
  switch (type) {
    case 'F16':
      return (view, offset, out, start) => {
        out[start] = half(view, offset);
      };
    case 'BF16':
      return decodeBf16;
    case 'Q4_0':
      return decodeQ4_0;
    case 'Q4_1':
      return decodeQ4_1;
    case 'Q5_0':
      return decodeQ5_0;
    case 'Q5_1':
      return decodeQ5_1;
    case 'Q8_0':
      return decodeQ8_0;
    case 'Q2_K':
      return decodeQ2K;
    case 'Q3_K':
      return decodeQ3K;
    case 'Q4_K':
      return decodeQ4K;
    case 'Q5_K':
      return decodeQ5K;
    case 'Q6_K':
      return decodeQ6K;
    case 'Q4_MLC':
      return decodeQ4Mlc;
    default:
      return assertNever(type);
  }
}

const fround = Math.fround;

function half(view: DataView, offset: number): number {
  return halfValues()[view.getUint16(offset, true)] as number;
}

const bf16Bits = new Uint32Array(1);
const bf16Value = new Float32Array(bf16Bits.buffer);

function decodeBf16(view: DataView, offset: number, out: Float32Array, start: number): void {
  bf16Bits[0] = view.getUint16(offset, true) << 16;
  out[start] = bf16Value[0] as number;
}

/** f16 d, 16 bytes. w[j] = (q - 8) d; low nibbles are values 0..15, high nibbles 16..31. */
function decodeQ4_0(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(offset + 2 + j);
    out[start + j] = fround(((byte & 15) - 8) * d);
    out[start + j + 16] = fround(((byte >> 4) - 8) * d);
  }
}

/** f16 d, f16 m, 16 bytes. w[j] = q d + m. */
function decodeQ4_1(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  const m = half(view, offset + 2);
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(offset + 4 + j);
    out[start + j] = fround(fround((byte & 15) * d) + m);
    out[start + j + 16] = fround(fround((byte >> 4) * d) + m);
  }
}

/** f16 d, u32 of fifth bits, 16 bytes. w[j] = (q - 16) d. */
function decodeQ5_0(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  const high = view.getUint32(offset + 2, true);
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(offset + 6 + j);
    const low5 = (byte & 15) | (((high >>> j) & 1) << 4);
    const high5 = (byte >> 4) | (((high >>> (j + 16)) & 1) << 4);
    out[start + j] = fround((low5 - 16) * d);
    out[start + j + 16] = fround((high5 - 16) * d);
  }
}

/** f16 d, f16 m, u32 of fifth bits, 16 bytes. w[j] = q d + m. */
function decodeQ5_1(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  const m = half(view, offset + 2);
  const high = view.getUint32(offset + 4, true);
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(offset + 8 + j);
    const low5 = (byte & 15) | (((high >>> j) & 1) << 4);
    const high5 = (byte >> 4) | (((high >>> (j + 16)) & 1) << 4);
    out[start + j] = fround(fround(low5 * d) + m);
    out[start + j + 16] = fround(fround(high5 * d) + m);
  }
}

/** f16 d, 32 int8. w[j] = q d. */
function decodeQ8_0(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  for (let j = 0; j < 32; j++) out[start + j] = fround(view.getInt8(offset + 2 + j) * d);
}

/**
 * 16 bytes (sub-scale low nibble, sub-min high nibble), 64 bytes of 2-bit values, f16 d, f16 dmin; groups of 16.
 * Each half of 128 values takes 32 bytes; values 32 p .. 32 p + 31 of a half are bits 2 p, 2 p + 1 of these bytes.
 */
function decodeQ2K(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset + 80);
  const dmin = half(view, offset + 82);
  for (let group = 0; group < 16; group++) {
    const packed = view.getUint8(offset + group);
    const scale = fround(d * (packed & 15));
    const min = fround(dmin * (packed >> 4));
    for (let j = 0; j < 16; j++) {
      const byte = view.getUint8(offset + 16 + twoBitByteOf(group, j));
      const q = (byte >> twoBitShiftOf(group)) & 3;
      out[start + group * 16 + j] = fround(fround(scale * q) - min);
    }
  }
}

/** 32 bytes of third bits, 64 bytes of 2-bit values, 12 bytes of 6-bit sub-scales, f16 d; groups of 16. w = d (sc - 32) (q - 4). */
function decodeQ3K(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset + 108);
  for (let group = 0; group < 16; group++) {
    const scale = fround(d * (q3SubScale(view, offset + 96, group) - 32));
    for (let j = 0; j < 16; j++) {
      const low = (view.getUint8(offset + 32 + twoBitByteOf(group, j)) >> twoBitShiftOf(group)) & 3;
      const third = (view.getUint8(offset + (group % 2) * 16 + j) >> (group >> 1)) & 1;
      out[start + group * 16 + j] = fround(scale * (low + 4 * third - 4));
    }
  }
}

/** Byte of the 64 that holds value `j` of group `group`, for the 2-bit fields of Q2_K and Q3_K. */
function twoBitByteOf(group: number, j: number): number {
  return (group >> 3) * 32 + (group % 2) * 16 + j;
}

function twoBitShiftOf(group: number): number {
  return ((group >> 1) & 3) * 2;
}

/** 6-bit sub-scale of Q3_K, 0..63: low nibbles of groups 0..15 in 8 bytes, then the top bit pairs in 4 bytes. */
export function q3SubScale(view: DataView, offset: number, group: number): number {
  const nibbles = view.getUint8(offset + (group & 7));
  const low = group < 8 ? nibbles & 15 : nibbles >> 4;
  const high = (view.getUint8(offset + 8 + (group & 3)) >> (2 * (group >> 2))) & 3;
  return low | (high << 4);
}

/** f16 d, f16 dmin, 12 bytes of 6-bit sub-scales and sub-mins, 128 bytes of nibbles; groups of 32. w = d sc q - dmin mn. */
function decodeQ4K(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  const dmin = half(view, offset + 2);
  for (let group = 0; group < 8; group++) {
    const scale = fround(d * k4SubScale(view, offset + 4, group));
    const min = fround(dmin * k4SubMin(view, offset + 4, group));
    for (let j = 0; j < 32; j++) {
      const byte = view.getUint8(offset + 16 + (group >> 1) * 32 + j);
      const q = (group & 1) === 0 ? byte & 15 : byte >> 4;
      out[start + group * 32 + j] = fround(fround(scale * q) - min);
    }
  }
}

/** As Q4_K with 32 bytes of fifth bits in front of the nibbles: group g takes bit g of byte j. */
function decodeQ5K(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset);
  const dmin = half(view, offset + 2);
  for (let group = 0; group < 8; group++) {
    const scale = fround(d * k4SubScale(view, offset + 4, group));
    const min = fround(dmin * k4SubMin(view, offset + 4, group));
    for (let j = 0; j < 32; j++) {
      const byte = view.getUint8(offset + 48 + (group >> 1) * 32 + j);
      const fifth = (view.getUint8(offset + 16 + j) >> group) & 1;
      const q = ((group & 1) === 0 ? byte & 15 : byte >> 4) + 16 * fifth;
      out[start + group * 32 + j] = fround(fround(scale * q) - min);
    }
  }
}

/** 6-bit sub-scale of Q4_K and Q5_K, 0..63. */
export function k4SubScale(view: DataView, offset: number, group: number): number {
  if (group < 4) return view.getUint8(offset + group) & 63;
  return (view.getUint8(offset + group + 4) & 15) | ((view.getUint8(offset + group - 4) >> 6) << 4);
}

/** 6-bit sub-min of Q4_K and Q5_K, 0..63. */
export function k4SubMin(view: DataView, offset: number, group: number): number {
  if (group < 4) return view.getUint8(offset + group + 4) & 63;
  return (view.getUint8(offset + group + 4) >> 4) | ((view.getUint8(offset + group) >> 6) << 4);
}

/**
 * 128 bytes of low nibbles, 64 bytes of top bit pairs, 16 int8 sub-scales, f16 d; groups of 16. w = d sc (q - 32).
 * Per half of 128 values: quarter p (32 values) has its nibble in ql[32 (p & 1) + l], low for p < 2, and its top bits
 * in qh[l], bits 2 p, 2 p + 1.
 */
function decodeQ6K(view: DataView, offset: number, out: Float32Array, start: number): void {
  const d = half(view, offset + 208);
  for (let group = 0; group < 16; group++) {
    const scale = fround(d * view.getInt8(offset + 192 + group));
    const halfIndex = group >> 3;
    const quarter = (group >> 1) & 3;
    for (let j = 0; j < 16; j++) {
      const l = (group & 1) * 16 + j;
      const byte = view.getUint8(offset + halfIndex * 64 + (quarter & 1) * 32 + l);
      const low = quarter < 2 ? byte & 15 : byte >> 4;
      const high = (view.getUint8(offset + 128 + halfIndex * 32 + l) >> (2 * quarter)) & 3;
      out[start + group * 16 + j] = fround(scale * ((low | (high << 4)) - 32));
    }
  }
}

/**
 * MLC's q4f16_1 and q4f32_1: f32 scale, 16 bytes; value 2 j is the low nibble of byte j, 2 j + 1 the high one.
 *
 *   w = (q - 7) s
 *
 * The scale is f32, since f16 (q4f16_1) and bf16 (q4f32_1) both fit into it exactly. It is computed as the GPU layout
 * does, q s - 7 s: with scales of at most 20 significant bits, as both kinds are, every step is exact. web-llm rounds
 * the weight to the model's type: in q4f32_1 that is the same, in q4f16_1 the product has up to 14 bits and f16 only 11,
 * so its weights differ from these by up to 2^-11 of their size.
 */
function decodeQ4Mlc(view: DataView, offset: number, out: Float32Array, start: number): void {
  const scale = view.getFloat32(offset, true);
  const min = fround(-7 * scale);
  for (let j = 0; j < 16; j++) {
    const byte = view.getUint8(offset + 4 + j);
    out[start + 2 * j] = fround(fround((byte & 15) * scale) + min);
    out[start + 2 * j + 1] = fround(fround((byte >> 4) * scale) + min);
  }
}
