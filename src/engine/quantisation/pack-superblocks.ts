/** Packing of the K types (superblocks of 256 values) into the `q4k` and `q8k` layouts of weight-layout.ts. */
import { MAX_HALF, floatToHalf, halfToFloat } from './half.ts';
import { BLOCK_FORMATS, k4SubMin, k4SubScale, q3SubScale } from './gguf-blocks.ts';
import { firstWord, packNibbles } from './pack-blocks.ts';
import {
  LAYOUT_OF,
  ROWS_PER_TILE,
  SUPERBLOCK,
  emptyMatrix,
  vectorsPerSuperblock,
  type PackedMatrix,
} from './weight-layout.ts';

export type SuperblockType = 'Q2_K' | 'Q3_K' | 'Q4_K' | 'Q5_K' | 'Q6_K';

interface SuperblockPlan {
  /** Writes the block's values, one word every ROWS_PER_TILE from `start`. */
  readonly writeValues: (view: DataView, offset: number, values: Uint32Array, start: number) => void;
  /** @returns f16 bits d | dmin << 16; null if dmin is not finite */
  readonly pairOf: (view: DataView, offset: number) => number | null;
  readonly subScaleOf: (view: DataView, offset: number, group: number) => number;
  readonly subMinOf: (view: DataView, offset: number, group: number) => number;
}

const PLANS: Readonly<Record<SuperblockType, SuperblockPlan>> = {
  Q2_K: {
    writeValues: writeQ2K,
    pairOf: (view, offset) => view.getUint32(offset + 80, true),
    subScaleOf: (view, offset, group) => view.getUint8(offset + group) & 15,
    subMinOf: (view, offset, group) => view.getUint8(offset + group) >> 4,
  },
  // d sc (q - 4) = d sc q - (4 d) sc: products of 11 x 6 x 3 bits are exact in f32, so the difference is too.
  Q3_K: {
    writeValues: writeQ3K,
    pairOf: (view, offset) => pairWithFourfold(view.getUint16(offset + 108, true)),
    subScaleOf: (view, offset, group) => q3SubScale(view, offset + 96, group) - 32,
    subMinOf: (view, offset, group) => q3SubScale(view, offset + 96, group) - 32,
  },
  Q4_K: {
    writeValues: writeQ4K,
    pairOf: (view, offset) => view.getUint32(offset, true),
    subScaleOf: (view, offset, group) => k4SubScale(view, offset + 4, group),
    subMinOf: (view, offset, group) => k4SubMin(view, offset + 4, group),
  },
  Q5_K: {
    writeValues: writeQ5K,
    pairOf: (view, offset) => view.getUint32(offset, true),
    subScaleOf: (view, offset, group) => k4SubScale(view, offset + 4, group),
    subMinOf: (view, offset, group) => k4SubMin(view, offset + 4, group),
  },
  Q6_K: {
    writeValues: writeQ6K,
    pairOf: (view, offset) => view.getUint16(offset + 208, true),
    subScaleOf: (view, offset, group) => view.getInt8(offset + 192 + group),
    subMinOf: () => 0,
  },
};

/**
 * @returns null if a scale pair is not finite in f16, so that the layout cannot hold the matrix exactly
 */
export function packSuperblocks(
  type: SuperblockType,
  bytes: Uint8Array,
  rows: number,
  columns: number,
): PackedMatrix | null {
  const plan = PLANS[type];
  const { blockBytes } = BLOCK_FORMATS[type];
  const packed = emptyMatrix({ ...LAYOUT_OF[type], rows, columns });
  const { layout, groupSize, values, scales } = packed;
  const valuesPerWord = layout === 'q4k' ? 8 : 4;
  const numBlocks = columns / SUPERBLOCK;
  const numGroups = SUPERBLOCK / groupSize;
  const vectorsPerBlock = vectorsPerSuperblock(groupSize);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let row = 0; row < rows; row++) {
    const firstValue = firstWord(row, columns / valuesPerWord);
    const firstScale = firstWord(row, numBlocks * vectorsPerBlock);
    for (let block = 0; block < numBlocks; block++) {
      const offset = (row * numBlocks + block) * blockBytes;
      const pair = plan.pairOf(view, offset);
      if (pair === null) return null;
      const start = firstScale + block * vectorsPerBlock * ROWS_PER_TILE;
      scales[start] = pair;
      for (let group = 0; group < numGroups; group += 4) {
        const word = start + (1 + group / 4) * ROWS_PER_TILE;
        scales[word] = fourBytes(plan.subScaleOf, view, offset, group);
        scales[word + (numGroups / 4) * ROWS_PER_TILE] = fourBytes(plan.subMinOf, view, offset, group);
      }
      plan.writeValues(view, offset, values, firstValue + ((block * SUPERBLOCK) / valuesPerWord) * ROWS_PER_TILE);
    }
  }
  return packed;
}

