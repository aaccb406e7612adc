/** The matrices with a row per id of the vocabulary, whose parts may lie in several buffers. */
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import type { Lanes } from '../kernels/kernel.ts';
import { recordEmbedding } from '../kernels/embedding/embedding.ts';
import { recordLinearBackward } from '../kernels/linear/linear-backward.ts';
import { recordLinear } from '../kernels/linear/linear.ts';
import type { ShapeChoice } from './forward.ts';
import type { LinearPart } from './weights.ts';

/**
 * Rows of a matrix by part, each no larger than a binding; one part where all of it fits. `yOffset` is a part's first
 * row.
 */
export type SplitMatrix = readonly LinearPart[];

/** Rows of all parts: the vocabulary. */
function rowsOf(parts: SplitMatrix): number {
  return parts.reduce((sum, { weights }) => sum + weights.rows, 0);
}

/** A dispatch per part, each of which fills in its own ids. @param x  [T, D] f32 */
export function recordSplitEmbedding(
  recorder: CommandRecorder,
  parts: SplitMatrix,
  tokenIds: GpuBuffer,
  idsAt: number,
  x: GpuBuffer,
  numTokens: number,
): void {
  const vocabSize = rowsOf(parts);
  for (const { weights, yOffset: firstId } of parts)
    recordEmbedding(recorder, weights, tokenIds, idsAt, x, numTokens, { firstId, vocabSize });
}

/** A dispatch per part, each of which stores its own logits. @param logits  [rows, V] f32, V a multiple of eight */
export function recordHead(
  recorder: CommandRecorder,
  parts: SplitMatrix,
  x: GpuBuffer,
  logits: GpuBuffer,
  numRows: number,
  shapeOf: ShapeChoice,
): void {
  const yStride = rowsOf(parts);
  for (const { weights, yOffset } of parts)
    recordLinear(recorder, weights, x, logits, numRows, {
      epilogue: 'store',
      yStride,
      yOffset,
      shape: shapeOf(weights, numRows),
    });
}

/** dx of the head: the parts' sums, one after the other. @param dx  [rows, D] f32 */
export function recordHeadBackward(
  recorder: CommandRecorder,
  parts: SplitMatrix,
  dLogits: GpuBuffer,
  dx: GpuBuffer,
  numRows: number,
  lanes: Lanes,
): void {
  const dyStride = rowsOf(parts);
  parts.forEach(({ weights, yOffset: dyOffset }, index) => {
    const epilogue = index === 0 ? 'store' : 'add';
    recordLinearBackward(recorder, weights, dLogits, dx, numRows, { epilogue, dyStride, dyOffset, lanes });
  });
}
