import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import { BEST_OF_LANES_CHUNK } from '../library/library.ts';
import source from './logit-candidates.wgsl?raw';

export const logitCandidates = defineKernel({
  name: 'logit-candidates',
  source,
  buffers: { logits: 'read', bias: 'read', table: 'read', y: 'readWrite' },
  params: { vocabSize: 'u32', rowsAt: 'u32' },
  overrides: ['LANES'],
});

/** Vocabulary entries that one workgroup looks through. */
export const CANDIDATE_CHUNK = 1024;
/** Words of one chunk's entry in `y`. */
export const CANDIDATE_WORDS = 16;

/** Best five and partial sums per chunk and row (logit-candidates.wgsl). @param y [numRows, chunks, 16] */
export function recordLogitCandidates(
  recorder: CommandRecorder,
  buffers: { readonly logits: GpuBuffer; readonly bias: GpuBuffer; readonly table: GpuBuffer; readonly y: GpuBuffer },
  shape: { readonly vocabSize: number; readonly numRows: number; readonly rowsAt: number; readonly lanes: Lanes },
): void {
  recorder.record(
    logitCandidates,
    buffers,
    { vocabSize: shape.vocabSize, rowsAt: shape.rowsAt },
    {
      chunks: [BEST_OF_LANES_CHUNK],
      overrides: { LANES: shape.lanes === 'few' ? 16 : 64 },
      workgroups: [Math.ceil(shape.vocabSize / CANDIDATE_CHUNK), shape.numRows],
    },
  );
}
