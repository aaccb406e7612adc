import { expect } from 'vitest';
import { unpackMatrix } from '@/engine/quantisation/pack-weights.ts';
import type { WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import { expectClose } from '@/testing/all-close.ts';
import { kernelTest } from '@/testing/kernel-test.ts';
import { randomMatrix } from '@/testing/random-matrix.ts';
import { embeddingReference } from './embedding.reference.ts';
import { recordEmbedding } from './embedding.ts';

/** NMSE. One product and one sum, which a GPU may fuse: at most an f32 rounding apart. */
const ACCURACY = 1e-14;

interface Case {
  readonly what: string;
  readonly layout: WeightLayout;
  readonly groupSize: number;
  readonly V: number;
  readonly D: number;
  readonly ids: readonly number[];
  readonly idsAt: number;
}

const CONTROL: Case = { what: 'control', layout: 'f32', groupSize: 8, V: 16, D: 256, ids: [5], idsAt: 0 };

const CASES: readonly Case[] = [
  CONTROL,
  { ...CONTROL, what: 'layout', layout: 'f16' },
  { ...CONTROL, what: 'layout', layout: 'q4', groupSize: 32 },
  { ...CONTROL, what: 'layout', layout: 'q8', groupSize: 32 },
  { ...CONTROL, what: 'layout', layout: 'q4s', groupSize: 32, D: 96 },
  { ...CONTROL, what: 'layout', layout: 'q4k', groupSize: 16, D: 512 },
  { ...CONTROL, what: 'layout', layout: 'q4k', groupSize: 32, D: 512 },
  { ...CONTROL, what: 'layout', layout: 'q8k', groupSize: 16, D: 512 },
  { ...CONTROL, what: 'layout', layout: 'q8k', groupSize: 32, D: 512 },
  { ...CONTROL, what: 'every row of two tiles', ids: [0, 1, 2, 3, 4, 5, 6, 7, 7] },
  { ...CONTROL, what: 'ids behind other entries', ids: [3, 1], idsAt: 5 },
  { ...CONTROL, what: 'few columns', D: 48, ids: [15, 0, 2] },
  { ...CONTROL, what: 'an odd vocabulary', V: 19, ids: [18] },
  { ...CONTROL, what: 'SmolLM2', layout: 'q8', groupSize: 32, V: 49_152, D: 576, ids: [49_151, 0, 1, 25_000] },
];

for (const { what, layout, groupSize, V, D, ids, idsAt } of CASES)
  kernelTest(
    `embedding: ${what}, ${layout} G ${groupSize}, V ${V}, D ${D}, T ${ids.length}`,
    51,
    async (bench, rng) => {
      const matrix = randomMatrix(rng, layout, V, D, groupSize);
      const tokenIds = new Uint32Array(idsAt + ids.length).fill(0xffffffff);
      tokenIds.set(ids, idsAt);
      const x = bench.output('x', ids.length * D);
      const values = bench.input('values', matrix.values);
      const scales = bench.input('scales', matrix.scales);
      const weights = { layout, groupSize, rows: V, columns: D, values, scales };
      recordEmbedding(bench.recorder, weights, bench.input('token ids', tokenIds), idsAt, x, ids.length);
      await bench.run();
      expectClose(bench.floats(x), embeddingReference(unpackMatrix(matrix), ids, D), ACCURACY);
    },
  );

kernelTest(
  'embedding: parts fill in their own ids, and an id outside the vocabulary gives NaN',
  53,
  async (bench, rng) => {
    const [rows, D, vocabSize] = [16, 64, 40];
    const matrices = [0, 16, 32].map((firstId) => ({
      firstId,
      matrix: randomMatrix(rng, 'f32', Math.min(rows, vocabSize - firstId), D, 8),
    }));
    const ids = [15, 16, 0, 31, 32, 39, 40, 0xffffffff];
    const tokenIds = bench.input('token ids', Uint32Array.from(ids));
    const x = bench.output('x', ids.length * D);
    for (const { firstId, matrix } of matrices) {
      const values = bench.input('values', matrix.values);
      const weights = { layout: 'f32', groupSize: 8, rows: matrix.rows, columns: D, values, scales: values } as const;
      recordEmbedding(bench.recorder, weights, tokenIds, 0, x, ids.length, { firstId, vocabSize });
    }
    await bench.run();
    const whole = Float32Array.from(matrices.flatMap(({ matrix }) => [...unpackMatrix(matrix)]));
    expect(bench.floats(x)).toEqual(embeddingReference(whole, ids, D));
  },
);

kernelTest('embedding: an id outside the vocabulary gives NaN', 52, async (bench, rng) => {
  const matrix = randomMatrix(rng, 'f32', 20, 64, 8);
  const x = bench.output('x', 4 * 64);
  const values = bench.input('values', matrix.values);
  const weights = { layout: 'f32', groupSize: 8, rows: 20, columns: 64, values, scales: values } as const;
  const ids = [20, 0, 0xffffffff, 23];
  recordEmbedding(bench.recorder, weights, bench.input('token ids', Uint32Array.from(ids)), 0, x, 4);
  await bench.run();
  expect(bench.floats(x)).toEqual(embeddingReference(unpackMatrix(matrix), ids, 64));
});
