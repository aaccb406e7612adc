import { beforeAll, describe, expect, it } from 'vitest';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { compareTrace } from '@/testing/compare-trace.ts';
import { readGoldenJson, readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { createByteTextStream } from '@/testing/text-stream.ts';
import { at } from '@/lib/assert.ts';

import { finishReasoning, runReasoning } from './run-reasoning.ts';
import { parseTraceSetup } from './trace-schema.ts';

// The references are f32, rounded to five decimals; independent implementations agree within 1e-4.
const TOLERANCE = 1e-4;
const MARGIN_LIMIT = 1e-2;
// A second each on an idle machine; many times that on a busy one.
const TIMEOUT_MS = 60_000;

describe.each(['llama', 'qwen2', 'qwen3'] as const)('runReasoning replays the reference traces of tiny %s', (name) => {
  let tokenBytes: readonly Uint8Array[];
  beforeAll(async () => {
    tokenBytes = await readTinyTokenBytes();
  });

  it.each(['a', 'b', 'b_eos', 'b_input'])(
    '%s',
    async (kind) => {
      const golden = await readGoldenJson<ReasoningTrace>(`async/tiny-${name}-${kind}.json`);
      const decoder = new ReferenceDecoder(await readTinyReferenceModel(name));
      const bytesOf = (id: number): Uint8Array => at(tokenBytes, id);
      const trace = await finishReasoning(
        runReasoning(decoder, parseTraceSetup(golden.setup, decoder.vocabSize), {
          tokenBytes: bytesOf,
          createTextStream: () => createByteTextStream(bytesOf),
        }),
      );
      const comparison = compareTrace(golden, trace, { tolerance: TOLERANCE, marginLimit: MARGIN_LIMIT });
      expect(comparison.mismatches).toEqual([]);
      expect(comparison.leftAtStep).toBeUndefined();
      expect(comparison.stepsCompared).toBe(golden.result.steps.length);
      expect(trace.text).toEqual(golden.text);
      expect(decoder.numLiveBlocks).toBe(0);
    },
    TIMEOUT_MS,
  );
});
