/** Gradients of the adapters. Derivation: docs/maths/lora-backward.md */
import type { CommandRecorder } from '@/engine/gpu/command-recorder.ts';
import type { GpuBuffer } from '@/engine/gpu/gpu-buffer.ts';
import { defineKernel } from '../kernel.ts';
import aGradientSource from './lora-a-gradient.wgsl?raw';
import bGradientSource from './lora-b-gradient.wgsl?raw';
import downBackwardSource from './lora-down-backward.wgsl?raw';
import upBackwardSource from './lora-up-backward.wgsl?raw';
import {
  CONTRACTION_CUT,
  GRADIENT_CUT,
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

export const loraUpBackward = defineKernel({
  name: 'lora-up-backward',
  source: upBackwardSource,
  buffers: { dy: 'read', parameters: 'read', g: 'readWrite' },
  params: { ...MODULE_FIELDS, scale: 'f32' },
  overrides: ['WORKGROUP_SIZE', 'SLICES', 'TOKENS'],
});

export const loraBGradient = defineKernel({
  name: 'lora-b-gradient',
  source: bGradientSource,
  buffers: { dy: 'read', a: 'read', gradients: 'readWrite' },
  params: MODULE_FIELDS,
  overrides: ['WORKGROUP_SIZE', 'SLICES'],
});

export const loraAGradient = defineKernel({
  name: 'lora-a-gradient',
  source: aGradientSource,
  buffers: { x: 'read', g: 'read', gradients: 'readWrite' },
  params: INPUT_FIELDS,
  overrides: ['WORKGROUP_SIZE', 'SLICES', 'HAS_DROPOUT'],
});

export const loraDownBackward = defineKernel({
  name: 'lora-down-backward',
  source: downBackwardSource,
  buffers: { g: 'read', parameters: 'read', dx: 'readWrite' },
  params: INPUT_FIELDS,
  overrides: ['WORKGROUP_SIZE', 'TOKENS', 'HAS_DROPOUT'],
});

/**
 * g[t, aColumn + j] = scale * sum_o B[o, j] dy[t, place(o)].
 *
 * @param buffers.dy          [numTokens, yStride] f32
 * @param buffers.parameters  flat f32; B [rows, rank] from bOffset on
 * @param buffers.g           [numTokens, R] f32; only this module's columns are stored
 * @param shape.scale         the scale that `recordLoraDown` applied, the same for all tokens
 */
export function recordLoraUpBackward(
  recorder: CommandRecorder,
  buffers: { readonly dy: GpuBuffer; readonly parameters: GpuBuffer; readonly g: GpuBuffer },
  shape: LoraModuleShape & { readonly scale: number },
): void {
  const { numTokens, rank, scale, lanes } = shape;
  const cut = CONTRACTION_CUT[lanes];
  const TOKENS = tokensPerOutput(numTokens, lanes);
  const numOutputs = Math.ceil(rank / 4) * Math.ceil(numTokens / TOKENS);
  recorder.record(
    loraUpBackward,
    buffers,
    { ...moduleParams(shape), scale },
    {
      chunks: [slicesChunk(cut)],
      overrides: { ...cut, TOKENS },
      workgroups: gridOfGroups(Math.ceil((numOutputs * cut.SLICES) / cut.WORKGROUP_SIZE)),
    },
  );
}

/**
 * gradients[bOffset + o * rank + j] += sum_t dy[t, place(o)] a[t, aColumn + j].
 *
 * @param buffers.dy         [numTokens, yStride] f32
 * @param buffers.a          [numTokens, R] f32, as `recordLoraDown` stored it: with scale and dropout
 * @param buffers.gradients  flat f32
 */
export function recordLoraBGradient(
  recorder: CommandRecorder,
  buffers: { readonly dy: GpuBuffer; readonly a: GpuBuffer; readonly gradients: GpuBuffer },
  shape: LoraModuleShape,
): void {
  const cut = GRADIENT_CUT[shape.lanes];
  const params = moduleParams(shape);
  const numOutputs = params.numTiles * Math.ceil(shape.rank / 4);
  recorder.record(loraBGradient, buffers, params, {
    chunks: [slicesChunk(cut)],
    overrides: { ...cut },
    workgroups: gridOfGroups(Math.ceil((numOutputs * cut.SLICES) / cut.WORKGROUP_SIZE)),
  });
}

/**
 * gradients[aOffset + j * D + c] += sum_t g[t, j] keep(t, c, floor(j / rank)) x[t, c].
 *
 * @param buffers.x          [numTokens, D] f32
 * @param buffers.g          [numTokens, R] f32, as `recordLoraUpBackward` stored it for all modules
 * @param buffers.gradients  flat f32
 */
export function recordLoraAGradient(
  recorder: CommandRecorder,
  buffers: { readonly x: GpuBuffer; readonly g: GpuBuffer; readonly gradients: GpuBuffer },
  shape: LoraInputShape,
): void {
  const { numTokens, D, R, aOffset, lanes } = shape;
  const { rank, numBlocks, params, HAS_DROPOUT, chunk } = planDropout(shape);
  const cut = GRADIENT_CUT[lanes];
  const numOutputs = (D / 4) * numBlocks;
  recorder.record(
    loraAGradient,
    buffers,
    { numTokens, columns: D, numRows: R, rank, aOffset, ...params },
    {
      chunks: [chunk, slicesChunk(cut)],
      overrides: { ...cut, HAS_DROPOUT },
      workgroups: gridOfGroups(Math.ceil((numOutputs * cut.SLICES) / cut.WORKGROUP_SIZE)),
    },
  );
}

/**
 * dx[t, c] += sum_j g[t, j] A[j, c] keep(t, c, floor(j / rank)).
 *
 * @param buffers.g           [numTokens, R] f32, as `recordLoraUpBackward` stored it for all modules
 * @param buffers.parameters  flat f32; A [R, D] from aOffset on
 * @param buffers.dx          [numTokens, D] f32
 */
export function recordLoraDownBackward(
  recorder: CommandRecorder,
  buffers: { readonly g: GpuBuffer; readonly parameters: GpuBuffer; readonly dx: GpuBuffer },
  shape: LoraInputShape,
): void {
  const { numTokens, D, R, aOffset, lanes } = shape;
  const { rank, params, HAS_DROPOUT, chunk } = planDropout(shape);
  const WORKGROUP_SIZE = THREADS[lanes];
  const TOKENS = tokensPerOutput(numTokens, lanes);
  recorder.record(
    loraDownBackward,
    buffers,
    { numTokens, columns: D, numRows: R, rank, aOffset, ...params },
    {
      chunks: [chunk],
      overrides: { WORKGROUP_SIZE, TOKENS, HAS_DROPOUT },
      workgroups: [Math.ceil(D / 4 / WORKGROUP_SIZE), Math.ceil(numTokens / TOKENS)],
    },
  );
}
