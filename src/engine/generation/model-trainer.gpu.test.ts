import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng } from '@/lib/rng.ts';
import { initialAdapter } from '@/engine/adapters/adapter-layout.ts';
import type { Adapter } from '@/engine/adapters/adapter-layout.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import type { LoraConfig, NamedTensor } from '@/protocol/training.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { fetchGoldenJson, fetchGoldenTensors } from '@/testing/training-golden.ts';
import type { GoldenTraining } from '@/testing/training-golden.ts';
import { estimateMemory } from './estimate-training.ts';
import type { ModelTrainer } from './model-trainer.ts';
import type { PassOptions, TokenRow } from './trainer.ts';

const TINY_LLAMA = 'grpo/tiny-llama/tiny-llama-grpo-F32.gguf';
const OPTIONS: PassOptions = { ...DEFAULT_TRAINING, signal: new AbortController().signal };

/** An adapter whose B is not zero, so that every gradient is there. */
function randomAdapter({ model }: LoadedGpuModel, config: Partial<LoraConfig> = {}): Adapter {
  const adapter = initialAdapter({ ...DEFAULT_LORA, ...config }, model.config, 5);
  const rng = createRng(6);
  const tensors = adapter.tensors.map((tensor) => ({
    ...tensor,
    values: tensor.name.includes('lora_B') ? tensor.values.map(() => 0.05 * rng.normal()) : tensor.values,
  }));
  return { ...adapter, tensors };
}

const ROWS: readonly TokenRow[] = [
  { promptIds: [3, 14, 15, 92], completionIds: [65, 35, 89, 79, 32] },
  { promptIds: [3, 14, 15, 92], completionIds: [38, 46] },
  { promptIds: [26, 43], completionIds: [38, 32, 79, 50, 28, 84, 19] },
];
/** d loss / d ln p and d loss / d entropy of a row's tokens. */
const WEIGHTS = ROWS.map(({ completionIds }, row) => ({
  logProbs: completionIds.map((_, t) => Math.sin(1 + 3 * row + t)),
  entropies: completionIds.map((_, t) => 0.5 * Math.cos(2 + row - 2 * t)),
}));

function zeros(tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, values: new Float32Array(tensor.values.length) }));
}

/** Weighted sum of log-probabilities and entropies; the gradient is left in the trainer. */
async function lossOf(
  trainer: ModelTrainer,
  parameters: readonly NamedTensor[],
  options: PassOptions,
): Promise<number> {
  trainer.restore(parameters, { expAvg: zeros(parameters), expAvgSq: zeros(parameters) });
  trainer.clearGradients();
  const results = await trainer.accumulate(ROWS, (row) => at(WEIGHTS, row), 77, options);
  return results.reduce((sum, { logProbs, entropies }, row) => {
    const weights = at(WEIGHTS, row);
    const term = (values: readonly number[], by: readonly number[]): number =>
      values.reduce((total, value, t) => total + value * at(by, t), 0);
    return sum + term(logProbs, weights.logProbs) + term(entropies, weights.entropies);
  }, 0);
}

/** a + factor b */
function moved(a: readonly NamedTensor[], b: readonly NamedTensor[], factor: number): NamedTensor[] {
  return a.map((tensor, i) => ({
    ...tensor,
    values: tensor.values.map((value, k) => value + factor * at(at(b, i).values, k)),
  }));
}

function dot(a: readonly NamedTensor[], b: readonly NamedTensor[]): number {
  return a.reduce(
    (sum, { values }, i) => sum + values.reduce((part, value, k) => part + value * at(at(b, i).values, k), 0),
    0,
  );
}

