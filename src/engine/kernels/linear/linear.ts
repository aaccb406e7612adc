import { assert } from '@/lib/assert.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import type { WeightLayout } from '@/engine/quantisation/weight-layout.ts';
import { defineKernel } from '../kernel.ts';
import { EPILOGUE_CHUNKS, WEIGHT_CHUNKS } from '../library/library.ts';
import type { Epilogue } from '../library/library.ts';
import thread1 from './linear-thread-1.wgsl?raw';
import thread2 from './linear-thread-2.wgsl?raw';
import thread8 from './linear-thread-8.wgsl?raw';
import tile from './linear-tile.wgsl?raw';
import workgroup from './linear-workgroup.wgsl?raw';

/** A weight matrix [rows, columns] on the GPU; borrows its buffers. Rows are padded to a multiple of eight. */
export interface LinearWeights {
  readonly layout: WeightLayout;
  readonly rows: number;
  readonly columns: number;
  readonly groupSize: number;
  readonly values: GpuBuffer;
  readonly scales: GpuBuffer;
}

/**
 * 'threadPerRows': a thread owns eight rows. 'workgroupPerRows': a workgroup owns eight rows and reads coalesced, up to
 * four tokens; for more tokens it owns 64 rows and 32 tokens, and shares what it unpacks.
 */
export type LinearShape = 'threadPerRows' | 'workgroupPerRows';

const buffers = { values: 'read', scales: 'read', x: 'read', y: 'readWrite' } as const;
const params = { numTilePairs: 'u32', numTokens: 'u32', yStride: 'u32', yOffset: 'u32' } as const;
const TILE_OVERRIDES = ['COLUMNS', 'WORDS_PER_GROUP'] as const;
const overrides = ['WORKGROUP_SIZE', ...TILE_OVERRIDES] as const;

export const linearThread1 = defineKernel({ name: 'linear-thread-1', source: thread1, buffers, params, overrides });
export const linearThread2 = defineKernel({ name: 'linear-thread-2', source: thread2, buffers, params, overrides });
export const linearThread8 = defineKernel({
  name: 'linear-thread-8',
  source: thread8,
  buffers,
  params,
  overrides: [...overrides, 'TOKENS'],
});
export const linearWorkgroup = defineKernel({
  name: 'linear-workgroup',
  source: workgroup,
  buffers,
  params,
  overrides: [...overrides, 'TOKENS'],
});

export const linearTile = defineKernel({
  name: 'linear-tile',
  source: tile,
  buffers,
  params,
  overrides: TILE_OVERRIDES,
});

/** Threads of a workgroup of the thread kernels. */
const THREADS = 16;
/** Of linear-tile.wgsl. */
const TILE_PAIRS_PER_WORKGROUP = 8;
const TOKENS_PER_WORKGROUP = 32;
const LANES_PER_ROW_GROUP = 32;
const MAX_WORKGROUPS_X = 32_768;

/** Without scales the whole row is one group, which saves the thread kernels a loop. */
function groupSizeOf({ layout, columns, groupSize }: LinearWeights): number {
  return layout === 'f32' || layout === 'f16' ? columns : groupSize;
}

export interface LinearOptions {
  readonly epilogue: Epilogue;
  /** f32 values between two tokens' results in `y`. Default: the rows that the epilogue stores. */
  readonly yStride?: number;
  /** f32 values in front of a token's first result; a multiple of 4. Default 0. */
  readonly yOffset?: number;
  readonly shape: LinearShape;
}

/**
 * y[t, r] = sum_c w[r, c] x[t, c], then the epilogue.
 *
 * @param x  [T, columns] f32
 * @param y  [T, yStride] f32; with 'swiglu' half as many rows are stored, gate and up tiles alternating in `weights`.
 *           Padding rows are stored too: yStride holds them, or the next token's first results would be overwritten
 */
export function recordLinear(
  recorder: CommandRecorder,
  weights: LinearWeights,
  x: GpuBuffer,
  y: GpuBuffer,
  numTokens: number,
  options: LinearOptions,
): void {
  const numTilePairs = Math.ceil(weights.rows / 8);
  const stored = options.epilogue === 'swiglu' ? weights.rows / 2 : weights.rows;
  const values = { numTilePairs, numTokens, yStride: options.yStride ?? stored, yOffset: options.yOffset ?? 0 };
  const storedAndPadding = numTilePairs * (options.epilogue === 'swiglu' ? 4 : 8);
  assert(values.yStride % 4 === 0 && values.yOffset % 4 === 0, 'results start at a multiple of four');
  assert(values.yOffset + storedAndPadding <= values.yStride, `a stride of ${values.yStride} holds all rows`);
  const bound = { values: weights.values, scales: weights.scales, x, y };
  const chunks = [...WEIGHT_CHUNKS[weights.layout], EPILOGUE_CHUNKS[options.epilogue]];
  const sizes = { COLUMNS: weights.columns, WORDS_PER_GROUP: groupSizeOf(weights) / 8 };
  const kernelRun = runOf(options.shape, numTilePairs, numTokens);
  recorder.record(kernelRun.kernel, bound, values, {
    chunks,
    overrides: { ...sizes, ...kernelRun.overrides },
    workgroups: kernelRun.workgroups,
  });
}

interface KernelRun {
  readonly kernel: typeof linearThread1;
  readonly overrides: Readonly<Record<string, number>>;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
}

/** Which kernel serves a shape and a number of tokens, and in how many workgroups. */
function runOf(shape: LinearShape, numTilePairs: number, numTokens: number): KernelRun {
  if (shape === 'threadPerRows') return threadRunOf(numTilePairs, numTokens);
  if (numTokens > 4) {
    const groups = Math.ceil(numTilePairs / TILE_PAIRS_PER_WORKGROUP);
    return { kernel: linearTile, overrides: {}, workgroups: [groups, Math.ceil(numTokens / TOKENS_PER_WORKGROUP)] };
  }
  return {
    kernel: linearWorkgroup,
    overrides: { WORKGROUP_SIZE: LANES_PER_ROW_GROUP, TOKENS: numTokens === 3 ? 4 : numTokens },
    workgroups: [Math.min(numTilePairs, MAX_WORKGROUPS_X), 1, Math.ceil(numTilePairs / MAX_WORKGROUPS_X)],
  };
}

function threadRunOf(numTilePairs: number, numTokens: number): KernelRun {
  const groups = Math.ceil(numTilePairs / THREADS);
  const size = { WORKGROUP_SIZE: THREADS };
  if (numTokens === 1) return { kernel: linearThread1, overrides: size, workgroups: [groups] };
  if (numTokens === 2) return { kernel: linearThread2, overrides: size, workgroups: [groups] };
  const tokens = numTokens <= 4 ? 4 : 8;
  return {
    kernel: linearThread8,
    overrides: { ...size, TOKENS: tokens },
    workgroups: [groups, Math.ceil(numTokens / tokens)],
  };
}
