import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import source from './gather-rows.wgsl?raw';

export const gatherRows = defineKernel({
  name: 'gather-rows',
  source,
  buffers: { x: 'read', table: 'read', y: 'readWrite' },
  params: { rowsAt: 'u32' },
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
