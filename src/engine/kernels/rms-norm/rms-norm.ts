import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import backwardSource from './rms-norm-backward.wgsl?raw';
import source from './rms-norm.wgsl?raw';

export const rmsNorm = defineKernel({
  name: 'rms-norm',
  source,
  buffers: { x: 'read', weight: 'read', y: 'readWrite' },
  params: { eps: 'f32' },
  overrides: ['WORKGROUP_SIZE', 'D'],
});

export const rmsNormBackward = defineKernel({
  name: 'rms-norm-backward',
  source: backwardSource,
  buffers: { x: 'read', weight: 'read', dy: 'read', dx: 'readWrite' },
  params: { eps: 'f32' },
  overrides: ['WORKGROUP_SIZE', 'D'],
});

const WORKGROUP_SIZES: Readonly<Record<Lanes, number>> = { few: 16, many: 128 };

export interface RmsNormShape {
  readonly numRows: number;
  readonly D: number;
  readonly eps: number;
  readonly lanes: Lanes;
}

/** y = x / rms(x) * weight, row by row. @param x, y [numRows, D] f32; must differ */
export function recordRmsNorm(
  recorder: CommandRecorder,
  x: GpuBuffer,
  weight: GpuBuffer,
  y: GpuBuffer,
  shape: RmsNormShape,
): void {
  recorder.record(
    rmsNorm,
    { x, weight, y },
    { eps: shape.eps },
    { overrides: { D: shape.D, WORKGROUP_SIZE: WORKGROUP_SIZES[shape.lanes] }, workgroups: [shape.numRows] },
  );
}

/**
 * dx += gradient of `recordRmsNorm` with respect to x, where x is its input.
 *
 * @param buffers  x, dy, dx [numRows, D] f32; dx holds the gradient that flows past the norm, or zeros
 */
export function recordRmsNormBackward(
  recorder: CommandRecorder,
  buffers: { readonly x: GpuBuffer; readonly weight: GpuBuffer; readonly dy: GpuBuffer; readonly dx: GpuBuffer },
  shape: RmsNormShape,
): void {
  recorder.record(
    rmsNormBackward,
    buffers,
    { eps: shape.eps },
    { overrides: { D: shape.D, WORKGROUP_SIZE: WORKGROUP_SIZES[shape.lanes] }, workgroups: [shape.numRows] },
  );
}
