import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DEFAULT_TRAINING, LOSS_TYPES, type TrainingRow, type TrainingSettings } from '@/protocol/training.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { rowObjective, type RowObjective } from './objective.ts';
import { objectiveMetrics } from './objective-metrics.ts';
import { planObjective, type PlanCut } from './plan-objective.ts';

interface GoldenBatch {
  readonly logp: number[][];
  readonly old: number[][];
  readonly ref: number[][];
  readonly completion_mask: number[][];
  readonly tool_mask?: number[][];
  readonly advantages: number[];
  readonly max_completion_length: number;
}

interface GoldenConfig {
  readonly loss_type: TrainingSettings['lossType'];
  readonly epsilon: number;
  readonly epsilon_high: number;
  readonly beta: number;
  readonly delta: number | null;
  readonly importance_sampling_level: 'token' | 'sequence';
  readonly use_bias_correction_kl: boolean;
  readonly on_policy: boolean;
}

const golden = await readGoldenJson<{
  readonly batches: Readonly<Record<string, GoldenBatch>>;
  readonly cases: readonly {
    readonly batch: string;
    readonly config: GoldenConfig;
    readonly loss: number;
    readonly dloss_dlogp: number[][];
    readonly trl_metrics: Readonly<Record<string, number | null>>;
  }[];
  readonly micro_batch_cases: readonly {
    readonly batch: string;
    readonly loss_type: TrainingSettings['lossType'];
    readonly micro_batches: number[][];
    readonly grad_accum: number;
    readonly steps_per_generation: number;
    readonly micro_losses: number[];
    readonly loss_sum?: number;
    readonly dloss_dlogp: number[][];
  }[];
}>('grpo/loss.json');

function batchNamed(name: string): GoldenBatch {
  const batch = golden.batches[name];
  if (batch === undefined) throw new Error(`There is no batch ${name}.`);
  return batch;
}

/** Padding stays in the row, as a token that does not count. */
function rowsOf(batch: GoldenBatch, isOnPolicy = false): TrainingRow[] {
  return batch.logp.map((logp, i) => ({
    promptIds: [1],
    completionIds: logp.map(() => 1),
    lossMask: at(batch.completion_mask, i).map((mask, t) => mask * (batch.tool_mask?.[i]?.[t] ?? 1)),
    advantage: at(batch.advantages, i),
    ...(!isOnPolicy && { oldLogProbs: at(batch.old, i) }),
    refLogProbs: at(batch.ref, i),
  }));
}

interface Outcome {
  readonly loss: number;
  readonly gradients: readonly (readonly number[])[];
  readonly objectives: readonly RowObjective[];
  readonly metrics: Readonly<Record<string, number>>;
}

function run(rows: readonly TrainingRow[], logp: number[][], settings: TrainingSettings, cut?: PlanCut): Outcome {
  const plan = planObjective(rows, settings, cut);
  const results = logp.map((logProbs) => ({ logProbs, entropies: logProbs.map((_, t) => 1 + t / 10) }));
  const objectives = results.map((result, i) => rowObjective(plan, i, result));
  return {
    loss: objectives.reduce((sum, { loss }) => sum + loss, 0),
    gradients: objectives.map(({ logProbGradients }) => logProbGradients),
    objectives,
    metrics: objectiveMetrics(plan, results, objectives),
  };
}

function expectNear(actual: readonly (readonly number[])[], expected: readonly number[][], tolerance: number): void {
  for (const [i, row] of expected.entries())
    for (const [t, value] of row.entries())
      expect(Math.abs(at(at(actual, i), t) - value), `${i}, ${t}`).toBeLessThan(tolerance);
}

