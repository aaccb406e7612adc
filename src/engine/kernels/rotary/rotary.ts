import { assert } from '@/lib/assert.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import { ROTARY_HEAD_CHUNK } from '../library/library.ts';
import backwardSource from './rotary-backward.wgsl?raw';
import source from './rotary.wgsl?raw';

const inputs = { qkv: 'read', bias: 'read', qNorm: 'read', kNorm: 'read', rope: 'read', table: 'read' } as const;
const params = { numTokens: 'u32', tokensAt: 'u32', eps: 'f32' } as const;
const overrides = ['WORKGROUP_SIZE', 'HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS', 'HAS_QK_NORM'] as const;

export const rotary = defineKernel({
  name: 'rotary',
  source,
  buffers: { ...inputs, heads: 'readWrite' },
  params,
  overrides,
});

export const rotaryBackward = defineKernel({
  name: 'rotary-backward',
  source: backwardSource,
  buffers: { ...inputs, dHeads: 'read', dQkv: 'readWrite' },
  params,
  overrides,
});

const WORKGROUP_SIZE = 64;

export interface RotaryShape {
  /** A multiple of 8. */
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly numTokens: number;
  /** First token entry in the table. */
  readonly tokensAt: number;
  readonly hasQkNorm: boolean;
  readonly eps: number;
}

interface RotaryInputs {
  /** [N, (H + 2 Hkv) K] f32, as the linear layer left it. */
  readonly qkv: GpuBuffer;
  /** [(H + 2 Hkv) K] f32 */
  readonly bias: GpuBuffer;
  /** [K] f32 each; read only with q and k norms. */
  readonly qNorm: GpuBuffer;
  readonly kNorm: GpuBuffer;
  /** [positions, K / 2] pairs (cos, sin) */
  readonly rope: GpuBuffer;
  readonly table: GpuBuffer;
}

/** Biases, q/k norms and rotation of a training pass: heads [N, (H + 2 Hkv) K] f32 from qkv, which stays. */
export function recordRotary(
  recorder: CommandRecorder,
  buffers: RotaryInputs & { readonly heads: GpuBuffer },
  shape: RotaryShape,
): void {
  recorder.record(rotary, buffers, paramsOf(shape), optionsOf(shape));
}

/** dQkv = gradient of `recordRotary` with respect to qkv, from dHeads. Every column is stored. */
export function recordRotaryBackward(
  recorder: CommandRecorder,
  buffers: RotaryInputs & { readonly dHeads: GpuBuffer; readonly dQkv: GpuBuffer },
  shape: RotaryShape,
): void {
  recorder.record(rotaryBackward, buffers, paramsOf(shape), optionsOf(shape));
}

function paramsOf({ numTokens, tokensAt, eps }: RotaryShape) {
  return { numTokens, tokensAt, eps };
}

function optionsOf({ headDim, numHeads, numKvHeads, numTokens, hasQkNorm }: RotaryShape) {
  assert(headDim % 8 === 0, 'a half of a head is whole vectors');
  return {
    chunks: [ROTARY_HEAD_CHUNK],
    overrides: {
      WORKGROUP_SIZE,
      HEAD_DIM: headDim,
      NUM_HEADS: numHeads,
      NUM_KV_HEADS: numKvHeads,
      HAS_QK_NORM: hasQkNorm ? 1 : 0,
    },
    workgroups: [Math.ceil((numTokens * (numHeads + 2 * numKvHeads)) / WORKGROUP_SIZE)],
  } as const;
}
