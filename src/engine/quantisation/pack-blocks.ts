/** Packing of the types with blocks of 32 values into the `q4`, `q4s` and `q8` layouts of weight-layout.ts. */
import { MAX_HALF, floatToHalf, halfToFloat } from './half.ts';
import { BLOCK_FORMATS } from './gguf-blocks.ts';
import { LAYOUT_OF, ROWS_PER_TILE, emptyMatrix, type PackedMatrix } from './weight-layout.ts';

const VALUES = 32;

/** Low nibbles of four bytes, side by side in 16 bits. */
export function packNibbles(fourBytes: number): number {
  const pairs = fourBytes & 0x0f0f0f0f;
  const bytes = (pairs | (pairs >>> 4)) & 0x00ff00ff;
  return (bytes | (bytes >>> 8)) & 0xffff;
}

/**
 * Q4_0 (scale d, min -8 d) and Q4_1 (scale d, min m) as q4.
 *
 * @returns null if -8 d is not a finite f16 somewhere, so that the layout cannot hold the matrix exactly
 */
export function packQ4(type: 'Q4_0' | 'Q4_1', bytes: Uint8Array, rows: number, columns: number): PackedMatrix | null {
  const { blockBytes } = BLOCK_FORMATS[type];
  const quantsAt = blockBytes - 16;
  const numBlocks = columns / VALUES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = emptyMatrix({ ...LAYOUT_OF[type], rows, columns });
  const { values, scales } = packed;
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    let scaleIndex = firstWord(row, numBlocks);
    let valueIndex = firstWord(row, columns / 8);
    for (let block = 0; block < numBlocks; block++) {
      const d = view.getUint16(offset, true);
      const min = type === 'Q4_1' ? view.getUint16(offset + 2, true) : minusEight(d);
      if (min === null) return null;
      scales[scaleIndex] = d | (min << 16);
      const bytes0 = view.getUint32(offset + quantsAt, true);
      const bytes4 = view.getUint32(offset + quantsAt + 4, true);
      const bytes8 = view.getUint32(offset + quantsAt + 8, true);
      const bytes12 = view.getUint32(offset + quantsAt + 12, true);
      values[valueIndex] = packNibbles(bytes0) | (packNibbles(bytes4) << 16);
      values[valueIndex + 4] = packNibbles(bytes8) | (packNibbles(bytes12) << 16);
      values[valueIndex + 8] = packNibbles(bytes0 >>> 4) | (packNibbles(bytes4 >>> 4) << 16);
      values[valueIndex + 12] = packNibbles(bytes8 >>> 4) | (packNibbles(bytes12 >>> 4) << 16);
      offset += blockBytes;
      scaleIndex += ROWS_PER_TILE;
      valueIndex += 4 * ROWS_PER_TILE;
    }
  }
  return packed;
}

/** Q4_MLC as q4s: scales and nibbles stand in the block as the layout wants them. */
export function packQ4Symmetric(bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  const { blockBytes } = BLOCK_FORMATS.Q4_MLC;
  const numBlocks = columns / VALUES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = emptyMatrix({ ...LAYOUT_OF.Q4_MLC, rows, columns });
  const { values, scales } = packed;
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    let scaleIndex = firstWord(row, numBlocks);
    let valueIndex = firstWord(row, columns / 8);
    for (let block = 0; block < numBlocks; block++) {
      scales[scaleIndex] = view.getUint32(offset, true);
      for (let word = 0; word < 4; word++)
        values[valueIndex + word * ROWS_PER_TILE] = view.getUint32(offset + 4 + 4 * word, true);
      offset += blockBytes;
      scaleIndex += ROWS_PER_TILE;
      valueIndex += 4 * ROWS_PER_TILE;
    }
  }
  return packed;
}

/** Q8_0 (int8, min 0), Q5_0 (q - 16, min 0) and Q5_1 (q, min m) as q8. */
export function packQ8(type: 'Q5_0' | 'Q5_1' | 'Q8_0', bytes: Uint8Array, rows: number, columns: number): PackedMatrix {
  const { blockBytes } = BLOCK_FORMATS[type];
  const numBlocks = columns / VALUES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = emptyMatrix({ ...LAYOUT_OF[type], rows, columns });
  const { values, scales } = packed;
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    let scaleIndex = firstWord(row, numBlocks);
    let valueIndex = firstWord(row, columns / 4);
    for (let block = 0; block < numBlocks; block++) {
      const min = type === 'Q5_1' ? view.getUint16(offset + 2, true) : 0;
      scales[scaleIndex] = view.getUint16(offset, true) | (min << 16);
      if (type === 'Q8_0') copyInt8(view, offset + 2, values, valueIndex);
      else spreadQ5(view, offset + blockBytes - 20, type === 'Q5_0', values, valueIndex);
      offset += blockBytes;
      scaleIndex += ROWS_PER_TILE;
      valueIndex += 8 * ROWS_PER_TILE;
    }
  }
  return packed;
}

/** Word of component 0 of a row's first vec4, in an array with `vectorsPerTile` vec4s per tile. */
export function firstWord(row: number, vectorsPerTile: number): number {
  return Math.floor(row / ROWS_PER_TILE) * vectorsPerTile * ROWS_PER_TILE + (row % ROWS_PER_TILE);
}

function copyInt8(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 8; word++) values[start + word * ROWS_PER_TILE] = view.getUint32(offset + 4 * word, true);
}

/** Joins 32 nibbles with their fifth bits: u32 of fifth bits, then 16 bytes. `signed` subtracts 16. */
function spreadQ5(view: DataView, offset: number, signed: boolean, values: Uint32Array, start: number): void {
  const fifthBits = view.getUint32(offset, true);
  for (let word = 0; word < 8; word++) {
    const fourBytes = view.getUint32(offset + 4 + 4 * (word & 3), true);
    const low = (word < 4 ? fourBytes : fourBytes >>> 4) & 0x0f0f0f0f;
    // Bit i of the nibble goes to bit 8 i; the partial products do not overlap.
    const fifth = (((fifthBits >>> (4 * word)) & 15) * 0x00204081) & 0x01010101;
    values[start + word * ROWS_PER_TILE] = signed ? minus16(low | (fifth << 4)) : low | (fifth << 4);
  }
}

/** Four bytes 0..31, less 16 each, as int8: flip bit 4 and extend it as the sign. */
function minus16(fourBytes: number): number {
  const flipped = fourBytes ^ 0x10101010;
  const sign = flipped & 0x10101010;
  return flipped | (sign << 1) | (sign << 2) | (sign << 3);
}

/** -8 d as f16 bits; null if that is not finite. */
function minusEight(d: number): number | null {
  const min = -8 * halfToFloat(d);
  return Math.abs(min) <= MAX_HALF ? floatToHalf(min) : null;
}
