import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import { checkTrainingBatch } from '@/protocol/training-batch-schema.ts';
import { checkTrainingSettings } from '@/protocol/training-schema.ts';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import type { NamedTensor, StepReport, TrainingSettings } from '@/protocol/training.ts';
import { goldenUrl, loadGpuModel } from '@/testing/load-gpu-model.ts';
import type { LoadedGpuModel } from '@/testing/load-gpu-model.ts';
import { fetchGoldenJson, fetchGoldenTensors } from '@/testing/training-golden.ts';
import type { GoldenCase, GoldenStep, GoldenTraining } from '@/testing/training-golden.ts';
import { trainStep } from './train-step.ts';

/** The reference's own distance to float64, with room: golden/grpo/README.md. */
const LOG_PROB = 1e-4;
const LOSS = 1e-5;
const GRADIENT = 1e-4;
const WEIGHT = 2e-5;
const ANY_WEIGHT = 2e-3;

const signal = new AbortController().signal;
const golden = await fetchGoldenJson<GoldenTraining>('grpo/training-step.json');
const initial = await fetchGoldenTensors('grpo/tiny-llama-lora/adapter_model.safetensors');

/** Largest distance between our rows and the reference's padded ones. */
function largestDistance(rows: readonly (readonly number[])[], padded: readonly (readonly number[])[]): number {
  return Math.max(...rows.flatMap((row, i) => row.map((value, t) => Math.abs(value - at(at(padded, i), t)))));
}

function relativeL2(tensor: NamedTensor, expected: Float32Array): number {
  let [difference, size] = [0, 0];
  expected.forEach((value, i) => {
    difference += (at(tensor.values, i) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference) / (Math.sqrt(size) + 1e-3 * GRADIENT);
}

/** Share of entries within `WEIGHT`, and the largest distance. */
function weightDistances(tensors: readonly NamedTensor[], find: (name: string) => Float32Array) {
  let [near, all, largest] = [0, 0, 0];
  for (const { name, values } of tensors) {
    const expected = find(name);
    values.forEach((value, i) => {
      const distance = Math.abs(value - at(expected, i));
      near += distance <= WEIGHT ? 1 : 0;
      all += 1;
      largest = Math.max(largest, distance);
    });
  }
  return { share: near / all, largest };
}

function checkStep(report: StepReport, expected: GoldenStep): void {
  expect(Math.abs(report.loss - expected.loss)).toBeLessThan(LOSS);
  const norm = expected.grad_norm_before_clip;
  expect(Math.abs(report.gradNorm - norm)).toBeLessThanOrEqual(GRADIENT * norm);
  expect(report.clipCoefficient).toBeCloseTo(expected.clip_coefficient, 4);
  for (const [name, value] of Object.entries(expected.trl_metrics)) {
    if (value === null) continue;
    expect(Math.abs((report.metrics[name] ?? NaN) - value), name).toBeLessThan(LOG_PROB);
  }
  if (expected.per_token_logps !== undefined)
    expect(
      largestDistance(
        report.rows.map(({ logProbs }) => logProbs),
        expected.per_token_logps,
      ),
    ).toBeLessThan(LOG_PROB);
}

interface Variant {
  readonly what: string;
  readonly settings: Partial<TrainingSettings>;
}

/** Ways of computing the same step. The last ones cut the batch into passes and the head into chunks. */
const VARIANTS: readonly Variant[] = [
  { what: 'keeping all activations', settings: { gradientCheckpointing: false } },
  {
    what: 'with checkpoints, in passes of 24 tokens, 5 rows of logits at once',
    settings: { gradientCheckpointing: true, tokensPerPass: 24, logitChunkSize: 5 },
  },
];

let loaded: LoadedGpuModel;
beforeAll(async () => {
  loaded = await loadGpuModel(goldenUrl('grpo/tiny-llama/tiny-llama-grpo-F32.gguf'));
});
// Fails if a test has left GPU memory behind.
afterAll(() => loaded[Symbol.dispose]());

async function runCase(goldenCase: GoldenCase, variant: Variant): Promise<void> {
  using adapter = loaded.model.createAdapter(DEFAULT_LORA, [...initial.values()]);
  using trainer = loaded.model.createTrainer(adapter);
  const settings: TrainingSettings = {
    ...checkTrainingSettings(goldenCase.config),
    learningRate: 1e-3,
    ...variant.settings,
  };
  const rows = checkTrainingBatch({
    ...golden.batches[goldenCase.batch],
    old_per_token_logps: goldenCase.old_per_token_logps,
  });
  const tensors = await fetchGoldenTensors(`grpo/training-step/${goldenCase.name}.safetensors`);
  const find = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`The reference has no ${name}.`);
    return tensor.values;
  };
  for (const [index, expected] of goldenCase.steps.entries()) {
    const report = await trainStep(trainer, rows, settings, index, signal);
    checkStep(report, expected);
    if (index === 0) await checkFirstStep(trainer, report, goldenCase, find);
    const weights = weightDistances(await adapter.read(), (name) => find(`step${index + 1}.param.${name}`));
    expect(weights.share).toBeGreaterThanOrEqual(0.999);
    expect(weights.largest).toBeLessThan(ANY_WEIGHT);
  }
  const moments = await trainer.readOptimizer();
  for (const [which, list] of [
    ['exp_avg', moments.expAvg],
    ['exp_avg_sq', moments.expAvgSq],
  ] as const)
    for (const tensor of list)
      expect(relativeL2(tensor, find(`step3.${which}.${tensor.name}`)), `${which} ${tensor.name}`).toBeLessThan(0.02);
}

async function checkFirstStep(
  trainer: ModelTrainer,
  report: StepReport,
  goldenCase: GoldenCase,
  find: (name: string) => Float32Array,
): Promise<void> {
  const logProbs = report.rows.map((row) => row.logProbs);
  expect(largestDistance(logProbs, goldenCase.per_token_logps)).toBeLessThan(LOG_PROB);
  expect(
    largestDistance(
      report.rows.map(({ entropies }) => entropies),
      goldenCase.entropies,
    ),
  ).toBeLessThan(LOG_PROB);
  expect(largestDistance(report.logProbGradients, goldenCase.dloss_dlogps)).toBeLessThan(LOSS);
  if (goldenCase.config['beta'] !== 0)
    expect(largestDistance(report.refLogProbs, goldenCase.ref_per_token_logps)).toBeLessThan(LOG_PROB);
  for (const gradient of await trainer.readGradients())
    expect(relativeL2(gradient, find(`step1.grad.${gradient.name}`)), gradient.name).toBeLessThan(GRADIENT);
}

describe('three steps equal TRL and PEFT', () => {
  for (const goldenCase of golden.cases) test(goldenCase.name, () => runCase(goldenCase, at(VARIANTS, 0)));
  test(`odd_layout, ${at(VARIANTS, 1).what}`, () => runCase(at(golden.cases, 2) satisfies GoldenCase, at(VARIANTS, 1)));
  test(`grpo_kl, ${at(VARIANTS, 1).what}`, () => runCase(at(golden.cases, 3), at(VARIANTS, 1)));
});
