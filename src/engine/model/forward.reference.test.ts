import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { logSumExp, maxAbsDifference } from '@/lib/statistics.ts';
import { readGoldenJson, readTinyReferenceModel } from '@/testing/golden-files.ts';
import { ReferenceBlock } from './block.reference.ts';
import { forwardReference } from './forward.reference.ts';

interface GoldenCase {
  readonly name: string;
  readonly ids: readonly number[];
  readonly all_last_logits: readonly number[];
  readonly positions: readonly {
    readonly pos: number;
    readonly top: readonly (readonly [number, number])[];
    readonly logsumexp: number;
  }[];
  readonly hidden_last_pos: readonly (readonly number[])[];
}

// Golden numbers come from transformers in f32, rounded to five decimals.
const TOLERANCE = 1e-4;

describe.each(['llama', 'qwen2', 'qwen3'] as const)(
  'forwardReference against transformers, tiny %s',
  (architecture) => {
    it('gives its logits and hidden states', async () => {
      const model = await readTinyReferenceModel(architecture);
      const { hiddenSize, vocabSize } = model.config;
      const golden = await readGoldenJson<{ readonly cases: readonly GoldenCase[] }>(
        `tiny/${architecture}/tiny-${architecture}-F32.golden.json`,
      );
      expect(golden.cases.length).toBeGreaterThan(0);
      let worst = 0;
      for (const { ids, all_last_logits, positions, hidden_last_pos } of golden.cases) {
        const view = [new ReferenceBlock('prompt', model.config)];
        const [result] = forwardReference(model, [{ view, tokenIds: ids }], {
          allPositions: true,
          collectHidden: true,
        });
        const { logits, hidden, normed } = at([result], 0) ?? {};
        if (logits === undefined || hidden === undefined || normed === undefined) throw new Error('Nothing came back.');
        worst = Math.max(worst, maxAbsDifference(logits.subarray(-vocabSize), all_last_logits));
        for (const { pos, top, logsumexp } of positions) {
          const row = logits.subarray(pos * vocabSize, (pos + 1) * vocabSize);
          worst = Math.max(worst, Math.abs(logSumExp(row) - logsumexp));
          worst = Math.max(worst, ...top.map(([id, logit]) => Math.abs(at(row, id) - logit)));
        }
        const states = [...hidden.slice(0, -1), normed].map((state) => [...state.subarray(-hiddenSize).subarray(0, 8)]);
        worst = Math.max(worst, maxAbsDifference(states.flat(), hidden_last_pos.flat()));
      }
      expect(worst).toBeLessThan(TOLERANCE);
    });
  },
);
