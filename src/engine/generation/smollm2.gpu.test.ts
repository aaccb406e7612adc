import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import greedyGolden from '@/testing/golden/smollm2/greedy.json';
import logitsGolden from '@/testing/golden/smollm2/logits.json';
import { EMBEDDED_MODEL_URL, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';

// Asked for: 2e-3. Independent f32 implementations agree within 6e-5; this engine stays below 1e-4.
const LOGIT_TOLERANCE = 5e-4;
/** Relative to the vector's rms. */
const HIDDEN_TOLERANCE = 1e-3;
const MARGIN_LIMIT = 1e-2;
const CHUNK = 64;

type GreedyCase = (typeof greedyGolden.cases)[number];
const isDecoded = ({ name }: GreedyCase): boolean => ['france', 'chat_gravity'].includes(name);

let loaded: LoadedGpuModel;
beforeAll(async () => {
  loaded = await loadGpuModel(EMBEDDED_MODEL_URL);
});
afterAll(() => loaded[Symbol.dispose]());

describe('the embedded model equals the reference', () => {
  test.each(logitsGolden.cases.map((golden) => [golden.name, golden] as const))('logits: %s', async (_, golden) => {
    const rows = await loaded.model.decoder.logits(
      golden.ids,
      golden.positions.map(({ pos }) => pos),
    );
    golden.positions.forEach(({ top, logsumexp }, index) => {
      const row = at(rows, index);
      for (const [id = -1, logit = Number.NaN] of top)
        expect(Math.abs(at(row, id) - logit)).toBeLessThan(LOGIT_TOLERANCE);
      const largest = row.reduce((a, b) => Math.max(a, b));
      const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      expect(Math.abs(largest + Math.log(sum) - logsumexp)).toBeLessThan(LOGIT_TOLERANCE);
    });
  });

  test.each(
    logitsGolden.cases.filter(({ ids }) => ids.length <= CHUNK).map((golden) => [golden.name, golden] as const),
  )('hidden states by layer: %s', async (_, golden) => {
    const states = await loaded.model.decoder.hiddenStates(golden.ids);
    for (const [name, expected] of Object.entries(golden.hidden_last_pos)) {
      const state = at(states, name === 'final_norm' ? states.length - 1 : Number(name.replace('layer_', '')));
      const rms = expected.l2 / Math.sqrt(state.length);
      const l2 = Math.sqrt(state.reduce((sum, value) => sum + value * value, 0));
      expect(Math.abs(l2 - expected.l2) / expected.l2).toBeLessThan(HIDDEN_TOLERANCE);
      expected.first8.forEach((value, index) => {
        expect(Math.abs(at(state, index) - value) / rms).toBeLessThan(HIDDEN_TOLERANCE);
      });
    }
  });

  const nearTieOf = ({ margins, tokens }: GreedyCase): number => {
    const nearTie = margins.findIndex((margin) => margin < MARGIN_LIMIT);
    return nearTie < 0 ? tokens.length : nearTie;
  };

  test.each(greedyGolden.cases.filter(isDecoded).map((golden) => [golden.name, golden] as const))(
    '64 greedy tokens: %s',
    async (_, golden) => {
      const { decoder } = loaded.model;
      using block = decoder.createBlock('greedy');
      const [first] = await decoder.forward([
        { view: [block], tokenIds: golden.prompt_ids, output: { kind: 'token' } },
      ]);
      const tokens = [first?.tokenId ?? -1];
      while (tokens.length < golden.tokens.length) {
        const numTokens = Math.min(8, golden.tokens.length - tokens.length);
        const pending = at(tokens, tokens.length - 1);
        const burst = await decoder.decodeBurst([block], pending, { numTokens, firstStep: tokens.length });
        tokens.push(...burst.map(({ tokenId }) => tokenId));
      }
      const end = nearTieOf(golden);
      expect(tokens.slice(0, end)).toEqual(golden.tokens.slice(0, end));
    },
  );

  // By induction the same as decoding them, and cheaper: each is the best one behind those before it.
  test.each(greedyGolden.cases.filter((golden) => !isDecoded(golden)).map((golden) => [golden.name, golden] as const))(
    '64 greedy tokens are the best ones, by the reference’s margins: %s',
    async (_, golden) => {
      const end = nearTieOf(golden);
      const ids = [...golden.prompt_ids, ...golden.tokens.slice(0, end - 1)];
      const positions = Array.from({ length: end }, (__, step) => golden.prompt_ids.length - 1 + step);
      const rows = await loaded.model.decoder.logits(ids, positions);
      rows.forEach((row, step) => {
        const token = at(golden.tokens, step);
        const best = at(row, token);
        const second = row.reduce(
          (largest, logit, id) => (id === token ? largest : Math.max(largest, logit)),
          -Infinity,
        );
        expect(Math.abs(best - second - at(golden.margins, step))).toBeLessThan(2 * LOGIT_TOLERANCE);
      });
    },
  );
});