function nameOf({ batch, config }: { readonly batch: string; readonly config: GoldenConfig }): string {
  const { loss_type, epsilon, epsilon_high, beta, delta, importance_sampling_level, on_policy } = config;
  const kl = beta === 0 ? '' : ` beta ${beta}${config.use_bias_correction_kl ? ' corrected' : ''}`;
  const rest = `${delta === null ? '' : ` delta ${delta}`}${on_policy ? ' on-policy' : ''}`;
  return `${batch} ${loss_type} ${importance_sampling_level} ${epsilon}/${epsilon_high}${kl}${rest}`;
}

function settingsOf(config: GoldenConfig, batch: GoldenBatch): TrainingSettings {
  return {
    ...DEFAULT_TRAINING,
    lossType: config.loss_type,
    epsilon: config.epsilon,
    epsilonHigh: config.epsilon_high,
    beta: config.beta,
    delta: config.delta,
    importanceSamplingLevel: config.importance_sampling_level,
    useBiasCorrectionKl: config.use_bias_correction_kl,
    maxCompletionLength: batch.max_completion_length,
  };
}

describe("TRL's losses, gradients and metrics", () => {
  test.each(golden.cases.map((each) => [nameOf(each), each] as const))('%s', (_name, each) => {
    const batch = batchNamed(each.batch);
    const rows = rowsOf(batch, each.config.on_policy);
    const { loss, gradients, metrics } = run(rows, batch.logp, settingsOf(each.config, batch));
    // TRL keeps SAPO's temperatures in f32.
    const tolerance = each.config.loss_type === 'sapo' ? 1e-6 : 1e-9;
    expect(Math.abs(loss - each.loss)).toBeLessThan(tolerance);
    expectNear(gradients, each.dloss_dlogp, tolerance);
    for (const [name, value] of Object.entries(each.trl_metrics)) {
      if (value === null) expect(metrics[name], name).toBeNaN();
      else expect(Math.abs((metrics[name] ?? Number.NaN) - value), name).toBeLessThan(1e-6);
    }
  });

  test.each(
    golden.micro_batch_cases.map((each) => [`${each.batch} ${each.loss_type} ${each.grad_accum}`, each] as const),
  )('micro-batches: %s', (_name, each) => {
    const batch = batchNamed(each.batch);
    const settings = {
      ...DEFAULT_TRAINING,
      lossType: each.loss_type,
      maxCompletionLength: batch.max_completion_length,
      gradientAccumulationSteps: each.grad_accum,
    };
    const cut = { parts: each.micro_batches, stepsPerGeneration: each.steps_per_generation };
    const { loss, gradients, objectives } = run(rowsOf(batch), batch.logp, settings, cut);
    if (each.loss_sum !== undefined) expect(Math.abs(loss - each.loss_sum)).toBeLessThan(1e-9);
    expectNear(gradients, each.dloss_dlogp, 1e-9);
    for (const [part, rowNumbers] of each.micro_batches.entries()) {
      const partLoss = rowNumbers.reduce((sum, i) => sum + at(objectives, i).loss, 0);
      expect(Math.abs(partLoss - at(each.micro_losses, part))).toBeLessThan(1e-9);
    }
    if (each.grad_accum === each.steps_per_generation)
      expect(run(rowsOf(batch), batch.logp, settings).gradients).toEqual(gradients);
  });
});

