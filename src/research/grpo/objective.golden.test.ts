import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { checkTrainingBatch } from '@/protocol/training-batch-schema.ts';
import { checkTrainingSettings } from '@/protocol/training-schema.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { objectiveMetrics } from './objective-metrics.ts';
import { rowObjective } from './objective.ts';
import { planObjective } from './plan-objective.ts';

type Matrix = readonly (readonly number[])[];

const golden = await readGoldenJson<{
  readonly batches: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly {
    readonly name: string;
    readonly batch: string;
    readonly config: unknown;
    readonly per_token_logps: Matrix;
    readonly entropies: Matrix;
    readonly old_per_token_logps: Matrix;
    readonly ref_per_token_logps: Matrix;
    readonly dloss_dlogps: Matrix;
    readonly steps: readonly {
      readonly loss: number;
      readonly trl_metrics: Readonly<Record<string, number | null>>;
      readonly ratio_max: number;
      readonly ratio_min: number;
    }[];
  }[];
}>('grpo/training-step.json');

/** The reference's log-probabilities are rounded to f32. */
test.each(golden.cases.map((each) => [each.name, each] as const))('loss of a training step: %s', (_name, each) => {
  const rows = checkTrainingBatch({
    ...golden.batches[each.batch],
    old_per_token_logps: each.old_per_token_logps,
    ref_per_token_logps: each.ref_per_token_logps,
  });
  const plan = planObjective(rows, checkTrainingSettings(each.config));
  const results = rows.map(({ completionIds }, i) => ({
    logProbs: at(each.per_token_logps, i).slice(0, completionIds.length),
    entropies: at(each.entropies, i).slice(0, completionIds.length),
  }));
  const objectives = results.map((result, i) => rowObjective(plan, i, result));
  const step = at(each.steps, 0);
  const loss = objectives.reduce((sum, objective) => sum + objective.loss, 0);
  expect(Math.abs(loss - step.loss)).toBeLessThan(2e-6);
  for (const [i, { logProbGradients }] of objectives.entries())
    for (const [t, gradient] of logProbGradients.entries())
      expect(Math.abs(gradient - at(at(each.dloss_dlogps, i), t))).toBeLessThan(2e-6);
  const metrics = objectiveMetrics(plan, results, objectives);
  for (const [name, value] of Object.entries(step.trl_metrics))
    expect(Math.abs((metrics[name] ?? Number.NaN) - (value ?? Number.NaN)), name).toBeLessThan(2e-6);
  expect(metrics['ratio/max']).toBeCloseTo(step.ratio_max, 5);
  expect(metrics['ratio/min']).toBeCloseTo(step.ratio_min, 5);
});