function fourBytes(
  of: (view: DataView, offset: number, group: number) => number,
  view: DataView,
  offset: number,
  group: number,
): number {
  return (
    (of(view, offset, group) & 255) |
    ((of(view, offset, group + 1) & 255) << 8) |
    ((of(view, offset, group + 2) & 255) << 16) |
    ((of(view, offset, group + 3) & 255) << 24)
  );
}

function pairWithFourfold(d: number): number | null {
  const dmin = 4 * halfToFloat(d);
  return Math.abs(dmin) <= MAX_HALF ? d | (floatToHalf(dmin) << 16) : null;
}

function writeQ2K(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 32; word++) {
    const at = offset + 16 + twoBitBytes(word);
    const shift = ((word >> 2) & 3) * 2;
    const low = packNibbles((view.getUint32(at, true) >>> shift) & 0x03030303);
    const high = packNibbles((view.getUint32(at + 4, true) >>> shift) & 0x03030303);
    values[start + word * ROWS_PER_TILE] = low | (high << 16);
  }
}

function writeQ3K(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 32; word++) {
    const at = offset + 32 + twoBitBytes(word);
    const thirdAt = offset + (word & 3) * 8;
    const low = packNibbles(threeBits(view, at, thirdAt, word >> 2));
    const high = packNibbles(threeBits(view, at + 4, thirdAt + 4, word >> 2));
    values[start + word * ROWS_PER_TILE] = low | (high << 16);
  }
}

/** Four 3-bit values of Q3_K, one a byte. `pairIndex` counts runs of 32 columns, 0..7. */
function threeBits(view: DataView, lowAt: number, thirdAt: number, pairIndex: number): number {
  const low = (view.getUint32(lowAt, true) >>> ((pairIndex & 3) * 2)) & 0x03030303;
  const third = (view.getUint32(thirdAt, true) >>> pairIndex) & 0x01010101;
  return low | (third << 2);
}

/** First of the eight bytes (of 64) that hold the 2-bit fields of columns 8 word .. 8 word + 7. */
function twoBitBytes(word: number): number {
  return (word >> 4) * 32 + (word & 3) * 8;
}

function writeQ4K(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 32; word++) {
    const at = offset + 16 + (word >> 3) * 32 + (word & 3) * 8;
    const shift = (word & 4) === 0 ? 0 : 4;
    const low = packNibbles(view.getUint32(at, true) >>> shift);
    const high = packNibbles(view.getUint32(at + 4, true) >>> shift);
    values[start + word * ROWS_PER_TILE] = low | (high << 16);
  }
}

function writeQ5K(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 64; word++) {
    const group = word >> 3;
    const j = (word & 7) * 4;
    const nibbles = view.getUint32(offset + 48 + (group >> 1) * 32 + j, true) >>> ((group & 1) * 4);
    const fifth = (view.getUint32(offset + 16 + j, true) >>> group) & 0x01010101;
    values[start + word * ROWS_PER_TILE] = (nibbles & 0x0f0f0f0f) | (fifth << 4);
  }
}

function writeQ6K(view: DataView, offset: number, values: Uint32Array, start: number): void {
  for (let word = 0; word < 64; word++) {
    const half = word >> 5;
    const quarter = (word >> 3) & 3;
    const l = (word & 7) * 4;
    const nibbles = view.getUint32(offset + half * 64 + (quarter & 1) * 32 + l, true) >>> (quarter < 2 ? 0 : 4);
    const top = (view.getUint32(offset + 128 + half * 32 + l, true) >>> (2 * quarter)) & 0x03030303;
    values[start + word * ROWS_PER_TILE] = minus32((nibbles & 0x0f0f0f0f) | (top << 4));
  }
}

/** Four bytes 0..63, less 32 each, as int8: flip bit 5 and extend it as the sign. */
function minus32(bytes: number): number {
  const flipped = bytes ^ 0x20202020;
  const sign = flipped & 0x20202020;
  return flipped | (sign << 1) | (sign << 2);
}
