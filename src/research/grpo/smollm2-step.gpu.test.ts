import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { checkTrainingSettings } from '@/protocol/training-schema.ts';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import type { LoraTarget, TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import { EMBEDDED_MODEL_URL, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { seededAdapter } from '@/testing/seeded-adapter.ts';
import { fetchGoldenJson, fetchGoldenTensors } from '@/testing/training-golden.ts';
import { trainStep } from './train-step.ts';

interface Smollm2Case {
  readonly name: string;
  readonly target_modules: readonly LoraTarget[];
  readonly B: 'zero' | 'seeded';
  readonly config: Readonly<Record<string, unknown>> & { readonly level: string; readonly bias_correction_kl: boolean };
  readonly old_per_token_logps: readonly (readonly number[])[];
  readonly per_token_logps: readonly (readonly number[])[];
  readonly entropies: readonly (readonly number[])[];
  readonly loss: number;
  readonly grad_norm_before_clip: number;
  readonly lora_grad_l2: Readonly<Record<string, number>>;
  readonly per_token_logps_after_one_adamw_step: readonly (readonly number[])[];
}

interface Smollm2Golden {
  readonly prompt_ids: readonly number[];
  readonly completions: readonly (readonly number[])[];
  readonly advantages: readonly number[];
  readonly generator: { readonly A_seed: number; readonly B_seed: number; readonly B_bound: number };
  readonly cases: readonly Smollm2Case[];
}

const LOG_PROB = 1e-4;
const LOSS = 1e-5;
const NORM = 1e-3;
const SIGNAL = new AbortController().signal;

const golden = await fetchGoldenJson<Smollm2Golden>('grpo/smollm2.json');
const gradients = await fetchGoldenTensors('grpo/smollm2.safetensors');

function settingsOf({ config }: Smollm2Case): TrainingSettings {
  const { level, bias_correction_kl, ...rest } = config;
  return {
    ...checkTrainingSettings({
      ...rest,
      importance_sampling_level: level,
      use_bias_correction_kl: bias_correction_kl,
    }),
    learningRate: 1e-4,
    gradientCheckpointing: false,
  };
}

function expectNear(
  rows: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  rows.forEach((row, i) =>
    row.forEach((value, t) => expect(Math.abs(value - at(at(expected, i), t))).toBeLessThan(tolerance)),
  );
}

let loaded: LoadedGpuModel;
beforeAll(async () => {
  loaded = await loadGpuModel(EMBEDDED_MODEL_URL);
});
afterAll(() => loaded[Symbol.dispose]());

// The two other cases of the file differ from these in targets and loss only, which the tiny model's cases cover.
describe.each(golden.cases.filter(({ name }) => ['qv_B0_on_policy', 'all_seededB_kl'].includes(name)))(
  'a step of SmolLM2 equals PyTorch',
  (goldenCase) => {
    test(goldenCase.name, { timeout: 600_000 }, async () => {
      const lora = { ...DEFAULT_LORA, targetModules: goldenCase.target_modules };
      const { A_seed: aSeed, B_seed: bSeed, B_bound } = golden.generator;
      const bBound = goldenCase.B === 'zero' ? 0 : B_bound;
      const { config, tensors } = seededAdapter(lora, loaded.model.config, { aSeed, bSeed, bBound });
      using adapter = loaded.model.createAdapter(config, tensors);
      using trainer = loaded.model.createTrainer(adapter);
      const settings = settingsOf(goldenCase);
      const rows = golden.completions.map((completionIds, i): TrainingRow => ({
        promptIds: golden.prompt_ids,
        completionIds,
        lossMask: completionIds.map(() => 1),
        advantage: at(golden.advantages, i),
        oldLogProbs: at(goldenCase.old_per_token_logps, i).slice(0, completionIds.length),
        // The base model's, which are the old ones here.
        refLogProbs: at(goldenCase.old_per_token_logps, i).slice(0, completionIds.length),
      }));
      const report = await trainStep(trainer, rows, settings, 0, SIGNAL);
      const logProbs = report.rows.map((row) => row.logProbs);
      expectNear(logProbs, goldenCase.per_token_logps, LOG_PROB);
      expectNear(
        report.rows.map(({ entropies }) => entropies),
        goldenCase.entropies,
        LOG_PROB,
      );
      expect(Math.abs(report.loss - goldenCase.loss)).toBeLessThan(LOSS);
      expect(Math.abs(report.gradNorm / goldenCase.grad_norm_before_clip - 1)).toBeLessThan(NORM);
      for (const { name, l2 } of report.tensorNorms) {
        const expected = goldenCase.lora_grad_l2[name] ?? NaN;
        if (goldenCase.B === 'zero' && name.includes('lora_A')) expect(l2, name).toBe(0);
        else expect(Math.abs(l2 - expected), name).toBeLessThan(NORM * expected);
      }
      for (const { name, values } of await trainer.readGradients()) {
        const full = gradients.get(`${goldenCase.name}.grad.${name}`)?.values;
        if (full === undefined) continue;
        const difference = Math.sqrt(values.reduce((sum, value, i) => sum + (value - at(full, i)) ** 2, 0));
        expect(difference, name).toBeLessThanOrEqual(
          NORM * Math.sqrt(full.reduce((sum, value) => sum + value ** 2, 0)),
        );
      }
      const after = await trainer.logProbs(rows, 'on', { ...settings, signal: SIGNAL });
      expectNear(
        after.map((row) => row.logProbs),
        goldenCase.per_token_logps_after_one_adamw_step,
        LOG_PROB,
      );
    });
  },
);