describe('closed forms on the masked batch', () => {
  const batch = batchNamed('masked_4x6');
  const base = { ...DEFAULT_TRAINING, maxCompletionLength: 8 };
  const lossOf = (settings: Partial<TrainingSettings>, isOnPolicy = false): number =>
    run(rowsOf(batch, isOnPolicy), batch.logp, { ...base, ...settings }).loss;

  test.each<[string, Partial<TrainingSettings>, number[]]>([
    ['token', {}, [0.018982111632, 0.110504650227, 0.110504650227, 0.048345784474]],
    [
      'with KL',
      { beta: 0.04, useBiasCorrectionKl: false },
      [0.019664253658, 0.111173204443, 0.111173204443, 0.048638276944],
    ],
    ['clip-higher', { epsilonHigh: 0.28 }, [0.008982111632, 0.099076078798, 0.099076078798, 0.043345784474]],
    [
      'sequence',
      { importanceSamplingLevel: 'sequence' },
      [-0.033807203912, 0.046918504682, 0.046918504682, 0.020526845798],
    ],
  ])('%s', (_name, settings, expected) => {
    for (const [i, lossType] of (['grpo', 'bnpo', 'dapo', 'dr_grpo'] as const).entries())
      expect(lossOf({ ...settings, lossType }), lossType).toBeCloseTo(at(expected, i), 11);
  });

  it('SAPO, CISPO, delta and the on-policy value', () => {
    expect(lossOf({ lossType: 'sapo' })).toBeCloseTo(-0.06904868267, 10);
    expect(lossOf({ lossType: 'cispo', epsilonHigh: 5 })).toBeCloseTo(-0.156058749106767, 11);
    expect(lossOf({ delta: 1.4 })).toBeCloseTo(0.10230601650868, 11);
    expect(lossOf({ lossType: 'grpo' }, true)).toBeCloseTo(0, 12);
    expect(lossOf({ lossType: 'dapo' }, true)).toBeCloseTo(0.107142857142857, 11);
    expect(lossOf({ lossType: 'dr_grpo' }, true)).toBeCloseTo(0.046875, 11);
  });

  it('gradients with a KL term that is not corrected', () => {
    const settings = { ...base, beta: 0.04, useBiasCorrectionKl: false };
    expectNear(
      run(rowsOf(batch), batch.logp, settings).gradients,
      [
        [0.0007405194, -0.0711566783, 0, 0, -0.0709106593, 0.0002718931],
        [-0.0006325793, 0.0375453963, -0.0006325793, 0.0359861788, 0, 0],
        [0.0895576074, 0.1337165459, 0, 0, -0.0009995966, 0.0895576074],
        [-0.0560462014, -0.0333042151, 0, 0, 0, 0],
      ],
      1e-9,
    );
  });

  it('read-outs of ratios, KL and entropy', () => {
    const { metrics } = run(rowsOf(batch), batch.logp, base);
    expect(metrics['kl/k3']).toBeCloseTo(0.016713855403, 11);
    expect(metrics['ratio/max']).toBeCloseTo(Math.exp(0.4), 12);
    expect(metrics['ratio/min']).toBeCloseTo(Math.exp(-0.5), 12);
    expect(metrics['kl']).toBeUndefined();
    const entropies = [1, 1.1, 1.4, 1.5, 1, 1.1, 1.2, 1.3, 1, 1.1, 1.4, 1.5, 1, 1.1];
    expect(metrics['entropy']).toBeCloseTo(entropies.reduce((sum, value) => sum + value, 0) / 14, 12);
  });
});

describe('supervised', () => {
  const batch = batchNamed('masked_4x6');
  it('is minus the mean log-probability, whatever advantages, old and reference values are', () => {
    const settings = { ...DEFAULT_TRAINING, lossType: 'sft', beta: 0.5, normalizeOver: 'group' } as const;
    const { loss, gradients, metrics } = run(rowsOf(batch), batch.logp, settings);
    const counted = rowsOf(batch).flatMap(({ lossMask }, i) => at(batch.logp, i).filter((_, t) => lossMask[t] === 1));
    expect(loss).toBeCloseTo(-counted.reduce((sum, value) => sum + value, 0) / counted.length, 12);
    expectNear(
      gradients,
      rowsOf(batch).map(({ lossMask }) => lossMask.map((mask) => -mask / counted.length)),
      1e-15,
    );
    expect(Object.keys(metrics)).not.toContain('kl');
    expect(Object.keys(metrics)).not.toContain('clip_ratio/low_mean');
  });
});

