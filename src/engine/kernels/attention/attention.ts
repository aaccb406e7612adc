import type { KvType } from '@/protocol/model.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import { KV_LOAD_CHUNKS } from '../library/library.ts';
import source from './attention.wgsl?raw';

export const attention = defineKernel({
  name: 'attention',
  source,
  buffers: { qkv: 'read', kPool: 'read', vPool: 'read', rope: 'read', table: 'read', y: 'readWrite' },
  params: { tokensAt: 'u32', fragmentsAt: 'u32', pagesAt: 'u32', scale: 'f32' },
  overrides: ['HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS', 'PAGE_SIZE'],
});

export interface AttentionBuffers {
  readonly qkv: GpuBuffer;
  readonly kPool: GpuBuffer;
  readonly vPool: GpuBuffer;
  readonly rope: GpuBuffer;
  readonly table: GpuBuffer;
  readonly y: GpuBuffer;
}

export interface AttentionShape {
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly pageSize: number;
  readonly kvType: KvType;
  readonly numTokens: number;
  /** Where the parts of the step table begin (attention.wgsl). */
  readonly tokensAt: number;
  readonly fragmentsAt: number;
  readonly pagesAt: number;
}

/** Largest head size that the kernel's two accumulators hold. */
export const MAX_HEAD_DIM = 128;

/** Attention of every token over its view's blocks, the query rotated once per block. @param buffers.y [T, H K] f32 */
export function recordAttention(recorder: CommandRecorder, buffers: AttentionBuffers, shape: AttentionShape): void {
  recorder.record(
    attention,
    buffers,
    {
      tokensAt: shape.tokensAt,
      fragmentsAt: shape.fragmentsAt,
      pagesAt: shape.pagesAt,
      scale: 1 / Math.sqrt(shape.headDim),
    },
    {
      chunks: [KV_LOAD_CHUNKS[shape.kvType]],
      overrides: {
        HEAD_DIM: shape.headDim,
        NUM_HEADS: shape.numHeads,
        NUM_KV_HEADS: shape.numKvHeads,
        PAGE_SIZE: shape.pageSize,
      },
      workgroups: [shape.numHeads, shape.numTokens],
    },
  );
}
