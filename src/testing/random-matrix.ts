import { floatToHalf } from '@/engine/quantisation/half.ts';
import { ROWS_PER_TILE, paddedRows } from '@/engine/quantisation/weight-layout.ts';
import type { PackedMatrix, WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import type { Rng } from '@/lib/rng.ts';

const VALUES_PER_WORD: Readonly<Record<WeightLayout, number>> = {
  f32: 1,
  f16: 2,
  q4: 8,
  q8: 4,
  q4s: 8,
  q4k: 8,
  q8k: 4,
};

/**
 * A packed matrix with random quants, scales and minima, sized as trained weights are (about 0.05).
 *
 * @param columns    a multiple of 8, of 32 for q4, q4s and q8, of 256 for q4k and q8k
 * @param groupSize  8 for f32 and f16, 32 for q4, q4s and q8, 16 or 32 for q4k and q8k
 * @returns          padding rows are zeros
 */
export function randomMatrix(
  rng: Rng,
  layout: WeightLayout,
  rows: number,
  columns: number,
  groupSize: number,
): PackedMatrix {
  const valueVectors = columns / VALUES_PER_WORD[layout];
  const scaleVectors = scaleVectorsOf(layout, columns, groupSize);
  const values = new Uint32Array(paddedRows(rows) * valueVectors);
  const scales = new Uint32Array(paddedRows(rows) * scaleVectors);
  const drawValue = valueDraw(rng, layout);
  const drawScale = scaleDraw(rng, layout, groupSize);
  for (let row = 0; row < rows; row++) {
    for (let vector = 0; vector < valueVectors; vector++) values[wordAt(row, vector, valueVectors)] = drawValue();
    for (let vector = 0; vector < scaleVectors; vector++) scales[wordAt(row, vector, scaleVectors)] = drawScale(vector);
  }
  return { layout, rows, columns, groupSize, values, scales };
}

function wordAt(row: number, vector: number, vectorsPerTile: number): number {
  return (Math.floor(row / ROWS_PER_TILE) * vectorsPerTile + vector) * ROWS_PER_TILE + (row % ROWS_PER_TILE);
}

function scaleVectorsOf(layout: WeightLayout, columns: number, groupSize: number): number {
  if (layout === 'f32' || layout === 'f16') return 0;
  if (layout === 'q4' || layout === 'q4s' || layout === 'q8') return columns / 32;
  return (columns / 256) * vectorsPerSuperblock(groupSize);
}

function vectorsPerSuperblock(groupSize: number): number {
  return 1 + 2 * (256 / groupSize / 4);
}

function valueDraw(rng: Rng, layout: WeightLayout): () => number {
  const halves = (): number => floatToHalf(0.05 * rng.normal()) | (floatToHalf(0.05 * rng.normal()) << 16);
  if (layout === 'f16') return halves;
  if (layout !== 'f32') return () => rng.integer(2 ** 32);
  return () => floatBits(0.05 * rng.normal());
}

function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
}

/**
 * Blocks: f16 (scale, min), or of q4s a bf16 scale as f32. Superblocks: f16 (d, dmin), then four int8 sub-scales or
 * sub-mins a word.
 */
function scaleDraw(rng: Rng, layout: WeightLayout, groupSize: number): (vector: number) => number {
  const pair = (scale: number, min: number): number => floatToHalf(scale) | (floatToHalf(min) << 16);
  if (layout === 'q4') return () => pair(0.01 * (0.5 + rng.uniform()), -0.08 * (0.5 + rng.uniform()));
  if (layout === 'q4s') return () => floatBits(0.01 * (0.5 + rng.uniform())) & 0xffff0000;
  if (layout === 'q8') return () => pair(0.001 * (0.5 + rng.uniform()), 0.01 * rng.normal());
  const scale = layout === 'q4k' ? 1e-4 : 1e-5;
  return (vector) =>
    vector % vectorsPerSuperblock(groupSize) === 0
      ? pair(scale * (0.5 + rng.uniform()), 5e-4 * rng.uniform())
      : rng.integer(2 ** 32);
}