describe('masks and normalisers', () => {
  const batch = batchNamed('masked_4x6');

  it('a cut row can be left out, and still counts as a row', () => {
    const rows = rowsOf(batch).map((row, i) => ({ ...row, isTruncated: i === 2 }));
    const cut = run(rows, batch.logp, { ...DEFAULT_TRAINING, lossType: 'grpo', maskTruncatedCompletions: true });
    const whole = run(rows, batch.logp, { ...DEFAULT_TRAINING, lossType: 'grpo' });
    expect(cut.gradients[2]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cut.gradients[0]).toEqual(whole.gradients[0]);
  });

  it('the second speaker’s rows count only where both are trained; rows without a role always do', () => {
    const roles = ['agent1', 'agent2', undefined, 'agent2'] as const;
    const rows = rowsOf(batch).map((row, i) => {
      const role = roles[i];
      return role === undefined ? row : { ...row, role };
    });
    const first = run(rows, batch.logp, { ...DEFAULT_TRAINING, lossType: 'grpo' });
    const both = run(rows, batch.logp, { ...DEFAULT_TRAINING, lossType: 'grpo', trainRoles: 'both' });
    expect(both.gradients).toEqual(run(rowsOf(batch), batch.logp, { ...DEFAULT_TRAINING, lossType: 'grpo' }).gradients);
    for (const [i, role] of roles.entries())
      expect(first.gradients[i]).toEqual(role === 'agent2' ? both.gradients[i]?.map(() => 0) : both.gradients[i]);
  });

  it('over groups, dapo is the mean of what each group gives alone', () => {
    const rows = rowsOf(batch).map((row, i) => ({ ...row, groupId: i % 2 }));
    const settings = { ...DEFAULT_TRAINING, normalizeOver: 'group' } as const;
    const groupLoss = (groupId: number): number => {
      const indices = [0, 1, 2, 3].filter((i) => i % 2 === groupId);
      return run(
        indices.map((i) => at(rows, i)),
        indices.map((i) => at(batch.logp, i)),
        DEFAULT_TRAINING,
      ).loss;
    };
    expect(run(rows, batch.logp, settings).loss).toBeCloseTo((groupLoss(0) + groupLoss(1)) / 2, 12);
  });

  it('dapo does not see how the batch is cut, and more parts than rows are one part a row', () => {
    const whole = run(rowsOf(batch), batch.logp, DEFAULT_TRAINING);
    for (const gradientAccumulationSteps of [2, 3, 4, 9]) {
      const cut = run(rowsOf(batch), batch.logp, { ...DEFAULT_TRAINING, gradientAccumulationSteps });
      expectNear(cut.gradients, whole.gradients as number[][], 1e-15);
    }
    const settings = { ...DEFAULT_TRAINING, lossType: 'bnpo', gradientAccumulationSteps: 9 } as const;
    const plan = planObjective(rowsOf(batch), settings);
    expect(plan.parts).toEqual([[0], [1], [2], [3]]);
  });
});

