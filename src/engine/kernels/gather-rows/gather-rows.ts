import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import backwardSource from './gather-rows-backward.wgsl?raw';
import source from './gather-rows.wgsl?raw';

export const gatherRows = defineKernel({
  name: 'gather-rows',
  source,
  buffers: { x: 'read', table: 'read', y: 'readWrite' },
  params: { rowsAt: 'u32' },
  overrides: ['WORKGROUP_SIZE', 'D'],
});

export const gatherRowsBackward = defineKernel({
  name: 'gather-rows-backward',
  source: backwardSource,
  buffers: { dy: 'read', table: 'read', dx: 'readWrite' },
  params: { spansAt: 'u32' },
  overrides: ['WORKGROUP_SIZE', 'D'],
});

const WORKGROUP_SIZE = 64;

/** y[i, :] = x[table[rowsAt + i], :]. @param y [numRows, D] f32 */
export function recordGatherRows(
  recorder: CommandRecorder,
  x: GpuBuffer,
  table: GpuBuffer,
  y: GpuBuffer,
  shape: { readonly rowsAt: number; readonly numRows: number; readonly D: number },
): void {
  recorder.record(
    gatherRows,
    { x, table, y },
    { rowsAt: shape.rowsAt },
    { overrides: { D: shape.D, WORKGROUP_SIZE }, workgroups: [Math.ceil(shape.D / WORKGROUP_SIZE), shape.numRows] },
  );
}

/**
 * dx[n, :] = sum of dy[e, :] over the picks first .. first + count - 1 of row n; zeros where count is 0.
 *
 * @param buffers  dy [E, D] f32; table: (first, count) of row n at words spansAt + 2 n; dx [numRows, D] f32
 * @param shape    numRows is at most 65 535
 */
export function recordGatherRowsBackward(
  recorder: CommandRecorder,
  buffers: { readonly dy: GpuBuffer; readonly table: GpuBuffer; readonly dx: GpuBuffer },
  shape: { readonly numRows: number; readonly D: number; readonly spansAt: number },
): void {
  recorder.record(
    gatherRowsBackward,
    buffers,
    { spansAt: shape.spansAt },
    { overrides: { D: shape.D, WORKGROUP_SIZE }, workgroups: [Math.ceil(shape.D / WORKGROUP_SIZE), shape.numRows] },
  );
}
