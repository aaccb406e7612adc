/** From a tensor's bytes to the GPU layouts of weight-layout.ts, without loss, and back. */
import { assert, assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { dequantize, rowBytesOf, type TensorType } from './gguf-blocks.ts';
import { halfValues } from './half.ts';
import { firstWord, packQ4, packQ4Symmetric, packQ8 } from './pack-blocks.ts';
import { packSuperblocks } from './pack-superblocks.ts';
import { LAYOUT_OF, ROWS_PER_TILE, emptyMatrix, vectorsPerSuperblock, type PackedMatrix } from './weight-layout.ts';

/** Columns that a kernel's inner step covers; every layout needs whole steps. */
const COLUMN_STEP = 8;

/**
 * Packs a matrix for the GPU. Exact: `unpackMatrix` gives what `dequantize` gives (a negative zero may become zero).
 *
 * The layout is that of `LAYOUT_OF`; a matrix whose scales overflow f16 in it becomes f32.
 *
 * @param bytes    [rows] rows of `rowBytesOf(type, columns)` bytes, in final row order (see row-order.ts)
 * @param columns  a multiple of 8 and of the type's block size
 * @throws {Failure} 'invalidFile' if the bytes do not fit the shape; 'unsupportedModel' if columns are no multiple of 8
 */
export function packMatrix(type: TensorType, bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  if (columns % COLUMN_STEP !== 0)
    throw new Failure<FailureCode>(
      'unsupportedModel',
      `A matrix with ${columns} columns cannot be packed: the number must be a multiple of ${COLUMN_STEP}.`,
    );
  const expected = rows * rowBytesOf(type, columns);
  if (bytes.length !== expected)
    throw new Failure<FailureCode>(
      'invalidFile',
      `A ${type} matrix of ${rows} x ${columns} needs ${expected} bytes; there are ${bytes.length}.`,
    );
  switch (type) {
    case 'F32':
    case 'BF16':
      return packAsF32(type, bytes, rows, columns);
    case 'F16':
      return packF16(bytes, rows, columns);
    case 'Q4_0':
    case 'Q4_1':
      return packQ4(type, bytes, rows, columns) ?? packAsF32(type, bytes, rows, columns);
    case 'Q5_0':
    case 'Q5_1':
    case 'Q8_0':
      return packQ8(type, bytes, rows, columns);
    case 'Q4_MLC':
      return packQ4Symmetric(bytes, rows, columns);
    case 'Q2_K':
    case 'Q3_K':
    case 'Q4_K':
    case 'Q5_K':
    case 'Q6_K':
      return packSuperblocks(type, bytes, rows, columns) ?? packAsF32(type, bytes, rows, columns);
    default:
      return assertNever(type);
  }
}

/** Row by row, so that no second copy of the whole matrix exists. */
function packAsF32(type: TensorType, bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  const packed = emptyMatrix({ ...LAYOUT_OF.F32, rows, columns });
  const floats = new Float32Array(packed.values.buffer);
  const rowBytes = rowBytesOf(type, columns);
  for (let row = 0; row < rows; row++) {
    const source = dequantize(type, bytes.subarray(row * rowBytes, (row + 1) * rowBytes), columns);
    const start = firstWord(row, columns);
    for (let column = 0; column < columns; column++) floats[start + column * ROWS_PER_TILE] = source[column] as number;
  }
  return packed;
}

function packF16(bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  const packed = emptyMatrix({ ...LAYOUT_OF.F16, rows, columns });
  const { values } = packed;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wordsPerRow = columns / 2;
  for (let row = 0; row < rows; row++) {
    const start = firstWord(row, wordsPerRow);
    for (let word = 0; word < wordsPerRow; word++)
      values[start + word * ROWS_PER_TILE] = view.getUint32((row * wordsPerRow + word) * 4, true);
  }
  return packed;
}

/**
 * Values of a packed matrix, as a kernel reads them: the CPU twin of every layout.
 *
 *   w = q * scale + min, each operation rounded to f32
 *
 * @returns [rows, columns] f32, without the padding rows
 */
export function unpackMatrix(packed: PackedMatrix): Float32Array {
  const { rows, columns } = packed;
  const out = new Float32Array(rows * columns);
  const valueOf = valueReader(packed);
  const scaleOf = scaleReader(packed);
  for (let row = 0; row < rows; row++)
    for (let group = 0; group < columns; group += packed.groupSize) {
      const { scale, min } = scaleOf(row, group);
      for (let column = group; column < group + packed.groupSize; column++)
        out[row * columns + column] = Math.fround(Math.fround(valueOf(row, column) * scale) + min);
    }
  return out;
}

type ValueReader = (row: number, column: number) => number;
type ScaleReader = (row: number, column: number) => { readonly scale: number; readonly min: number };

const UNSCALED = { scale: 1, min: 0 } as const;

function valueReader({ layout, values, columns }: PackedMatrix): ValueReader {
  const word = (row: number, perWord: number, column: number): number => {
    const index = firstWord(row, columns / perWord) + Math.floor(column / perWord) * ROWS_PER_TILE;
    assert(index < values.length, `value word ${index} lies inside the packed array`);
    return values[index] as number;
  };
  switch (layout) {
    case 'f32': {
      const floats = new Float32Array(values.buffer, values.byteOffset, values.length);
      return (row, column) => floats[firstWord(row, columns) + column * ROWS_PER_TILE] as number;
    }
    case 'f16':
      return (row, column) => halfValues()[(word(row, 2, column) >>> (16 * (column % 2))) & 0xffff] as number;
    case 'q4':
    case 'q4s':
    case 'q4k':
      return (row, column) => (word(row, 8, column) >>> (4 * (column % 8))) & 15;
    case 'q8':
    case 'q8k':
      return (row, column) => (word(row, 4, column) << (24 - 8 * (column % 4))) >> 24;
    default:
      return assertNever(layout);
  }
}

function scaleReader({ layout, scales, columns, groupSize }: PackedMatrix): ScaleReader {
  const halves = halfValues();
  const pair = (word: number): { scale: number; min: number } => ({
    scale: halves[word & 0xffff] as number,
    min: halves[word >>> 16] as number,
  });
  switch (layout) {
    case 'f32':
    case 'f16':
      return () => UNSCALED;
    case 'q4':
    case 'q8':
      return (row, column) =>
        pair(scales[firstWord(row, columns / groupSize) + Math.floor(column / groupSize) * ROWS_PER_TILE] as number);
    case 'q4s': {
      const floats = new Float32Array(scales.buffer, scales.byteOffset, scales.length);
      return (row, column) => {
        const index = firstWord(row, columns / groupSize) + Math.floor(column / groupSize) * ROWS_PER_TILE;
        const scale = floats[index] as number;
        return { scale, min: Math.fround(-7 * scale) };
      };
    }
    case 'q4k':
    case 'q8k': {
      const vectors = vectorsPerSuperblock(groupSize);
      const numGroups = 256 / groupSize;
      return (row, column) => {
        const start = firstWord(row, (columns / 256) * vectors) + Math.floor(column / 256) * vectors * ROWS_PER_TILE;
        const group = Math.floor((column % 256) / groupSize);
        const byteOf = (vector: number): number =>
          ((scales[start + vector * ROWS_PER_TILE] as number) << (24 - 8 * (group % 4))) >> 24;
        const vector = 1 + Math.floor(group / 4);
        const { scale: d, min: dmin } = pair(scales[start] as number);
        return {
          scale: Math.fround(d * byteOf(vector)),
          min: -Math.fround(dmin * byteOf(vector + numGroups / 4)),
        };
      };
    }
    default:
      return assertNever(layout);
  }
}