describe('for all batches', () => {
  const numTokens = 4;
  const logProb = fc.double({ min: -4, max: -0.01, noNaN: true });
  const list = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: numTokens, maxLength: numTokens });
  const row = fc.record({
    logp: list(logProb),
    logRatios: list(fc.double({ min: -0.7, max: 0.7, noNaN: true })),
    refDifferences: list(fc.double({ min: -0.7, max: 0.7, noNaN: true })),
    mask: list(fc.integer({ min: 0, max: 1 })),
    advantage: fc.double({ min: -2, max: 2, noNaN: true }),
    groupId: fc.integer({ min: 0, max: 1 }),
  });
  const config = fc.record({
    lossType: fc.constantFrom(...LOSS_TYPES),
    importanceSamplingLevel: fc.constantFrom('token', 'sequence' as const),
    beta: fc.constantFrom(0, 0.3),
    useBiasCorrectionKl: fc.boolean(),
    delta: fc.constantFrom(null, 1.4),
    normalizeOver: fc.constantFrom('batch', 'group' as const),
    gradientAccumulationSteps: fc.constantFrom(1, 2),
  });

  interface Scene {
    readonly rows: TrainingRow[];
    readonly logp: number[][];
  }
  /** @param junk  stands wherever a token does not count */
  const sceneOf = (batch: readonly (typeof row extends fc.Arbitrary<infer R> ? R : never)[], junk?: number): Scene => {
    const fill = (values: readonly number[], mask: readonly number[]): number[] =>
      values.map((value, t) => (junk === undefined || mask[t] === 1 ? value : junk));
    return {
      rows: batch.map(({ logp, logRatios, refDifferences, mask, advantage, groupId }) => ({
        promptIds: [1],
        completionIds: logp.map(() => 1),
        lossMask: mask,
        advantage,
        oldLogProbs: fill(
          logp.map((value, t) => value - at(logRatios, t)),
          mask,
        ),
        refLogProbs: fill(
          logp.map((value, t) => value + at(refDifferences, t)),
          mask,
        ),
        groupId,
      })),
      logp: batch.map(({ logp, mask }) => fill(logp, mask)),
    };
  };

  /** Weights without a gradient: only what beta adds can be compared with differences. */
  const hasFrozenWeights = ({ lossType }: TrainingSettings): boolean => lossType === 'cispo' || lossType === 'vespo';

  it('the gradient is that of central differences', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), config, (batch, choice) => {
        const settings: TrainingSettings = { ...DEFAULT_TRAINING, ...choice };
        const { rows, logp } = sceneOf(batch);
        const { gradients, objectives } = run(rows, logp, settings);
        const edges = [0.8, 1.2, 1.4];
        const isNearEdge = objectives.some(({ ratios }) =>
          ratios.some((ratio) => edges.some((edge) => Math.abs(ratio - edge) < 1e-3)),
        );
        if (isNearEdge) return;
        const frozen = hasFrozenWeights(settings) ? { ...settings, beta: 0 } : undefined;
        const gradientAt = (i: number, t: number): number =>
          at(at(gradients, i), t) - (frozen ? at(at(run(rows, logp, frozen).gradients, i), t) : 0);
        const lossAt = (i: number, t: number, by: number): number => {
          const moved = logp.map((values, k) => values.map((value, u) => (k === i && u === t ? value + by : value)));
          return run(rows, moved, settings).loss - (frozen ? run(rows, moved, frozen).loss : 0);
        };
        const h = 1e-5;
        for (const [i, values] of logp.entries())
          for (const t of values.keys()) {
            const slope = (lossAt(i, t, h) - lossAt(i, t, -h)) / (2 * h);
            expect(Math.abs(gradientAt(i, t) - slope)).toBeLessThan(1e-8);
          }
      }),
      { numRuns: 60 },
    );
  });

  it('with frozen weights the loss is linear in the log-probabilities', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), config, (batch, choice) => {
        const { rows, logp } = sceneOf(batch);
        for (const lossType of ['cispo', 'vespo'] as const) {
          const { gradients, loss } = run(rows, logp, { ...DEFAULT_TRAINING, ...choice, beta: 0, lossType });
          const terms = gradients.flatMap((values, i) => values.map((value, t) => value * at(at(logp, i), t)));
          expect(terms.reduce((sum, term) => sum + term, 0)).toBeCloseTo(loss, 10);
        }
      }),
    );
  });

  it('junk where nothing counts changes nothing', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), config, (batch, choice) => {
        const settings: TrainingSettings = { ...DEFAULT_TRAINING, ...choice };
        const outcome = ({ rows, logp }: Scene): Outcome => run(rows, logp, settings);
        const expected = outcome(sceneOf(batch));
        expect(outcome(sceneOf(batch, Number.NaN))).toEqual(expected);
        expect(outcome(sceneOf(batch, 1e30))).toEqual(expected);
      }),
    );
  });
});
