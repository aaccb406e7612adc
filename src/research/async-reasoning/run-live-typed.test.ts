import { beforeAll, describe, expect, it } from 'vitest';
import type { ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { TypedInputs } from './input-queue.ts';
import { PromptCache } from './prompt-cache.ts';
import { liveSetup } from './reasoning-setup.ts';
import { runLive } from './run-live.ts';
import { finishReasoning } from './run-reasoning.ts';

const SETTINGS: ReasoningSettings = { ...DEFAULT_REASONING_SETTINGS, budget: 6, probeInterval: 3 };

let tokenizer: PieceTokenizer;
beforeAll(async () => {
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
});

const fakeDecoder = (): FakeDecoder =>
  new FakeDecoder({ vocabSize: tokenizer.vocabSize, logits: () => new Map([[97, 9]]) });

const live = (
  decoder: FakeDecoder,
  inputs: TypedInputs,
  signal?: AbortSignal,
  prompts?: PromptCache,
): AsyncGenerator<ReasoningEvent, ReasoningTrace> =>
  runLive(decoder, tokenizer, () => SETTINGS, inputs, {
    now: () => 0,
    ...(signal && { signal }),
    ...(prompts && { prompts }),
  });

describe('someone who types', () => {
  it('wakes the run, and stopping it frees everything, also while it waits', async () => {
    const decoder = fakeDecoder();
    const inputs = new TypedInputs();
    const controller = new AbortController();
    const run = live(decoder, inputs, controller.signal);
    const kinds: string[] = [];
    let trace: ReasoningTrace | undefined;
    while (trace === undefined) {
      const { done, value } = await run.next();
      if (done === true) {
        trace = value;
        break;
      }
      kinds.push(value.kind);
      if (value.kind !== 'waiting') continue;
      if (value.reason === 'emptyDraft')
        setTimeout(() => {
          inputs.push({ kind: 'draft', text: 'on', sent: false });
          inputs.push({ kind: 'draft', text: 'one ', sent: false });
        });
      else setTimeout(() => controller.abort());
    }
    expect(trace.result.final.stop).toBe('stopped');
    expect(trace.result.steps).toHaveLength(6);
    expect(kinds.slice(0, 5)).toEqual(['started', 'waiting', 'draftRead', 'resumed', 'stepped']);
    expect(kinds.slice(-2)).toEqual(['waiting', 'stopped']);
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('ends the run by closing the queue', async () => {
    const inputs = new TypedInputs();
    setTimeout(() => inputs.close());
    const trace = await finishReasoning(live(fakeDecoder(), inputs));
    expect(trace.result).toMatchObject({ prefill_results: [{}, {}], steps: [], final: { stop: 'stopped' } });
  });
});

describe('prompts kept between runs', () => {
  it('are encoded once and change nothing in the trace', async () => {
    const decoder = fakeDecoder();
    const prompts = new PromptCache(decoder);
    const run = async (kept?: PromptCache): Promise<ReasoningTrace> => {
      const inputs = new TypedInputs();
      inputs.push({ kind: 'draft', text: 'one two', sent: true });
      return finishReasoning(live(decoder, inputs, undefined, kept));
    };
    const setup = liveSetup(SETTINGS, tokenizer);
    for (const { ids } of setup.prefill) await prompts.keep(ids);
    const kept = decoder.numLiveObjects;
    const fresh = await run();
    const numForwards = decoder.calls.length;
    expect(await run(prompts)).toEqual(fresh);
    const withCache = decoder.calls.length - numForwards;
    expect(await run(prompts)).toEqual(fresh);
    expect(decoder.calls.length - numForwards - withCache).toBe(withCache);
    expect(withCache).toBe(numForwards - 2 - setup.prefill.length);
    // Nothing of a run stays behind, its question least of all.
    expect(decoder.numLiveObjects).toBe(kept);
  });
});