describe('the gradient of a whole model', () => {
  const MODELS: readonly { what: string; file: string; lora?: Partial<LoraConfig>; options?: Partial<PassOptions> }[] =
    [
      { what: 'qwen2: biases of q, k and v', file: 'tiny/qwen2/tiny-qwen2-F32.gguf' },
      {
        what: 'qwen3: norms of q and k, with checkpoints',
        file: 'tiny/qwen3/tiny-qwen3-F32.gguf',
        options: { gradientCheckpointing: true },
      },
      {
        what: 'q, k and v of different types, rank 3 on some modules, rsLoRA, with dropout',
        file: 'tiny/kquants/tiny-llama256-Q4_K_M.gguf',
        lora: { r: 3, loraDropout: 0.25, useRslora: true, targetModules: ['q_proj', 'v_proj', 'o_proj', 'up_proj'] },
        options: { gradientCheckpointing: true, logitChunkSize: 3 },
      },
    ];
  test.each(MODELS)('equals finite differences: $what', async ({ file, lora, options }) => {
    using loaded = await loadGpuModel(goldenUrl(file));
    const { config, tensors } = randomAdapter(loaded, lora);
    using adapter = loaded.model.createAdapter(config, tensors);
    using trainer = loaded.model.createTrainer(adapter);
    const pass = { ...OPTIONS, gradientCheckpointing: false, ...options };
    await lossOf(trainer, tensors, pass);
    const gradient = await trainer.readGradients();
    const length = Math.sqrt(dot(gradient, gradient));
    const rng = createRng(8);
    const random = gradient.map((tensor) => ({ ...tensor, values: tensor.values.map(() => rng.normal()) }));
    // Along the gradient, and along it with a random part that is as long.
    for (const direction of [gradient, moved(gradient, random, length / Math.sqrt(dot(random, random)))]) {
      const size = Math.sqrt(dot(direction, direction));
      const slope = async (step: number): Promise<number> => {
        const above = await lossOf(trainer, moved(tensors, direction, step / size), pass);
        const below = await lossOf(trainer, moved(tensors, direction, -step / size), pass);
        return (above - below) / (2 * step);
      };
      // Richardson: the error of the third derivative cancels.
      const [wide, narrow] = [await slope(2e-2), await slope(1e-2)];
      const expected = dot(gradient, direction) / size;
      expect(Math.abs((4 * narrow - wide) / 3 - expected) / length).toBeLessThan(1e-3);
    }
  });
});

