import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import { BEST_OF_LANES_CHUNK } from '../library/library.ts';
import source from './select-token.wgsl?raw';

export const selectToken = defineKernel({
  name: 'select-token',
  source,
  buffers: { candidates: 'read', table: 'read', tokenIds: 'readWrite', y: 'readWrite' },
  params: { numChunks: 'u32', rowsAt: 'u32', nextAt: 'u32', resultsAt: 'u32' },
  overrides: [],
});

/** Words of one row's result. */
export const RESULT_WORDS = 16;

/** Joins the chunks and takes the best token of each row (select-token.wgsl). */
export function recordSelectToken(
  recorder: CommandRecorder,
  buffers: {
    readonly candidates: GpuBuffer;
    readonly table: GpuBuffer;
    readonly tokenIds: GpuBuffer;
    readonly y: GpuBuffer;
  },
  shape: {
    readonly numChunks: number;
    readonly numRows: number;
    readonly rowsAt: number;
    readonly nextAt: number;
    readonly resultsAt: number;
  },
): void {
  recorder.record(
    selectToken,
    buffers,
    { numChunks: shape.numChunks, rowsAt: shape.rowsAt, nextAt: shape.nextAt, resultsAt: shape.resultsAt },
    { chunks: [BEST_OF_LANES_CHUNK], workgroups: [shape.numRows] },
  );
}
