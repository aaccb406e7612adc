/** A model whose embedding and head lie in several buffers computes what it computes in one. */
import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { initialAdapter } from '@/engine/adapters/adapter-layout.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';

/** The same file with embedding and head in three parts. */
function loadInThree(file: string, { model }: LoadedGpuModel): Promise<LoadedGpuModel> {
  const bytes = at(model.weights.embedTokens, 0).weights.values.sizeBytes;
  // Rounded up, so that a third of the rows and what is missing to a multiple of eight fit.
  const maxBindingBytes = Math.ceil(bytes / 3 / 4096) * 4096;
  return loadGpuModel(goldenUrl(file), { kernelShape: model.tuning.kernelShape, maxBindingBytes });
}

async function answersOf({ model }: LoadedGpuModel, ids: readonly number[]): Promise<unknown> {
  using block = model.decoder.createBlock('greedy');
  const [first] = await model.decoder.forward([{ view: [block], tokenIds: ids, output: { kind: 'token' } }]);
  const burst = await model.decoder.decodeBurst([block], first?.tokenId ?? -1, { numTokens: 3, firstStep: 1 });
  // One row and many are served by different kernels.
  return {
    one: await model.decoder.logits(ids, [ids.length - 1]),
    many: await model.decoder.logits(ids, [...ids.keys()]),
    hidden: await model.decoder.hiddenStates(ids),
    first,
    burst,
  };
}

// The other kernel shape adds up in its own order, but a row of a part like a row of the whole too: linear.gpu.test.ts.
test('logits, hidden states and tokens of a model in three parts are the same bit by bit', async () => {
  const file = 'tiny/kquants/tiny-llama256-Q4_K.gguf';
  using whole = await loadGpuModel(goldenUrl(file));
  using split = await loadInThree(file, whole);
  const parts = split.model.weights.embedTokens;
  expect(parts.length).toBe(3);
  expect(split.model.weights.lmHead.length).toBe(3);
  const borders = parts.flatMap(({ weights, yOffset }) => [yOffset, yOffset + weights.rows - 1]);
  const ids = [...borders, 5, 60];
  expect(await answersOf(split, ids)).toEqual(await answersOf(whole, ids));
});

test('the gradients of a head in three parts equal those of the whole', async () => {
  const file = 'tiny/qwen2/tiny-qwen2-F32.gguf';
  using whole = await loadGpuModel(goldenUrl(file));
  using split = await loadInThree(file, whole);
  const gradients = [];
  for (const { model } of [whole, split]) {
    const { tensors } = initialAdapter(DEFAULT_LORA, model.config, 5);
    using adapter = model.createAdapter(DEFAULT_LORA, tensors);
    using trainer = model.createTrainer(adapter);
    const rows = [{ promptIds: [3, 14, 15], completionIds: [65, 250, 0] }];
    const derivatives = (): { logProbs: number[]; entropies: number[] } => ({
      logProbs: [1, -1, 0.5],
      entropies: [0.5, 0, 1],
    });
    const options = { ...DEFAULT_TRAINING, signal: new AbortController().signal };
    const results = await trainer.accumulate(rows, derivatives, 7, options);
    gradients.push({ results, tensors: await trainer.readGradients() });
  }
  const [expected, actual] = [at(gradients, 0), at(gradients, 1)];
  expect(actual.results).toEqual(expected.results);
  actual.tensors.forEach(({ name, values }, i) => {
    const reference = at(expected.tensors, i).values;
    const size = Math.sqrt(reference.reduce((sum, value) => sum + value * value, 0) / reference.length);
    // The parts' sums are added in another order: a few f32 roundings.
    values.forEach((value, k) => {
      expect(Math.abs(value - at(reference, k)), name).toBeLessThanOrEqual(1e-5 * size);
    });
  });
});
