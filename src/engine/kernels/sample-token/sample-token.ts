import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import source from './sample-token.wgsl?raw';

export const sampleToken = defineKernel({
  name: 'sample-token',
  source,
  buffers: { logits: 'read', bias: 'read', table: 'read', tokenIds: 'readWrite', y: 'readWrite' },
  params: { vocabSize: 'u32', rowsAt: 'u32', nextAt: 'u32', resultsAt: 'u32' },
  overrides: [],
});

/** Draws a token for each row with temperature > 0; follows `recordSelectToken` (sample-token.wgsl). */
export function recordSampleToken(
  recorder: CommandRecorder,
  buffers: {
    readonly logits: GpuBuffer;
    readonly bias: GpuBuffer;
    readonly table: GpuBuffer;
    readonly tokenIds: GpuBuffer;
    readonly y: GpuBuffer;
  },
  shape: {
    readonly vocabSize: number;
    readonly numRows: number;
    readonly rowsAt: number;
    readonly nextAt: number;
    readonly resultsAt: number;
  },
): void {
  recorder.record(
    sampleToken,
    buffers,
    { vocabSize: shape.vocabSize, rowsAt: shape.rowsAt, nextAt: shape.nextAt, resultsAt: shape.resultsAt },
    { workgroups: [shape.numRows] },
  );
}
