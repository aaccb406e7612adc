import { assert } from '@/lib/assert.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import backwardSource from './swiglu-backward.wgsl?raw';
import source from './swiglu.wgsl?raw';

export const swiglu = defineKernel({
  name: 'swiglu',
  source,
  buffers: { gateUp: 'read', y: 'readWrite' },
  params: { numQuads: 'u32' },
  overrides: ['WORKGROUP_SIZE'],
});

export const swigluBackward = defineKernel({
  name: 'swiglu-backward',
  source: backwardSource,
  buffers: { dy: 'read', gateUp: 'readWrite' },
  params: { numQuads: 'u32' },
  overrides: ['WORKGROUP_SIZE'],
});

const WORKGROUP_SIZE = 64;

export interface SwigluShape {
  /** At most 65 535. */
  readonly numTokens: number;
  /** Intermediate size; a multiple of 4. */
  readonly F: number;
}

/**
 * y = silu(gate) * up.
 *
 * @param buffers  gateUp [T, 2 F] f32, tiles of four gate and four up values alternating; y [T, F] f32
 */
export function recordSwiglu(
  recorder: CommandRecorder,
  buffers: { readonly gateUp: GpuBuffer; readonly y: GpuBuffer },
  shape: SwigluShape,
): void {
  recorder.record(swiglu, buffers, { numQuads: shape.F / 4 }, gridOf(shape));
}

/**
 * Replaces gate and up by their gradients.
 *
 * @param buffers  dy [T, F] f32; gateUp [T, 2 F] f32 as in `recordSwiglu`
 */
export function recordSwigluBackward(
  recorder: CommandRecorder,
  buffers: { readonly dy: GpuBuffer; readonly gateUp: GpuBuffer },
  shape: SwigluShape,
): void {
  recorder.record(swigluBackward, buffers, { numQuads: shape.F / 4 }, gridOf(shape));
}

function gridOf({ F, numTokens }: SwigluShape) {
  assert(F % 4 === 0, 'features come in fours');
  return { overrides: { WORKGROUP_SIZE }, workgroups: [Math.ceil(F / 4 / WORKGROUP_SIZE), numTokens] } as const;
}
