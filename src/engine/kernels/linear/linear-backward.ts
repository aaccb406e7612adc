import { assert } from '@/lib/assert.ts';
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import type { Lanes } from '../kernel.ts';
import { WEIGHT_CHUNKS, WEIGHT_ROWS_CHUNK } from '../library/library.ts';
import type { Epilogue } from '../library/library.ts';
import type { LinearWeights } from './linear.ts';
import thread from './linear-backward.wgsl?raw';
import workgroup from './linear-backward-workgroup.wgsl?raw';

const buffers = { values: 'read', scales: 'read', dy: 'read', dx: 'readWrite' } as const;
const params = { numRows: 'u32', numTokens: 'u32', dyStride: 'u32', dyOffset: 'u32' } as const;
const overrides = ['WORKGROUP_SIZE', 'COLUMNS', 'WORDS_PER_GROUP', 'HAS_PART_TILE', 'ADDS'] as const;

export const linearBackward = defineKernel({ name: 'linear-backward', source: thread, buffers, params, overrides });
export const linearBackwardWorkgroup = defineKernel({
  name: 'linear-backward-workgroup',
  source: workgroup,
  buffers,
  params,
  overrides: [...overrides, 'WORDS'],
});

const TOKENS_PER_THREAD = 8;
const WORDS_PER_THREAD_GROUP = 16;
const WORDS_PER_WORKGROUP = 4;
/** From this many rows on a workgroup has twice the row lanes: the LM head, whose columns alone give few threads. */
const MANY_ROWS = 8192;

export interface LinearBackwardOptions {
  /** 'store' writes dx, 'add' adds to what it holds. */
  readonly epilogue: Exclude<Epilogue, 'swiglu'>;
  /** f32 values between two tokens' gradients in `dy`; a multiple of 4. Default: the matrix's rows, unpadded. */
  readonly dyStride?: number;
  /** f32 values in front of a token's first gradient; a multiple of 4. Default 0. */
  readonly dyOffset?: number;
  readonly lanes: Lanes;
}

/**
 * dx[t, c] = (or +=) sum_r w[r, c] dy[t, dyOffset + r]: the gradient of a linear layer's input, from the packed weights.
 *
 * @param dy  [T, dyStride] f32; what lies behind a token's last row does not count, whatever it is
 * @param dx  [T, columns] f32; must differ from dy
 */
export function recordLinearBackward(
  recorder: CommandRecorder,
  weights: LinearWeights,
  dy: GpuBuffer,
  dx: GpuBuffer,
  numTokens: number,
  options: LinearBackwardOptions,
): void {
  const { dyStride = weights.rows, dyOffset = 0, epilogue, lanes } = options;
  assert(dyStride % 4 === 0 && dyOffset % 4 === 0, 'gradients start at a multiple of four');
  assert(dyOffset + weights.rows <= dyStride, `a stride of ${dyStride} holds all rows`);
  const bound = { values: weights.values, scales: weights.scales, dy, dx };
  const values = { numRows: weights.rows, numTokens, dyStride, dyOffset };
  const chunks = [...WEIGHT_CHUNKS[weights.layout], WEIGHT_ROWS_CHUNK];
  const sizes = {
    COLUMNS: weights.columns,
    WORDS_PER_GROUP: weights.groupSize / 8,
    HAS_PART_TILE: weights.rows % 4 === 0 ? 0 : 1,
    ADDS: epilogue === 'add' ? 1 : 0,
  };
  const numWords = weights.columns / 8;
  const tokenGroups = Math.ceil(numTokens / TOKENS_PER_THREAD);
  if (lanes === 'few') {
    recorder.record(linearBackward, bound, values, {
      chunks,
      overrides: { ...sizes, WORKGROUP_SIZE: WORDS_PER_THREAD_GROUP },
      workgroups: [Math.ceil(numWords / WORDS_PER_THREAD_GROUP), tokenGroups],
    });
    return;
  }
  recorder.record(linearBackwardWorkgroup, bound, values, {
    chunks,
    overrides: { ...sizes, WORKGROUP_SIZE: weights.rows >= MANY_ROWS ? 128 : 64, WORDS: WORDS_PER_WORKGROUP },
    workgroups: [Math.ceil(numWords / WORDS_PER_WORKGROUP), tokenGroups],
  });
}
