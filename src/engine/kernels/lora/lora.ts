import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import downSource from './lora-down.wgsl?raw';
import upSource from './lora-up.wgsl?raw';
import {
  CONTRACTION_CUT,
  THREADS,
  gridOfGroups,
  INPUT_FIELDS,
  MODULE_FIELDS,
  moduleParams,
  planDropout,
  slicesChunk,
  tokensPerOutput,
} from './lora-shapes.ts';
import type { LoraInputShape, LoraModuleShape } from './lora-shapes.ts';

export const loraDown = defineKernel({
  name: 'lora-down',
  source: downSource,
  buffers: { x: 'read', parameters: 'read', table: 'read', a: 'readWrite' },
  params: { ...INPUT_FIELDS, scalesAt: 'u32' },
  overrides: ['WORKGROUP_SIZE', 'SLICES', 'TOKENS', 'HAS_DROPOUT'],
});

export const loraUp = defineKernel({
  name: 'lora-up',
  source: upSource,
  buffers: { a: 'read', parameters: 'read', y: 'readWrite' },
  params: MODULE_FIELDS,
  overrides: ['WORKGROUP_SIZE', 'TOKENS'],
});

/**
 * a[t, j] = scale_t * sum_c A[j, c] keep(t, c, floor(j / rank)) x[t, c],   scale_t = f32 bits at table[scalesAt + t].
 *
 * A token of scale 0 gets exact zeros, whatever A holds.
 *
 * @param buffers.x           [numTokens, D] f32
 * @param buffers.parameters  flat f32; A [R, D] from aOffset on
 * @param buffers.a           [numTokens, R] f32, stored
 */
export function recordLoraDown(
  recorder: CommandRecorder,
  buffers: {
    readonly x: GpuBuffer;
    readonly parameters: GpuBuffer;
    readonly table: GpuBuffer;
    readonly a: GpuBuffer;
  },
  shape: LoraInputShape & { readonly scalesAt: number },
): void {
  const { numTokens, D, R, aOffset, scalesAt, lanes } = shape;
  const { rank, numBlocks, params, HAS_DROPOUT, chunk } = planDropout(shape);
  const cut = CONTRACTION_CUT[lanes];
  const TOKENS = tokensPerOutput(numTokens, lanes);
  const numOutputs = numBlocks * Math.ceil(numTokens / TOKENS);
  recorder.record(
    loraDown,
    buffers,
    { numTokens, columns: D, numRows: R, rank, aOffset, ...params, scalesAt },
    {
      chunks: [chunk, slicesChunk(cut)],
      overrides: { ...cut, TOKENS, HAS_DROPOUT },
      workgroups: gridOfGroups(Math.ceil((numOutputs * cut.SLICES) / cut.WORKGROUP_SIZE)),
    },
  );
}

/**
 * y[t, place(o)] += sum_j B[o, j] a[t, aColumn + j].
 *
 * @param buffers.a           [numTokens, R] f32, with the scale
 * @param buffers.parameters  flat f32; B [rows, rank] from bOffset on
 * @param buffers.y           [numTokens, yStride] f32; other places stay
 */
export function recordLoraUp(
  recorder: CommandRecorder,
  buffers: { readonly a: GpuBuffer; readonly parameters: GpuBuffer; readonly y: GpuBuffer },
  shape: LoraModuleShape,
): void {
  const params = moduleParams(shape);
  const WORKGROUP_SIZE = THREADS[shape.lanes];
  const TOKENS = tokensPerOutput(shape.numTokens, shape.lanes);
  recorder.record(loraUp, buffers, params, {
    overrides: { WORKGROUP_SIZE, TOKENS },
    workgroups: [Math.ceil(params.numTiles / WORKGROUP_SIZE), Math.ceil(shape.numTokens / TOKENS)],
  });
}
