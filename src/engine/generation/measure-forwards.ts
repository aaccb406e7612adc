/** Times forwards of given shapes beside each other. */
import { at } from '@/lib/assert.ts';
import type { ForwardProfile, StepCounts } from '@/protocol/generation.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { CacheBlock, DecoderRow } from './decoder.ts';
import type { GpuModel } from './gpu-model.ts';

export type ForwardShape = Pick<ForwardProfile, 'rowTokens' | 'readsAttention'>;

/**
 * Runs each shape in turn, `repeats` times around, so that a slow moment of the machine hits all of them. Every row has
 * its own block of `promptTokens` tokens and is cut back to them after each forward.
 *
 * @param shapes  the new tokens of one shape at most one chunk
 * @param signal  honoured between forwards
 */
export async function profileForwards(
  model: GpuModel,
  shapes: readonly ForwardShape[],
  promptTokens: number,
  repeats: number,
  signal?: AbortSignal,
): Promise<ForwardProfile[]> {
  const { decoder, recorder } = model;
  const blocks: CacheBlock[] = [];
  const idsOf = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => (index * 37 + 11) % decoder.vocabSize);
  const forward = async ({ rowTokens, readsAttention }: ForwardShape): Promise<void> => {
    signal?.throwIfAborted();
    const rows = rowTokens.map((count, row): DecoderRow => ({
      view: [at(blocks, row)],
      tokenIds: idsOf(count),
      output: { kind: 'token' },
      ...(readsAttention && row === rowTokens.length - 1 && { attention: { keys: 'overall' } }),
    }));
    await decoder.forward(rows);
    for (const block of blocks) block.truncate(promptTokens);
  };
  try {
    const maxRows = Math.max(0, ...shapes.map(({ rowTokens }) => rowTokens.length));
    for (let row = 0; row < maxRows; row++) {
      const block = decoder.createBlock(`profile ${row}`);
      blocks.push(block);
      await decoder.forward([{ view: [block], tokenIds: idsOf(promptTokens), output: { kind: 'none' } }]);
    }
    // Kernels are compiled and bind groups made in front of the clock.
    for (const shape of shapes) await forward(shape);
    const profiles = shapes.map((shape) => ({ ...shape, ms: [] as number[], counts: NO_COUNTS }));
    for (let repeat = 0; repeat < repeats; repeat++)
      for (const profile of profiles) {
        recorder.resetCounts();
        const begun = performance.now();
        await forward(profile);
        profile.ms.push(performance.now() - begun);
        profile.counts = countsOf(recorder);
      }
    return profiles;
  } finally {
    for (const block of blocks) block[Symbol.dispose]();
  }
}

const NO_COUNTS: StepCounts = { dispatches: 0, submits: 0, readbacks: 0, readbackBytes: 0, bindGroupsCreated: 0 };

function countsOf({ counts }: CommandRecorder): StepCounts {
  const { dispatches, submits, readbacks, readbackBytes, bindGroupsCreated } = counts;
  return { dispatches, submits, readbacks, readbackBytes, bindGroupsCreated };
}
