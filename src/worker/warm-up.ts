import { Failure } from '@/lib/failure.ts';
import type { CacheView, DecoderRow } from '@/engine/generation/decoder.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { ReasoningRuns } from './reasoning-runs.ts';

/**
 * Encodes the prompts of reasoning and runs one and two rows that are read, so that every kernel variant that typing and answering
 * need is compiled and the first token is not held up.
 */
export async function warmUp({ decoder }: GpuModel, reasoning: ReasoningRuns, signal: AbortSignal): Promise<void> {
  try {
    await reasoning.warmUp();
  } catch (error) {
    // A model without chat turns still generates.
    if (!(error instanceof Failure) || error.code !== 'unsupportedModel') throw error;
  }
  using first = decoder.createBlock('warm-up');
  using second = decoder.createBlock('warm-up');
  const row = (view: CacheView): DecoderRow => ({
    view,
    tokenIds: [0],
    output: { kind: 'token' },
    attention: { keys: 'overall' },
  });
  for (const rows of [[row([first])], [row([first]), row([second])]]) {
    signal.throwIfAborted();
    await decoder.forward(rows);
  }
}
