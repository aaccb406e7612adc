import type { TensorType } from './gguf-blocks.ts';

/**
 * How weight matrices lie in GPU memory.
 *
 * A matrix [rows, columns] (row-major, HF [out, in]) is cut into tiles of four rows. Inside a tile the four rows'
 * words stand side by side, so that one vec4 load brings the same columns of four rows: a thread that owns a tile reads
 * whole vectors, and neighbouring lanes that share a tile read neighbouring vectors. Rows are padded with zeros to a
 * multiple of eight (a thread of the matrix kernels owns two tiles).
 *
 * w[row, column] = q * scale + min
 *
 * | layout | values, vec4 index                  | holds                        | scales, vec4 index                   |
 * | ------ | ----------------------------------- | ---------------------------- | ------------------------------------ |
 * | f32    | tile * columns + c                  | 4 rows x 1 column, f32       | none (scale 1, min 0)                |
 * | f16    | tile * columns/2 + c/2              | 4 rows x 2 columns, f16      | none                                 |
 * | q4     | tile * columns/8 + c/8              | 4 rows x 8 nibbles, low first| tile * columns/32 + c/32: f16 (scale, min) |
 * | q8     | tile * columns/4 + c/4              | 4 rows x 4 int8, low first   | as q4                                |
 * | q4s    | as q4                               | as q4                        | as q4: f32 scale; min = -7 * scale   |
 * | q4k    | as q4                               | as q4                        | superblocks, see below               |
 * | q8k    | as q8                               | as q8                        | superblocks                          |
 *
 * Superblock of 256 columns with groups of G = 16 or 32 columns: 1 + 2 * (256 / G / 4) vec4s per tile, starting at
 * (tile * columns/256 + c/256) * that number: first f16 (d, dmin) of each row, then the int8 sub-scales of four groups
 * a word, then the int8 sub-mins likewise. scale = d * subScale, min = -(dmin * subMin), both exact in f32.
 *
 * q4s keeps scales in f32, a word where two f16 would do: f16 cannot hold the bf16 scales of rows that were hardly
 * trained (unused tokens of an embedding: below 1e-6), and one such group would make the whole matrix f32.
 *
 * The last component index is the row inside its tile. f16 pairs have the first named in the low half.
 */
export type WeightLayout = 'f32' | 'f16' | 'q4' | 'q8' | 'q4s' | 'q4k' | 'q8k';

export const ROWS_PER_TILE = 4;
export const ROW_PADDING = 8;

/** A matrix ready for upload. `scales` is empty for f32 and f16. */
export interface PackedMatrix {
  readonly layout: WeightLayout;
  readonly rows: number;
  readonly columns: number;
  /** Columns that share one scale; 8 for f32 and f16 (no scale), 16 or 32 otherwise. */
  readonly groupSize: number;
  readonly values: Uint32Array;
  readonly scales: Uint32Array;
}

export function paddedRows(rows: number): number {
  return Math.ceil(rows / ROW_PADDING) * ROW_PADDING;
}

/** What a tensor type is packed as, where its scales fit into f16. */
export const LAYOUT_OF: Readonly<Record<TensorType, { readonly layout: WeightLayout; readonly groupSize: number }>> = {
  F32: { layout: 'f32', groupSize: 8 },
  BF16: { layout: 'f32', groupSize: 8 },
  F16: { layout: 'f16', groupSize: 8 },
  Q4_0: { layout: 'q4', groupSize: 32 },
  Q4_1: { layout: 'q4', groupSize: 32 },
  Q4_MLC: { layout: 'q4s', groupSize: 32 },
  Q5_0: { layout: 'q8', groupSize: 32 },
  Q5_1: { layout: 'q8', groupSize: 32 },
  Q8_0: { layout: 'q8', groupSize: 32 },
  Q2_K: { layout: 'q4k', groupSize: 16 },
  Q3_K: { layout: 'q4k', groupSize: 16 },
  Q4_K: { layout: 'q4k', groupSize: 32 },
  Q5_K: { layout: 'q8k', groupSize: 32 },
  Q6_K: { layout: 'q8k', groupSize: 16 },
};

const VALUES_PER_WORD: Readonly<Record<WeightLayout, number>> = {
  f32: 1,
  f16: 2,
  q4: 8,
  q8: 4,
  q4s: 8,
  q4k: 8,
  q8k: 4,
};

/** Values of a superblock. */
export const SUPERBLOCK = 256;

/** vec4s of scales per tile and superblock: the (d, dmin) pair, then sub-scales and sub-mins of four groups a word. */
export function vectorsPerSuperblock(groupSize: number): number {
  return 1 + 2 * (SUPERBLOCK / groupSize / 4);
}

/** Words of a packed matrix's two buffers, padding rows included: what is allocated and what an estimate counts. */
export function packedWords({ layout, rows, columns, groupSize }: Omit<PackedMatrix, 'values' | 'scales'>): {
  readonly values: number;
  readonly scales: number;
} {
  const scalesPerRow: Readonly<Record<WeightLayout, number>> = {
    f32: 0,
    f16: 0,
    q4: columns / groupSize,
    q8: columns / groupSize,
    q4s: columns / groupSize,
    q4k: (columns / SUPERBLOCK) * vectorsPerSuperblock(groupSize),
    q8k: (columns / SUPERBLOCK) * vectorsPerSuperblock(groupSize),
  };
  return {
    values: (paddedRows(rows) * columns) / VALUES_PER_WORD[layout],
    scales: paddedRows(rows) * scalesPerRow[layout],
  };
}

/** A packed matrix whose words are zeros. */
export function emptyMatrix(shape: Omit<PackedMatrix, 'values' | 'scales'>): PackedMatrix {
  const { values, scales } = packedWords(shape);
  return { ...shape, values: new Uint32Array(values), scales: new Uint32Array(scales) };
}
