import type { KvType } from '@/protocol/model.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import { KEY_CHUNKS, ROTATE_QUERY_CHUNK, VALUE_CHUNKS } from '../library/library.ts';
import source from './attention.wgsl?raw';

export const attention = defineKernel({
  name: 'attention',
  source,
  buffers: { qkv: 'read', kPool: 'read', vPool: 'read', rope: 'read', table: 'read', y: 'readWrite' },
  params: { tokensAt: 'u32', fragmentsAt: 'u32', pagesAt: 'u32', scale: 'f32' },
  overrides: ['HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS', 'PAGE_SIZE', 'KEY_GROUPS', 'WORKGROUP_SIZE'],
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
  readonly lanes: Lanes;
  /** Where the parts of the step table begin (attention.wgsl). */
  readonly tokensAt: number;
  readonly fragmentsAt: number;
  readonly pagesAt: number;
}

/** Largest head size that is tested. */
export const MAX_HEAD_DIM = 128;

const MANY_LANES = 64;

/** Attention of every token over its view's blocks, the query rotated once per block. @param buffers.y [T, H K] f32 */
export function recordAttention(recorder: CommandRecorder, buffers: AttentionBuffers, shape: AttentionShape): void {
  const numGroups = shape.lanes === 'few' ? 1 : Math.max(1, Math.floor(MANY_LANES / (shape.headDim / 4)));
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
      chunks: [ROTATE_QUERY_CHUNK, KEY_CHUNKS[shape.kvType], VALUE_CHUNKS[shape.kvType]],
      overrides: {
        HEAD_DIM: shape.headDim,
        NUM_HEADS: shape.numHeads,
        NUM_KV_HEADS: shape.numKvHeads,
        PAGE_SIZE: shape.pageSize,
        KEY_GROUPS: numGroups,
        WORKGROUP_SIZE: (shape.headDim / 4) * numGroups,
      },
      workgroups: [shape.numHeads, shape.numTokens],
    },
  );
}
