import { expect, test } from 'vitest';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { at } from '@/lib/assert.ts';
import type { ReasoningTrace, TraceSetup } from '@/protocol/reasoning.ts';
import { EMBEDDED_MODEL_URL, goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import { CHECK_TOLERANCE, checkViews } from './check-views.ts';
import { finishReasoning, runReasoning } from './run-reasoning.ts';

test('the embedded model: thinker exact, writer stale', async () => {
  using loaded = await loadGpuModel(EMBEDDED_MODEL_URL);
  const { decoder } = loaded.model;
  const { setup } = (await (await fetch(goldenUrl('async/smollm2-b1.json'))).json()) as ReasoningTrace;
  const tokenizer = new Tokenizer(loaded.gguf.metadata, loaded.gguf.fileName);
  // No probe and a cut prompt, since a software adapter reads slowly; the writer begins with the third step.
  const short: TraceSetup = {
    ...setup,
    prefill: setup.prefill.slice(0, 2).map((entry, i) => (i === 0 ? { ...entry, ids: entry.ids.slice(-12) } : entry)),
    events: [{ step: 2, kind: 'start_writer', ids: setup.stream_tokens.writer }],
    params: { ...setup.params, budget: 5, probe_interval: 1000, probe_at_paragraphs: false, paragraph_pause: false },
  };
  const trace = await finishReasoning(
    runReasoning(decoder, short, {
      tokenBytes: (id) => tokenizer.tokenBytes(id),
      createTextStream: () => tokenizer.createTextStream(),
    }),
  );
  expect(at(trace.result.steps, 4).rows.map(({ stream }) => stream)).toEqual(['thinker', 'writer']);

  const report = await checkViews(decoder, trace, undefined, { textOf: (id) => tokenizer.decode([id]) });
  const [thinker, writer] = report.rows;
  expect(report.rebuildDifference).toBeLessThan(CHECK_TOLERANCE);
  expect(thinker).toMatchObject({ expected: 'exact', staleTokens: 0, reason: '' });
  expect(thinker?.maxLogitDifference).toBeLessThan(CHECK_TOLERANCE);
  expect(writer).toMatchObject({ expected: 'stale' });
  expect(writer?.maxLogitDifference).toBeGreaterThan(10 * CHECK_TOLERANCE);
  expect(decoder.freeTokens).toBe(decoder.contextLength);
});
