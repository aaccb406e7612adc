import { describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { ModelDecoder } from './model-decoder.ts';

interface GoldenCase {
  readonly name: string;
  readonly ids: readonly number[];
  readonly all_last_logits: readonly number[];
  readonly positions: readonly { pos: number; top: readonly [number, number][]; logsumexp: number }[];
  /** First eight values of [embedding, after layer 0, ..., final norm]. */
  readonly hidden_last_pos: readonly (readonly number[])[];
  readonly greedy: readonly number[];
  readonly greedy_margins: readonly number[];
}

const llama = (type: string): string => `tiny/llama/tiny-llama-${type}`;
const kquant = (type: string): string => `tiny/kquants/tiny-llama256-${type}`;
const FILES = [
  ...['F32', 'F16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'].map(llama),
  ...['Q2_K', 'Q3_K', 'Q4_K', 'Q4_K_M', 'Q5_K', 'Q6_K'].map(kquant),
  'tiny/qwen2/tiny-qwen2-F32',
  'tiny/qwen3/tiny-qwen3-F32',
];
/** A file for every layout and group size of packed weights, and every architecture: the shape changes nothing else. */
const WORKGROUP_FILES = [
  ...['F32', 'F16', 'Q8_0', 'Q4_1'].map(llama),
  ...['Q2_K', 'Q4_K_M', 'Q5_K'].map(kquant),
  'tiny/qwen2/tiny-qwen2-F32',
  'tiny/qwen3/tiny-qwen3-F32',
];

// What the reference data ask of an f32 engine is 2e-3; independent f32 implementations agree within 6e-5.
const LOGIT_TOLERANCE = 2e-4;
const F16_KV_TOLERANCE = 0.02;
/** Relative to the vector's rms. */
const HIDDEN_TOLERANCE = 1e-3;
const MARGIN_LIMIT = 1e-2;

async function goldenCases(file: string): Promise<readonly GoldenCase[]> {
  const response = await fetch(goldenUrl(`${file}.golden.json`));
  return ((await response.json()) as { cases: GoldenCase[] }).cases;
}

async function greedyTokens(decoder: ModelDecoder, ids: readonly number[], count: number): Promise<number[]> {
  using block = decoder.createBlock('greedy');
  const [first] = await decoder.forward([{ view: [block], tokenIds: ids, output: { kind: 'token' } }]);
  const tokens = [first?.tokenId ?? -1];
  while (tokens.length < count) {
    const burst = await decoder.decodeBurst([block], at(tokens, tokens.length - 1), {
      numTokens: Math.min(5, count - tokens.length),
      firstStep: tokens.length,
    });
    tokens.push(...burst.map(({ tokenId }) => tokenId));
  }
  return tokens;
}

function expectSameUpToNearTie(actual: readonly number[], golden: GoldenCase): void {
  const nearTie = golden.greedy_margins.findIndex((margin) => margin < MARGIN_LIMIT);
  const end = nearTie < 0 ? golden.greedy.length : nearTie;
  expect(actual.slice(0, end)).toEqual(golden.greedy.slice(0, end));
}

describe.each([
  { kernelShape: 'threadPerRows', files: FILES },
  { kernelShape: 'workgroupPerRows', files: WORKGROUP_FILES },
] as const)('$kernelShape equals the reference', ({ kernelShape, files }) => {
  test.each(files)('%s: logits, hidden states, greedy tokens', async (file) => {
    const cases = await goldenCases(file);
    using loaded = await loadGpuModel(goldenUrl(`${file}.gguf`), { kernelShape });
    const { decoder } = loaded.model;
    for (const golden of cases) {
      const positions = golden.positions.map(({ pos }) => pos);
      const rows = await decoder.logits(golden.ids, [...positions, golden.ids.length - 1]);
      const last = at(rows, rows.length - 1);
      golden.all_last_logits.forEach((logit, id) =>
        expect(Math.abs(at(last, id) - logit)).toBeLessThan(LOGIT_TOLERANCE),
      );
      golden.positions.forEach(({ top }, index) => {
        for (const [id, logit] of top) expect(Math.abs(at(at(rows, index), id) - logit)).toBeLessThan(LOGIT_TOLERANCE);
      });
      const hidden = await decoder.hiddenStates(golden.ids);
      // The reference's last entry is the final norm's output, which stands in place of the last layer's.
      const compared = [...hidden.slice(0, -2), at(hidden, hidden.length - 1)];
      golden.hidden_last_pos.slice(1).forEach((expected, layer) => {
        const actual = at(compared, layer);
        const rms = Math.sqrt(actual.reduce((sum, value) => sum + value * value, 0) / actual.length);
        expected.forEach((value, index) => {
          expect(Math.abs(at(actual, index) - value) / rms).toBeLessThan(HIDDEN_TOLERANCE);
        });
      });
      expectSameUpToNearTie(await greedyTokens(decoder, golden.ids, golden.greedy.length), golden);
    }
  });
});

test.each(['tiny/llama/tiny-llama-F32', 'tiny/qwen2/tiny-qwen2-F32', 'tiny/qwen3/tiny-qwen3-F32'])(
  '%s with packed f16 keys and values stays within the f16 bound',
  async (file) => {
    const cases = await goldenCases(file);
    using loaded = await loadGpuModel(goldenUrl(`${file}.gguf`), { kvType: 'f16' });
    let largest = 0;
    for (const golden of cases) {
      const [last] = await loaded.model.decoder.logits(golden.ids, [golden.ids.length - 1]);
      golden.all_last_logits.forEach((logit, id) => {
        largest = Math.max(largest, Math.abs((last?.[id] ?? Number.NaN) - logit));
      });
    }
    expect(largest).toBeLessThan(F16_KV_TOLERANCE);
    // Zero would mean that the option has no effect.
    expect(largest).toBeGreaterThan(1e-5);
  },
);
