/** The studies on the GPU: baselines beside plain generation, a comparison and a calibration as the worker runs them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generate } from '@/engine/generation/generate.ts';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { COMPARISON_MODES } from '@/protocol/comparison.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { goldenUrl, loadGpuModel, type LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { runCalibration } from './calibrate.ts';
import { type ComparisonFindings, runComparison } from './compare.ts';
import { forbiddenIdsOf } from './forbidden-ids.ts';
import { runSequential } from './sequential-run.ts';

const QUESTION = 'Why is it?';
const PROMPT = `<|im_start|>user\n${QUESTION}\n<|im_end|>\n<|im_start|>assistant\n<think>\n`;
const signal = new AbortController().signal;
const tinyUrl = (architecture: string): string => goldenUrl(`tiny/${architecture}/tiny-${architecture}-F32.gguf`);

async function finish<Event, Result>(run: AsyncGenerator<Event, Result>): Promise<Result> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
  }
}

const tokenizerOf = ({ gguf }: LoadedGpuModel): Tokenizer =>
  new Tokenizer(readVocabulary(gguf.metadata, gguf.fileName));

/** Plain generation: bursts that stay on the GPU, instead of one forward for each token. */
async function plainAnswer(loaded: LoadedGpuModel, tokenIds: readonly number[], count: number): Promise<number[]> {
  const tokenizer = tokenizerOf(loaded);
  const logitBias = Object.fromEntries(forbiddenIdsOf(tokenizer).writer.map((id) => [id, -100]));
  const request = { tokenIds, maxNewTokens: count, stopTokenIds: [tokenizer.idOf('<|im_end|>') ?? -1], logitBias };
  const result = await generate(loaded.model.decoder, tokenizer, request, () => undefined, signal);
  return [...result.tokenIds];
}

describe.each(['llama', 'qwen2', 'qwen3'])('on the GPU, tiny %s', (architecture) => {
  test('answers without thinking, and behind its thoughts, as plain generation does', async () => {
    using loaded = await loadGpuModel(tinyUrl(architecture));
    const { decoder } = loaded.model;
    const tokenizer = tokenizerOf(loaded);
    const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
    const settings: ReasoningSettings = { ...DEFAULT_REASONING_SETTINGS, budget: 24, allowThinkEnd: false };
    const request = { question: QUESTION, settings };

    const direct = await finish(runSequential(decoder, tokenizer, { ...request, mode: 'noThinking' }));
    const empty = encode(`${PROMPT.slice(0, -1)}\n\n</think>\n\n`);
    expect(direct.tokenIds.writer).toEqual(await plainAnswer(loaded, empty, 24));

    const { tokenIds } = await finish(runSequential(decoder, tokenizer, { ...request, mode: 'thinkThenAnswer' }));
    expect(tokenIds.thinker).toHaveLength(12);
    const newest = tokenizer.tokenBytes(tokenIds.thinker.at(-1) ?? 0).at(-1);
    const closing = encode(newest === 0x0a ? '</think>\n\n' : '\n</think>\n\n');
    const thought = [...encode(PROMPT), ...tokenIds.thinker, ...closing];
    expect(tokenIds.writer).toEqual(await plainAnswer(loaded, thought, 12));
    expect(decoder.freeTokens).toBe(decoder.contextLength);
  });
});

/** What repeats: everything but the clock. */
function withoutTimes({ runs }: ComparisonFindings): unknown {
  return runs.map(({ mode, stop, text, tokens, metrics }) => ({
    mode,
    stop,
    text,
    tokens: tokens.map(({ stream, step }) => [stream, step]),
    counts: [metrics.steps, metrics.stepsToFirstToken, metrics.stepsDelay, metrics.thinkerTokens, metrics.writerTokens],
  }));
}

describe('on the GPU, tiny qwen3', () => {
  let loaded: LoadedGpuModel;
  beforeAll(async () => {
    loaded = await loadGpuModel(tinyUrl('qwen3'));
  });
  afterAll(() => loaded[Symbol.dispose]());

  test.each([0, 0.8])('a comparison is the same twice at temperature %d', async (temperature) => {
    const { decoder } = loaded.model;
    const settings = { ...DEFAULT_REASONING_SETTINGS, budget: 24, probeInterval: 6, temperature, seed: 7 };
    const request = { question: QUESTION, modes: COMPARISON_MODES, settings, typingRate: 0 };
    const compare = (): Promise<ComparisonFindings> => finish(runComparison(decoder, tokenizerOf(loaded), request));
    const first = await compare();
    expect(withoutTimes(await compare())).toEqual(withoutTimes(first));
    for (const { tokens, metrics } of first.runs) {
      const times = tokens.map(({ elapsedMs }) => elapsedMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(0);
      expect(metrics.adjustedDelaySeconds).toBeLessThanOrEqual(metrics.totalDelaySeconds);
    }
    expect(decoder.freeTokens).toBe(decoder.contextLength);
  });

  // The embedded model is calibrated through the page: e2e/reasoning-method.spec.ts and e2e/studies.spec.ts.
  test('a calibration moves a silent writer to one that writes, and frees what it used', async () => {
    const { decoder } = loaded.model;
    const settings = { ...DEFAULT_REASONING_SETTINGS, yesBias: -5, probeInterval: 4 };
    const request = { questions: [QUESTION], steps: 16, targetShare: 0.6, settings };
    const report = await finish(runCalibration(decoder, tokenizerOf(loaded), request));
    expect(report.before).toMatchObject({ yesShare: 0, writingShare: 0 });
    expect(report.marginThreshold).toBeLessThan(0);
    expect(report.after.yesShare).toBeGreaterThan(0);
    expect(report.after.writingShare).toBeGreaterThan(0);
    expect(decoder.freeTokens).toBe(decoder.contextLength);
  });
});
