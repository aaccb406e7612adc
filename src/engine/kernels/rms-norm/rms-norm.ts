import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import source from './rms-norm.wgsl?raw';

export const rmsNorm = defineKernel({
  name: 'rms-norm',
  source,
  buffers: { x: 'read', weight: 'read', y: 'readWrite' },
  params: { eps: 'f32' },
  overrides: ['WORKGROUP_SIZE', 'D'],
});

/** y = x / rms(x) * weight, row by row. @param x, y [numRows, D] f32; must differ */
export function recordRmsNorm(
  recorder: CommandRecorder,
  x: GpuBuffer,
  weight: GpuBuffer,
  y: GpuBuffer,
  shape: { readonly numRows: number; readonly D: number; readonly eps: number; readonly lanes: Lanes },
): void {
  recorder.record(
    rmsNorm,
    { x, weight, y },
    { eps: shape.eps },
    { overrides: { D: shape.D, WORKGROUP_SIZE: shape.lanes === 'few' ? 16 : 128 }, workgroups: [shape.numRows] },
  );
}
