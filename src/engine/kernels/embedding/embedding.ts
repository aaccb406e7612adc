import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import { WEIGHT_CHUNKS } from '../library/library.ts';
import type { LinearWeights } from '../linear/linear.ts';
import source from './embedding.wgsl?raw';

export const embedding = defineKernel({
  name: 'embedding',
  source,
  buffers: { values: 'read', scales: 'read', tokenIds: 'read', x: 'readWrite' },
  params: { idsAt: 'u32', firstId: 'u32', numRows: 'u32', vocabSize: 'u32' },
  overrides: ['WORKGROUP_SIZE', 'COLUMNS', 'WORDS_PER_GROUP'],
});

const WORKGROUP_SIZE = 64;

/**
 * x[t, :] = row `tokenIds[idsAt + t] - firstId` of `weights`; ids of the vocabulary's other parts are left alone.
 *
 * @param x     [T, columns] f32
 * @param part  where `weights` stands in the vocabulary; default: it is all of it
 */
export function recordEmbedding(
  recorder: CommandRecorder,
  weights: LinearWeights,
  tokenIds: GpuBuffer,
  idsAt: number,
  x: GpuBuffer,
  numTokens: number,
  part: { readonly firstId: number; readonly vocabSize: number } = { firstId: 0, vocabSize: weights.rows },
): void {
  recorder.record(
    embedding,
    { values: weights.values, scales: weights.scales, tokenIds, x },
    { idsAt, ...part, numRows: weights.rows },
    {
      chunks: WEIGHT_CHUNKS[weights.layout],
      overrides: { WORKGROUP_SIZE, COLUMNS: weights.columns, WORDS_PER_GROUP: weights.groupSize / 8 },
      workgroups: [Math.ceil(weights.columns / 8 / WORKGROUP_SIZE), numTokens],
    },
  );
}
