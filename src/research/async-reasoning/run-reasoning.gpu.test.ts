import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { compareTrace } from '@/testing/compare-trace.ts';
import { EMBEDDED_MODEL_URL, goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { parseTraceSetup } from './trace-schema.ts';

// Asked for: 2e-3. Measured: below 5e-5 on all traces.
const TOLERANCE = 5e-4;
const MARGIN_LIMIT = 1e-2;

async function goldenTrace(name: string): Promise<ReasoningTrace> {
  return (await (await fetch(goldenUrl(`async/${name}.json`))).json()) as ReasoningTrace;
}

async function expectReplay({ gguf, model }: LoadedGpuModel, name: string): Promise<void> {
  const golden = await goldenTrace(name);
  const tokenizer = new Tokenizer(readVocabulary(gguf.metadata, gguf.fileName));
  const trace = await finishReasoning(
    runReasoning(model.decoder, parseTraceSetup(golden.setup, model.decoder.vocabSize), {
      tokenBytes: (id) => tokenizer.tokenBytes(id),
      createTextStream: () => tokenizer.createTextStream(),
    }),
  );
  const comparison = compareTrace(golden, trace, { tolerance: TOLERANCE, marginLimit: MARGIN_LIMIT });
  expect(comparison.mismatches).toEqual([]);
  expect(comparison.stepsCompared).toBeGreaterThanOrEqual(comparison.leftAtStep ?? golden.result.steps.length);
  expect(comparison.stepsCompared).toBeGreaterThan(0);
  expect(model.decoder.freeTokens).toBe(model.decoder.contextLength);
}

describe.each(['llama', 'qwen2', 'qwen3'])('on the GPU tiny %s replays', (architecture) => {
  let loaded: LoadedGpuModel;
  beforeAll(async () => {
    loaded = await loadGpuModel(goldenUrl(`tiny/${architecture}/tiny-${architecture}-F32.gguf`));
  });
  afterAll(() => loaded[Symbol.dispose]());

  test.each(['a', 'b', 'b_eos', 'b_input'])('%s', (kind) => expectReplay(loaded, `tiny-${architecture}-${kind}`));
});

// smollm2-b1 is replayed through the whole page, to the same tolerance: e2e/async-reasoning.spec.ts.
describe('on the GPU the embedded model replays', () => {
  let loaded: LoadedGpuModel;
  beforeAll(async () => {
    loaded = await loadGpuModel(EMBEDDED_MODEL_URL);
  });
  afterAll(() => loaded[Symbol.dispose]());

  test.each(['smollm2-a1', 'smollm2-b2', 'smollm2-b3-input'])('%s', (name) => expectReplay(loaded, name));
});
