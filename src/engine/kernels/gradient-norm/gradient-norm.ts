import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import source from './gradient-norm.wgsl?raw';

export const gradientNorm = defineKernel({
  name: 'gradient-norm',
  source,
  buffers: { gradients: 'read', table: 'read', sums: 'readWrite' },
  params: { tensorsAt: 'u32' },
  overrides: ['WORKGROUP_SIZE'],
});

/**
 * Sum of squares of each tensor of a flat gradient buffer; NaN and infinity come through.
 *
 * @param buffers.table  from tensorsAt on two words a tensor: its first value and its length
 * @param buffers.sums   [numTensors] f32
 */
export function recordGradientNorm(
  recorder: CommandRecorder,
  buffers: { readonly gradients: GpuBuffer; readonly table: GpuBuffer; readonly sums: GpuBuffer },
  shape: { readonly numTensors: number; readonly tensorsAt: number; readonly lanes: Lanes },
): void {
  recorder.record(
    gradientNorm,
    buffers,
    { tensorsAt: shape.tensorsAt },
    { overrides: { WORKGROUP_SIZE: shape.lanes === 'few' ? 16 : 256 }, workgroups: [shape.numTensors] },
  );
}
