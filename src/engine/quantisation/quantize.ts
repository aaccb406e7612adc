/**
 * Quantisation of f32, f16 and bf16 matrices in ggml's blocks of 32 values, operation by operation in f32 as its
 * reference quantisers do, so that the bytes are theirs.
 *
 * q8 is Q8_0. q4 is Q4_1, not Q4_0: in GPU memory both take a scale and a minimum per block (weight-layout.ts), and
 * with the minimum free, all 16 values lie between the smallest and the largest weight of the block.
 *
 * @see quantize_row_q8_0_ref and quantize_row_q4_1_ref in ggml-quants.c of ggml
 */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoadOptions } from '@/protocol/model.ts';
import { BLOCK_FORMATS, type TensorType } from './gguf-blocks.ts';
import { floatToHalf, halfValues } from './half.ts';

export type QuantizationKind = Exclude<LoadOptions['quantization'], 'none' | undefined>;

/** What each kind writes. */
export const QUANTIZED_TYPE = { q8: 'Q8_0', q4: 'Q4_1' } as const satisfies Record<QuantizationKind, TensorType>;

const BLOCK = 32;
const INFINITE_HALF = 0x7c00;
const fround = Math.fround;

/** Whether a matrix of this type and width can be quantised; one of whole blocks that is not quantised yet. */
export function isQuantizable(type: TensorType, columns: number): type is 'F32' | 'F16' | 'BF16' {
  return (type === 'F32' || type === 'F16' || type === 'BF16') && columns % BLOCK === 0;
}

export interface QuantizedMatrix {
  /** Owned; as in a GGUF file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Sums over all values in double precision: of (w - q)^2, and of w^2. */
  readonly squaredError: number;
  readonly squaredNorm: number;
}

/**
 * Quantises a matrix row by row.
 *
 *   Q8_0: d = max|w| / 127,         q = round(w / d),        |w - q d|     <= d / 2  + 127 |d - f16(d)|
 *   Q4_1: d = (max - min) / 15,     q = round((w - min) / d), |w - q d - m| <= d / 2 + 15 |d - f16(d)| + |m - f16(m)|
 *
 * @param bytes  whole rows, each a multiple of 32 values
 * @param name   of the tensor, for messages
 * @throws {Failure} 'invalidFile' for a weight that is no number; 'unsupportedModel' for one too large for f16 scales
 */
export function quantizeMatrix(
  kind: QuantizationKind,
  type: 'F32' | 'F16' | 'BF16',
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): QuantizedMatrix {
  const { blockBytes } = BLOCK_FORMATS[QUANTIZED_TYPE[kind]];
  const numBlocks = bytes.length / BLOCK_FORMATS[type].blockBytes / BLOCK;
  const out = new Uint8Array(numBlocks * blockBytes);
  const view = new DataView(out.buffer);
  const readBlock = blockReader(type, bytes);
  const quantizeBlock = kind === 'q8' ? quantizeQ8 : quantizeQ4;
  const block = new Float32Array(BLOCK);
  let squaredError = 0;
  let squaredNorm = 0;
  for (let i = 0; i < numBlocks; i++) {
    readBlock(block, i * BLOCK);
    let norm = 0;
    for (const value of block) norm += value * value;
    // A square of a finite f32 is finite in double precision.
    if (!Number.isFinite(norm))
      throw new Failure<FailureCode>('invalidFile', `Tensor "${name}" has a weight that is not a finite number.`);
    const error = quantizeBlock(block, view, i * blockBytes);
    if (error === null)
      throw new Failure<FailureCode>(
        'unsupportedModel',
        `Tensor "${name}" has weights that are too large to be quantised. Load it without quantisation.`,
      );
    squaredError += error;
    squaredNorm += norm;
  }
  return { bytes: out, squaredError, squaredNorm };
}

/** Copies 32 values from index `start` on, as f32. */
type BlockReader = (block: Float32Array, start: number) => void;

function blockReader(type: 'F32' | 'F16' | 'BF16', given: Uint8Array<ArrayBuffer>): BlockReader {
  const { buffer, byteOffset, length } = given.byteOffset % 4 === 0 ? given : given.slice();
  if (type === 'F32') {
    const floats = new Float32Array(buffer, byteOffset, length / 4);
    return (block, start) => block.set(floats.subarray(start, start + BLOCK));
  }
  const halves = new Uint16Array(buffer, byteOffset, length / 2);
  if (type === 'F16') {
    const values = halfValues();
    return (block, start) => {
      for (let j = 0; j < BLOCK; j++) block[j] = values[halves[start + j] as number] as number;
    };
  }
  return (block, start) => {
    const bits = new Uint32Array(block.buffer);
    for (let j = 0; j < BLOCK; j++) bits[j] = (halves[start + j] as number) << 16;
  };
}

/** @returns sum of squared errors; null if the scale is no finite f16 */
function quantizeQ8(block: Float32Array, view: DataView, offset: number): number | null {
  let max = 0;
  for (const value of block) max = Math.max(max, Math.abs(value));
  const d = fround(max / 127);
  const inverse = inverseOf(d);
  const bits = floatToHalf(d);
  if (bits === INFINITE_HALF) return null;
  view.setUint16(offset, bits, true);
  const scale = halfValues()[bits] as number;
  let squaredError = 0;
  for (let j = 0; j < BLOCK; j++) {
    const value = block[j] as number;
    const scaled = fround(value * inverse);
    // Halves go away from zero, as in C's roundf.
    const q = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    view.setInt8(offset + 2 + j, q);
    squaredError += (value - fround(q * scale)) ** 2;
  }
  return squaredError;
}

/** @returns sum of squared errors; null if scale or minimum are no finite f16 */
function quantizeQ4(block: Float32Array, view: DataView, offset: number): number | null {
  let [min, max] = [Infinity, -Infinity];
  for (const value of block) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const d = fround(fround(max - min) / 15);
  const inverse = inverseOf(d);
  const [dBits, mBits] = [floatToHalf(d), floatToHalf(min)];
  if (dBits === INFINITE_HALF || (mBits & 0x7fff) === INFINITE_HALF) return null;
  view.setUint16(offset, dBits, true);
  view.setUint16(offset + 2, mBits, true);
  const [scale, minimum] = [halfValues()[dBits] as number, halfValues()[mBits] as number];
  let squaredError = 0;
  for (let j = 0; j < BLOCK; j++) {
    const value = block[j] as number;
    const q = Math.min(15, Math.floor(fround(fround(fround(value - min) * inverse) + 0.5)));
    const at = offset + 4 + (j % 16);
    view.setUint8(at, j < 16 ? q : view.getUint8(at) | (q << 4));
    squaredError += (value - fround(fround(q * scale) + minimum)) ** 2;
  }
  return squaredError;
}

/** 0 for a block of equal values, and for one so small that its scale is 0 in f16 anyhow. */
function inverseOf(d: number): number {
  const inverse = fround(1 / d);
  return Number.isFinite(inverse) ? inverse : 0;
}
