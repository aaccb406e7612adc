import type { KvType } from '@/protocol/model.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import { KV_STORE_CHUNKS } from '../library/library.ts';
import source from './kv-write.wgsl?raw';

export const kvWrite = defineKernel({
  name: 'kv-write',
  source,
  buffers: {
    qkv: 'readWrite',
    bias: 'read',
    qNorm: 'read',
    kNorm: 'read',
    rope: 'read',
    table: 'read',
    kPool: 'readWrite',
    vPool: 'readWrite',
  },
  params: { firstHead: 'u32', tokensAt: 'u32', eps: 'f32' },
  overrides: ['WORKGROUP_SIZE', 'HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS', 'HAS_QK_NORM'],
});

export interface KvWriteShape {
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly hasQkNorm: boolean;
  /** False skips the query heads, which then need no finishing. */
  readonly finishesQueries: boolean;
  readonly kvType: KvType;
  readonly eps: number;
  readonly numTokens: number;
  /** First token entry in the step table. */
  readonly tokensAt: number;
}

export interface KvWriteBuffers {
  readonly qkv: GpuBuffer;
  readonly bias: GpuBuffer;
  readonly qNorm: GpuBuffer;
  readonly kNorm: GpuBuffer;
  readonly rope: GpuBuffer;
  readonly table: GpuBuffer;
  readonly kPool: GpuBuffer;
  readonly vPool: GpuBuffer;
}

/** Biases, q/k norms, rotation of k at block-local positions, and the store into the pool (see kv-write.wgsl). */
export function recordKvWrite(recorder: CommandRecorder, buffers: KvWriteBuffers, shape: KvWriteShape): void {
  const firstHead = shape.finishesQueries ? 0 : shape.numHeads;
  recorder.record(
    kvWrite,
    buffers,
    { firstHead, tokensAt: shape.tokensAt, eps: shape.eps },
    {
      chunks: [KV_STORE_CHUNKS[shape.kvType]],
      overrides: {
        WORKGROUP_SIZE: 32,
        HEAD_DIM: shape.headDim,
        NUM_HEADS: shape.numHeads,
        NUM_KV_HEADS: shape.numKvHeads,
        HAS_QK_NORM: shape.hasQkNorm ? 1 : 0,
      },
      workgroups: [shape.numHeads + 2 * shape.numKvHeads - firstHead, shape.numTokens],
    },
  );
}
