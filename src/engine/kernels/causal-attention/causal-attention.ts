import { assert } from '@/lib/assert.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import { VISIBLE_KEYS_CHUNK } from '../library/library.ts';
import backwardKvThread from './causal-attention-backward-kv-thread.wgsl?raw';
import backwardKvTile from './causal-attention-backward-kv-tile.wgsl?raw';
import backwardQThread from './causal-attention-backward-q-thread.wgsl?raw';
import backwardQTile from './causal-attention-backward-q-tile.wgsl?raw';
import delta from './causal-attention-delta.wgsl?raw';
import thread from './causal-attention-thread.wgsl?raw';
import tile from './causal-attention-tile.wgsl?raw';

const params = { numTokens: 'u32', tokensAt: 'u32', scale: 'f32' } as const;
const sizes = ['HEAD_DIM', 'NUM_HEADS', 'NUM_KV_HEADS'] as const;
const forward = {
  buffers: { heads: 'read', table: 'read', y: 'readWrite', logsumexp: 'readWrite' },
  params,
} as const;
const backward = {
  buffers: { heads: 'read', table: 'read', dy: 'read', logsumexp: 'read', delta: 'read', dHeads: 'readWrite' },
  params,
} as const;
const ofThread = { overrides: [...sizes, 'WORKGROUP_SIZE'] };
const ofTile = { overrides: sizes };

/** 'thread': a thread per four queries and head. 'tile': a workgroup per 16. They need VISIBLE_KEYS_CHUNK. */
export const causalAttentionOfQueries = {
  forwardThread: defineKernel({ name: 'causal-attention-thread', source: thread, ...forward, ...ofThread }),
  forwardTile: defineKernel({ name: 'causal-attention-tile', source: tile, ...forward, ...ofTile }),
  backwardThread: defineKernel({
    name: 'causal-attention-backward-q-thread',
    source: backwardQThread,
    ...backward,
    ...ofThread,
  }),
  backwardTile: defineKernel({
    name: 'causal-attention-backward-q-tile',
    source: backwardQTile,
    ...backward,
    ...ofTile,
  }),
};

/** 'thread': a thread per four keys and KV head. 'tile': a workgroup per 16. */
export const causalAttentionOfKeys = {
  backwardThread: defineKernel({
    name: 'causal-attention-backward-kv-thread',
    source: backwardKvThread,
    ...backward,
    ...ofThread,
  }),
  backwardTile: defineKernel({
    name: 'causal-attention-backward-kv-tile',
    source: backwardKvTile,
    ...backward,
    ...ofTile,
  }),
};

export const causalAttentionDelta = defineKernel({
  name: 'causal-attention-delta',
  source: delta,
  buffers: { y: 'read', dy: 'read', delta: 'readWrite' },
  params: { numRows: 'u32' },
  overrides: ['HEAD_DIM', 'WORKGROUP_SIZE'],
});

export interface CausalAttentionShape {
  /** A multiple of 8, at most 128. */
  readonly headDim: number;
  readonly numHeads: number;
  readonly numKvHeads: number;
  readonly numTokens: number;
  /** Word of `table` where the tokens begin, four words each (causal-attention-thread.wgsl). */
  readonly tokensAt: number;
  readonly lanes: Lanes;
}

const MAX_HEAD_DIM = 128;
/** Threads of a workgroup of the thread kernels; each has four queries or keys. */
const THREADS = 8;
/** Queries or keys of a workgroup. */
const NUM_PER_WORKGROUP = { few: 4 * THREADS, many: 16 };
const DELTA_THREADS = 64;

function checked(shape: CausalAttentionShape) {
  const { headDim, numHeads, numKvHeads, numTokens, tokensAt, lanes } = shape;
  assert(headDim % 8 === 0 && headDim <= MAX_HEAD_DIM, `a head size of ${headDim} is a multiple of 8 up to 128`);
  assert(numHeads % numKvHeads === 0, `${numHeads} heads fall into ${numKvHeads} groups`);
  const heads = { HEAD_DIM: headDim, NUM_HEADS: numHeads, NUM_KV_HEADS: numKvHeads };
  return {
    values: { numTokens, tokensAt, scale: 1 / Math.sqrt(headDim) },
    overrides: lanes === 'few' ? { ...heads, WORKGROUP_SIZE: THREADS } : heads,
    // Few lanes read the same keys when their workgroups follow one another along the row.
    workgroups: (count: number): readonly [number, number] => {
      const numBlocks = Math.ceil(numTokens / NUM_PER_WORKGROUP[lanes]);
      return lanes === 'few' ? [numBlocks, count] : [count, numBlocks];
    },
  };
}

/**
 * Attention of every token over its shared prompt and its own row up to itself.
 *
 * @param buffers.heads      [N, (H + 2 Hkv) K] f32, queries and keys rotated
 * @param buffers.y          [N, H K] f32
 * @param buffers.logsumexp  [N, H] f32, ln sum exp of the scaled scores; the backward pass needs it
 */
export function recordCausalAttention(
  recorder: CommandRecorder,
  buffers: {
    readonly heads: GpuBuffer;
    readonly table: GpuBuffer;
    readonly y: GpuBuffer;
    readonly logsumexp: GpuBuffer;
  },
  shape: CausalAttentionShape,
): void {
  const { values, overrides, workgroups } = checked(shape);
  const { forwardThread, forwardTile } = causalAttentionOfQueries;
  recorder.record(shape.lanes === 'few' ? forwardThread : forwardTile, buffers, values, {
    overrides,
    chunks: [VISIBLE_KEYS_CHUNK],
    workgroups: workgroups(shape.numHeads),
  });
}

/**
 * Gradient with respect to queries, keys and values; no probabilities are stored, sums have a fixed order.
 *
 * @param buffers.y, logsumexp  as recordCausalAttention has left them
 * @param buffers.dy            [N, H K] f32
 * @param buffers.delta         [N, H] f32, scratch
 * @param buffers.dHeads        [N, (H + 2 Hkv) K] f32, every column is stored
 */
export function recordCausalAttentionBackward(
  recorder: CommandRecorder,
  buffers: {
    readonly heads: GpuBuffer;
    readonly table: GpuBuffer;
    readonly y: GpuBuffer;
    readonly dy: GpuBuffer;
    readonly logsumexp: GpuBuffer;
    readonly delta: GpuBuffer;
    readonly dHeads: GpuBuffer;
  },
  shape: CausalAttentionShape,
): void {
  const { values, overrides, workgroups } = checked(shape);
  const numRows = shape.numTokens * shape.numHeads;
  recorder.record(
    causalAttentionDelta,
    buffers,
    { numRows },
    {
      overrides: { HEAD_DIM: shape.headDim, WORKGROUP_SIZE: DELTA_THREADS },
      workgroups: [Math.ceil(numRows / DELTA_THREADS)],
    },
  );
  const ofQueries = causalAttentionOfQueries;
  const ofKeys = causalAttentionOfKeys;
  recorder.record(shape.lanes === 'few' ? ofQueries.backwardThread : ofQueries.backwardTile, buffers, values, {
    overrides,
    chunks: [VISIBLE_KEYS_CHUNK],
    workgroups: workgroups(shape.numHeads),
  });
  recorder.record(shape.lanes === 'few' ? ofKeys.backwardThread : ofKeys.backwardTile, buffers, values, {
    overrides,
    workgroups: workgroups(shape.numKvHeads),
  });
}
