import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { Lanes } from '../kernels/kernel.ts';
import {
  recordLoraAGradient,
  recordLoraBGradient,
  recordLoraDownBackward,
  recordLoraUpBackward,
} from '../kernels/lora/lora-backward.ts';
import type { LoraInputShape, LoraModuleShape } from '../kernels/lora/lora-shapes.ts';
import { recordLoraDown, recordLoraUp } from '../kernels/lora/lora.ts';
import type { LoraGroup, LoraModule } from './lora.ts';

/** An adapter on the GPU, as the forward pass reads it. */
export interface LoraSource {
  readonly parameters: GpuBuffer;
  readonly rank: number;
}

/** Dropout of a group's inputs: rate 0 outside training. */
export interface LoraDropout {
  readonly rate: number;
  readonly seed: number;
}

export interface LoraCall {
  readonly numTokens: number;
  readonly lanes: Lanes;
  readonly dropout: LoraDropout;
}

const moduleShape = (lora: LoraSource, group: LoraGroup, module: LoraModule, call: LoraCall): LoraModuleShape => ({
  numTokens: call.numTokens,
  rank: lora.rank,
  rows: module.rows,
  R: group.R,
  aColumn: module.aColumn,
  bOffset: module.bOffset,
  yStride: group.yStride,
  yOffset: module.yOffset,
  tileStride: module.tileStride,
  lanes: call.lanes,
});

const inputShape = (lora: LoraSource, group: LoraGroup, call: LoraCall): LoraInputShape => ({
  numTokens: call.numTokens,
  D: group.D,
  R: group.R,
  aOffset: group.aOffset,
  dropout: { ...call.dropout, rank: lora.rank },
  lanes: call.lanes,
});

/** a = scale A x of all modules that read x, [N, R]. */
export function recordLoraInput(
  recorder: CommandRecorder,
  lora: LoraSource,
  group: LoraGroup,
  { x, table, a }: { readonly x: GpuBuffer; readonly table: GpuBuffer; readonly a: GpuBuffer },
  call: LoraCall & { readonly scalesAt: number },
): void {
  const { parameters } = lora;
  recordLoraDown(recorder, { x, parameters, table, a }, { ...inputShape(lora, group, call), scalesAt: call.scalesAt });
}

/** y += B (scale A x). `a` keeps scale A x for the way back. */
export function recordLora(
  recorder: CommandRecorder,
  lora: LoraSource,
  group: LoraGroup,
  buffers: { readonly x: GpuBuffer; readonly table: GpuBuffer; readonly a: GpuBuffer; readonly y: GpuBuffer },
  call: LoraCall & { readonly scalesAt: number },
): void {
  const { a, y } = buffers;
  const { parameters } = lora;
  recordLoraInput(recorder, lora, group, buffers, call);
  for (const module of group.modules) {
    recordLoraUp(recorder, { a, parameters, y }, moduleShape(lora, group, module, call));
  }
}

/**
 * Adds the group's part to dx and to the gradients of A and B.
 *
 * @param buffers.x   what the forward pass read
 * @param buffers.a   what it kept
 * @param buffers.dy  gradient of its result
 * @param buffers.g   [N, R] scratch
 */
export function recordLoraBackward(
  recorder: CommandRecorder,
  lora: LoraSource,
  group: LoraGroup,
  buffers: {
    readonly x: GpuBuffer;
    readonly a: GpuBuffer;
    readonly dy: GpuBuffer;
    readonly g: GpuBuffer;
    readonly dx: GpuBuffer;
    readonly gradients: GpuBuffer;
  },
  call: LoraCall & { readonly scale: number },
): void {
  const { x, a, dy, g, dx, gradients } = buffers;
  const { parameters } = lora;
  for (const module of group.modules) {
    const shape = moduleShape(lora, group, module, call);
    recordLoraUpBackward(recorder, { dy, parameters, g }, { ...shape, scale: call.scale });
    recordLoraBGradient(recorder, { dy, a, gradients }, shape);
  }
  const shape = inputShape(lora, group, call);
  recordLoraAGradient(recorder, { x, g, gradients }, shape);
  recordLoraDownBackward(recorder, { g, parameters, dx }, shape);
}