describe('on one model', () => {
  let loaded: LoadedGpuModel;
  beforeAll(async () => {
    loaded = await loadGpuModel(goldenUrl(TINY_LLAMA));
  });
  afterEach(() => expect(loaded.model.gpu.memory.report().training).toBe(0));
  afterAll(() => loaded[Symbol.dispose]());

  describe('an adapter beside the base', () => {
    test('gives the reference logits, and leaves rows without it bit by bit as they were', async () => {
      const golden = await fetchGoldenJson<GoldenTraining>('grpo/training-step.json');
      const batch = golden.batches['regular'] as {
        readonly prompt_ids: readonly (readonly number[])[];
        readonly completion_ids: readonly (readonly number[])[];
        readonly completion_mask: readonly (readonly number[])[];
      };
      const expected = (await fetchGoldenTensors('grpo/training-step/logits.safetensors')).get(
        'regular.logits',
      )?.values;
      const weights = await fetchGoldenTensors('grpo/tiny-llama-lora/adapter_model.safetensors');
      const { decoder } = loaded.model;
      const prompt = at(batch.prompt_ids, 0);
      const length = at(batch.completion_mask, 0).reduce((sum, bit) => sum + bit, 0);
      const ids = [...prompt, ...at(batch.completion_ids, 0).slice(0, length)];
      const positions = Array.from({ length }, (_, t) => prompt.length - 1 + t);
      const base = await decoder.logits(ids, positions);
      using adapter = loaded.model.createAdapter(DEFAULT_LORA, [...weights.values()]);
      decoder.attachAdapter(adapter);
      const adapted = await decoder.logits(ids, positions);
      let largest = 0;
      adapted.forEach((row, t) =>
        row.forEach((value, id) => {
          largest = Math.max(largest, Math.abs(value - (expected?.[t * row.length + id] ?? NaN)));
        }),
      );
      expect(largest).toBeLessThan(1e-4);
      expect(await decoder.logits(ids, positions, undefined, 'off')).toEqual(base);

      using on = decoder.createBlock('on');
      using off = decoder.createBlock('off');
      const output = { kind: 'allLogits' } as const;
      const [withIt, without] = await decoder.forward([
        { view: [on], tokenIds: ids, output },
        { view: [off], tokenIds: ids, output, adapter: 'off' },
      ]);
      const last = (await decoder.logits(ids, [ids.length - 1], undefined, 'off'))[0];
      expect(without?.logits).toEqual([...(last ?? [])]);
      expect(withIt?.logits).not.toEqual(without?.logits);

      decoder.attachAdapter(adapter, 0);
      expect(await decoder.logits(ids, positions)).toEqual(base);
      decoder.attachAdapter(null);
      expect(await decoder.logits(ids, positions)).toEqual(base);
    });

    test('log-probabilities of training are those of decoding; bursts and rows count the same', async () => {
      const { decoder } = loaded.model;
      const { config, tensors } = randomAdapter(loaded);
      using adapter = loaded.model.createAdapter(config, tensors);
      using trainer = loaded.model.createTrainer(adapter);
      decoder.attachAdapter(adapter);
      const sampling = { temperature: 1, seed: 9 };
      const promptIds = [7, 8, 9];
      using block = decoder.createBlock('sampled');
      const [first] = await decoder.forward([
        { view: [block], tokenIds: promptIds, output: { kind: 'token', sampling, step: 0 } },
      ]);
      const burst = await decoder.decodeBurst([block], first?.tokenId ?? 0, { numTokens: 12, sampling, firstStep: 1 });
      const sampled = [{ tokenId: first?.tokenId ?? 0, logProb: first?.logProb ?? NaN }, ...burst];
      const row = { promptIds, completionIds: sampled.map(({ tokenId }) => tokenId) };
      const [result] = await trainer.logProbs([row], 'on', OPTIONS);
      sampled.forEach(({ logProb }, t) => expect(Math.abs((result?.logProbs[t] ?? NaN) - logProb)).toBeLessThan(1e-4));
      const [off] = await trainer.logProbs([row], 'off', OPTIONS);
      expect(off?.logProbs).not.toEqual(result?.logProbs);
      decoder.attachAdapter(null);
    });
  });

  describe('a training step', () => {
    const update = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, gradientScale: 1 };

    async function step(trainer: ModelTrainer, number: number, options = OPTIONS): Promise<void> {
      trainer.clearGradients();
      await trainer.accumulate(ROWS, (row) => at(WEIGHTS, row), number, options);
      trainer.update({ ...update, step: number });
    }

    test('takes the memory of the estimate, and leaves none behind after twenty steps', async () => {
      const { gpu } = loaded.model;
      const { config, tensors } = randomAdapter(loaded);
      for (const gradientCheckpointing of [true, false]) {
        const before = gpu.memory.report();
        {
          using adapter = loaded.model.createAdapter(config, tensors);
          using trainer = loaded.model.createTrainer(adapter);
          const estimate = estimateMemory({
            config: loaded.model.config,
            layout: adapter.layout,
            rows: ROWS,
            settings: { ...DEFAULT_TRAINING, gradientCheckpointing },
            sharePrompts: true,
            room: { largestBufferLimitBytes: Infinity, memoryLimitBytes: null },
          });
          const options = { ...OPTIONS, gradientCheckpointing };
          await step(trainer, 1, options);
          const afterOne = gpu.memory.report();
          expect(Math.abs(afterOne.training / estimate.bytes.total - 1)).toBeLessThan(0.1);
          for (let number = 2; number <= 20; number++) await step(trainer, number, options);
          expect(gpu.memory.report()).toEqual(afterOne);
        }
        expect(gpu.memory.report().training).toBe(before.training);
      }
    });

    test('is the same step again from weights and moments that were put back, bit by bit', async () => {
      const { config, tensors } = randomAdapter(loaded, { loraDropout: 0.1 });
      using adapter = loaded.model.createAdapter(config, tensors);
      using trainer = loaded.model.createTrainer(adapter);
      await step(trainer, 1);
      const kept = { parameters: await adapter.read(), optimizer: await trainer.readOptimizer() };
      await step(trainer, 2);
      const expected = { parameters: await adapter.read(), optimizer: await trainer.readOptimizer() };
      await step(trainer, 3);
      trainer.restore(kept.parameters, kept.optimizer);
      await step(trainer, 2);
      expect({ parameters: await adapter.read(), optimizer: await trainer.readOptimizer() }).toEqual(expected);
    });

    test('that is cancelled changes nothing, and the next one is as if it had not been', async () => {
      const { config, tensors } = randomAdapter(loaded);
      using adapter = loaded.model.createAdapter(config, tensors);
      using trainer = loaded.model.createTrainer(adapter);
      const controller = new AbortController();
      trainer.clearGradients();
      const cancelled = trainer.accumulate(
        ROWS,
        (row) => {
          controller.abort();
          return at(WEIGHTS, row);
        },
        1,
        { ...OPTIONS, signal: controller.signal, tokensPerPass: 12 },
      );
      await expect(cancelled).rejects.toThrow(/abort/i);
      expect(await adapter.read()).toEqual(tensors);
      await step(trainer, 1);
      const afterCancel = await adapter.read();
      trainer.restore(tensors, { expAvg: zeros(tensors), expAvgSq: zeros(tensors) });
      await step(trainer, 1);
      expect(await adapter.read()).toEqual(afterCancel);
    });

    test('says which rows and tensors do not fit, and stays usable', async () => {
      const { config, tensors } = randomAdapter(loaded);
      using adapter = loaded.model.createAdapter(config, tensors);
      using trainer = loaded.model.createTrainer(adapter);
      await expect(trainer.logProbs(ROWS, 'on', { ...OPTIONS, tokensPerPass: 3 })).rejects.toThrow(/rows\[0\] has 8/);
      expect(() => trainer.restore(tensors.slice(1), { expAvg: [], expAvgSq: [] })).toThrow(/lora_A.weight is missing/);
      expect(await adapter.read()).toEqual(tensors);
    });

    test('refuses what the kernels could not look up', async () => {
      const { config, decoder } = loaded.model;
      const { config: lora, tensors } = randomAdapter(loaded);
      using adapter = loaded.model.createAdapter(lora, tensors);
      {
        using trainer = loaded.model.createTrainer(adapter);
        const logProbsOf = (row: TokenRow): Promise<unknown> =>
          trainer.logProbs([row], 'on', { ...OPTIONS, tokensPerPass: 1e6 });
        const unknown = { promptIds: [3], completionIds: [5, config.vocabSize] };
        await expect(logProbsOf(unknown)).rejects.toThrow(/is outside the vocabulary/);
        const longest = { promptIds: Array<number>(decoder.contextLength).fill(3), completionIds: [5] };
        await expect(logProbsOf(longest)).resolves.toHaveLength(1);
        const tooLong = { ...longest, completionIds: [5, 5] };
        await expect(logProbsOf(tooLong)).rejects.toThrow(/longer context or cut the row/);
        trainer.clearGradients();
        await expect(trainer.accumulate([unknown], () => ({ logProbs: [] }), 1, OPTIONS)).rejects.toThrow(/vocabulary/);
      }
      // The clearing that was recorded is not left for buffers that are gone.
      using next = loaded.model.createTrainer(adapter);
      await step(next, 1);
      expect(await next.gradientNorms()).not.toContainEqual(expect.objectContaining({ l2: Number.NaN }));
    });
  });
});
