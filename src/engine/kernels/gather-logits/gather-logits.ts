import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import source from './gather-logits.wgsl?raw';

export const gatherLogits = defineKernel({
  name: 'gather-logits',
  source,
  buffers: { logits: 'read', table: 'read', y: 'readWrite' },
  params: { vocabSize: 'u32', pairsAt: 'u32', numPairs: 'u32', resultsAt: 'u32' },
  overrides: ['WORKGROUP_SIZE'],
});

const WORKGROUP_SIZE = 64;

/** Copies single logits, named by pairs [row, id] in the step table, into the results. */
export function recordGatherLogits(
  recorder: CommandRecorder,
  buffers: { readonly logits: GpuBuffer; readonly table: GpuBuffer; readonly y: GpuBuffer },
  shape: {
    readonly vocabSize: number;
    readonly pairsAt: number;
    readonly numPairs: number;
    readonly resultsAt: number;
  },
): void {
  recorder.record(gatherLogits, buffers, shape, {
    overrides: { WORKGROUP_SIZE },
    workgroups: [Math.ceil(shape.numPairs / WORKGROUP_SIZE)],
  });
}
