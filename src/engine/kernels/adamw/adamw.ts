import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import source from './adamw.wgsl?raw';

export const adamW = defineKernel({
  name: 'adamw',
  source,
  buffers: { gradients: 'read', parameters: 'readWrite', expAvg: 'readWrite', expAvgSq: 'readWrite' },
  params: {
    numValues: 'u32',
    gradientScale: 'f32',
    firstRate: 'f32',
    secondRate: 'f32',
    secondScale: 'f32',
    stepSize: 'f32',
    decay: 'f32',
    eps: 'f32',
  },
  overrides: ['WORKGROUP_SIZE'],
});

export interface AdamWStep {
  readonly numValues: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Decoupled: the decay of a step is learningRate * weightDecay. */
  readonly weightDecay: number;
  /** From 1. */
  readonly step: number;
  /** Factor of every gradient: clipping, loss scale. */
  readonly gradientScale: number;
}

const WORKGROUP_SIZE = 64;
/** As in adamw.wgsl. */
const MAX_WORKGROUPS_X = 32_768;

/** One optimiser step over flat f32 buffers, as torch.optim.AdamW. @param buffers.expAvg, expAvgSq zeros before step 1 */
export function recordAdamW(
  recorder: CommandRecorder,
  buffers: {
    readonly parameters: GpuBuffer;
    readonly gradients: GpuBuffer;
    readonly expAvg: GpuBuffer;
    readonly expAvgSq: GpuBuffer;
  },
  options: AdamWStep,
): void {
  const { numValues, learningRate, beta1, beta2, eps, weightDecay, step, gradientScale } = options;
  const numGroups = Math.ceil(numValues / WORKGROUP_SIZE);
  recorder.record(
    adamW,
    buffers,
    {
      numValues,
      gradientScale,
      firstRate: 1 - beta1,
      secondRate: 1 - beta2,
      secondScale: 1 / Math.sqrt(1 - beta2 ** step),
      stepSize: learningRate / (1 - beta1 ** step),
      decay: learningRate * weightDecay,
      eps,
    },
    {
      overrides: { WORKGROUP_SIZE },
      workgroups: [Math.min(numGroups, MAX_WORKGROUPS_X), Math.ceil(numGroups / MAX_WORKGROUPS_X)],
    },
  );
}
