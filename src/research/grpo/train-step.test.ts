import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { createRng, type Rng } from '@/lib/rng.ts';
import { DEFAULT_TRAINING, type StepReport, type TrainingRow, type TrainingSettings } from '@/protocol/training.ts';
import { FakeTrainer } from '@/testing/fake-trainer.ts';
import { advantagesOf } from '@/protocol/advantages.ts';
import { gradientsOf, trainOnBatch, trainStep } from './train-step.ts';

const { signal } = new AbortController();
const VOCAB = 5;

function createTrainer(seed = 1): FakeTrainer {
  const rng = createRng(seed);
  return new FakeTrainer(Array.from({ length: VOCAB }, () => Array.from({ length: VOCAB }, () => rng.normal())));
}

const row = (completionIds: number[], advantage: number, more: Partial<TrainingRow> = {}): TrainingRow => ({
  promptIds: [0],
  completionIds,
  lossMask: completionIds.map(() => 1),
  advantage,
  ...more,
});

const ROWS = [row([1, 2, 3], 1), row([2, 2], -0.5), row([], 2), row([4, 1], 0, { lossMask: [0, 1] })];

async function reportsOf(
  trainer: FakeTrainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for await (const report of trainOnBatch(trainer, rows, settings, 0, signal)) reports.push(report);
  return reports;
}

describe('gradients', () => {
  it('are those of central differences of the loss, and change nothing', async () => {
    const settings: TrainingSettings = { ...DEFAULT_TRAINING, lossType: 'grpo', beta: 0.2, temperature: 0.7 };
    const trainer = createTrainer();
    at(trainer.adapter, 2)[1] = 0.3;
    const { rows: now } = await gradientsOf(trainer, ROWS, settings, signal);
    const rows = ROWS.map((each, i) => ({ ...each, oldLogProbs: at(now, i).logProbs.map((value) => value - 0.05) }));
    const report = await gradientsOf(trainer, rows, settings, signal);
    const gradients = await trainer.readGradients();
    expect(trainer.updates).toEqual([]);
    for (const [last, values] of trainer.adapter.entries())
      for (const [next, value] of values.entries()) {
        const lossAt = async (moved: number): Promise<number> => {
          values[next] = moved;
          const { loss } = await gradientsOf(trainer, rows, settings, signal);
          values[next] = value;
          return loss;
        };
        const h = 1e-5;
        const slope = ((await lossAt(value + h)) - (await lossAt(value - h))) / (2 * h);
        expect(Math.abs(at(at(gradients, last).values, next) - slope)).toBeLessThan(1e-7);
      }
    const sum = report.tensorNorms.reduce((total, { l2 }) => total + l2 * l2, 0);
    expect(report.gradNorm).toBeCloseTo(Math.sqrt(sum), 12);
  });

  it('every row stands in the report, the empty one too', async () => {
    const trainer = createTrainer();
    const report = await gradientsOf(trainer, ROWS, DEFAULT_TRAINING, signal);
    expect(report.rows.map(({ logProbs }) => logProbs.length)).toEqual([3, 2, 0, 2]);
    expect(report.logProbGradients.map((gradients) => gradients.length)).toEqual([3, 2, 0, 2]);
    expect(at(report.logProbGradients, 3).map(Math.abs)).toEqual([0, 0]);
    expect(report.refLogProbs).toEqual([]);
    expect(trainer.calls).toEqual(['clearGradients', 'accumulate 3']);
  });

  it('the reference is computed where beta asks for it, and only for rows that lack it', async () => {
    const trainer = createTrainer();
    at(trainer.adapter, 0)[1] = 1;
    const settings = { ...DEFAULT_TRAINING, beta: 0.1 };
    const { refLogProbs, metrics } = await gradientsOf(trainer, ROWS, settings, signal);
    expect(trainer.calls[0]).toBe('logProbs off 3');
    expect(refLogProbs.map((values) => values.length)).toEqual([3, 2, 0, 2]);
    expect(metrics['kl']).toBeGreaterThan(0);
    const known = ROWS.map((each, i) => (i === 0 ? each : { ...each, refLogProbs: at(refLogProbs, i) }));
    expect((await gradientsOf(trainer, known, settings, signal)).refLogProbs).toEqual(refLogProbs);
    expect(trainer.calls).toContain('logProbs off 1');
  });

  it('without the adapter there is nothing to pull back', async () => {
    const { metrics } = await gradientsOf(createTrainer(), ROWS, { ...DEFAULT_TRAINING, beta: 0.1 }, signal);
    expect(metrics['kl']).toBeCloseTo(0, 14);
  });
});

describe('a step', () => {
  it('clips the norm of the gradient', async () => {
    const trainer = createTrainer();
    const clipped = await trainStep(trainer, ROWS, { ...DEFAULT_TRAINING, maxGradNorm: 0.1 }, 4, signal);
    expect(clipped.clipCoefficient).toBeCloseTo(0.1 / (clipped.gradNorm + 1e-6), 12);
    expect(trainer.updates[0]).toMatchObject({ step: 5, gradientScale: clipped.clipCoefficient, learningRate: 1e-5 });
    expect(clipped.step).toBe(5);
    const free = await trainStep(createTrainer(), ROWS, { ...DEFAULT_TRAINING, maxGradNorm: null }, 0, signal);
    expect(free.clipCoefficient).toBe(1);
    expect(free.stepMs).toBeGreaterThanOrEqual(0);
  });

  it('several updates on one batch keep the old log-probabilities of the first', async () => {
    const settings = { ...DEFAULT_TRAINING, numIterations: 3, learningRate: 0.05, beta: 0.1 };
    const trainer = createTrainer();
    const reports = await reportsOf(trainer, ROWS, settings);
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(reports[0]?.metrics['ratio/max']).toBe(1);
    const counted = [0, 1].flatMap((i) =>
      at(reports[2]?.rows ?? [], i).logProbs.map((value, t) =>
        Math.exp(value - at(at(reports[0]?.rows ?? [], i).logProbs, t)),
      ),
    );
    expect(reports[2]?.metrics['ratio/max']).toBeGreaterThanOrEqual(Math.max(...counted) - 1e-12);
    expect(reports[2]?.metrics['ratio/max']).toBeGreaterThan(1.01);
    expect(trainer.calls.filter((call) => call.startsWith('logProbs'))).toHaveLength(1);
  });

  it('stops before the update when a gradient is not a number, and names it', async () => {
    const trainer = createTrainer();
    trainer.broken = 2;
    const step = trainStep(trainer, ROWS, DEFAULT_TRAINING, 6, signal);
    await expect(step).rejects.toMatchObject({
      code: 'trainingDiverged',
      message: expect.stringMatching(/^Step 7 .*row\.2/),
      details: { step: 7, tensor: 'row.2' },
    });
    expect(trainer.updates).toEqual([]);
    expect(trainer.adapter.flat().every((value) => value === 0)).toBe(true);
  });

  it('stops before the update when the loss is not a number', async () => {
    const trainer = createTrainer();
    const rows = [row([1], 1, { oldLogProbs: [-Infinity] })];
    await expect(trainStep(trainer, rows, { ...DEFAULT_TRAINING, delta: null }, 0, signal)).resolves.toBeDefined();
    const worse = [row([1], -1, { oldLogProbs: [-Infinity] })];
    await expect(trainStep(trainer, worse, DEFAULT_TRAINING, 1, signal)).rejects.toMatchObject({
      code: 'trainingDiverged',
      message: expect.stringContaining('the loss is Infinity'),
    });
    expect(trainer.updates).toHaveLength(1);
  });

  it('a stop leaves the adapter as it was', async () => {
    const trainer = createTrainer();
    const stopped = trainStep(trainer, ROWS, DEFAULT_TRAINING, 0, AbortSignal.abort());
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(trainer.updates).toEqual([]);
  });

  it('rows without advantage leave the adapter exactly as it was', async () => {
    const trainer = createTrainer();
    await trainStep(trainer, [row([1, 2], 0), row([3], 0)], { ...DEFAULT_TRAINING, learningRate: 0.1 }, 0, signal);
    expect(trainer.adapter.flat().map(Math.abs)).toEqual(Array<number>(VOCAB * VOCAB).fill(0));
  });
});

describe('learning', () => {
  const TARGET = 3;
  const GROUP = 8;

  function drawFrom(probabilities: readonly number[], rng: Rng): number {
    let rest = rng.uniform();
    const drawn = probabilities.findIndex((p) => (rest -= p) < 0);
    return drawn === -1 ? probabilities.length - 1 : drawn;
  }

  /** Probability of the target after some steps of a bandit that starts even. */
  async function train(
    seed: number,
    rewardsOf: (actions: readonly number[], rng: Rng) => number[],
    numSteps: number,
  ): Promise<number> {
    const rng = createRng(seed);
    const trainer = new FakeTrainer(Array.from({ length: VOCAB }, () => Array<number>(VOCAB).fill(0)));
    const settings = { ...DEFAULT_TRAINING, learningRate: 0.1 };
    for (let step = 0; step < numSteps; step++) {
      const actions = Array.from({ length: GROUP }, () => drawFrom(trainer.policy(0), rng));
      const rewards = rewardsOf(actions, rng).map((reward) => [reward]);
      const { advantages } = advantagesOf(
        rewards,
        actions.map(() => 0),
        settings,
      );
      await trainStep(
        trainer,
        actions.map((action, i) => row([action], at(advantages, i))),
        settings,
        step,
        signal,
      );
    }
    return at(trainer.policy(0), TARGET);
  }

  const toyReward = (actions: readonly number[]): number[] => actions.map((action) => (action === TARGET ? 1 : 0));

  function shuffled(values: readonly number[], rng: Rng): number[] {
    const rest = [...values];
    return values.map(() => at(rest.splice(rng.integer(rest.length), 1), 0));
  }

  it('a toy reward makes its token likely', async () => {
    for (const seed of [1, 2, 3]) expect(await train(seed, toyReward, 60)).toBeGreaterThan(0.9);
  });

  it('a constant reward changes nothing', async () => {
    expect(await train(1, (actions) => actions.map(() => 0.7), 20)).toBe(1 / VOCAB);
  });

  it('shuffled rewards teach nothing', async () => {
    const seeds = Array.from({ length: 60 }, (_, i) => i + 1);
    const ends = await Promise.all(
      seeds.map((seed) => train(seed, (actions, rng) => shuffled(toyReward(actions), rng), 20)),
    );
    expect(ends.reduce((sum, end) => sum + end, 0) / seeds.length).toBeCloseTo(1 / VOCAB, 1);
  });

  it("a bandit's mean gradient is -pi_j (r_j - mean r)", async () => {
    const trainer = createTrainer(4);
    const pi = trainer.policy(0);
    const reward = [0.3, -1, 2, 0.5, 0];
    const baseline = pi.reduce((sum, p, j) => sum + p * at(reward, j), 0);
    // Every action once, its advantage weighted by its probability: the expectation over actions.
    const rows = pi.map((p, j) => row([j], VOCAB * p * (at(reward, j) - baseline)));
    await gradientsOf(trainer, rows, DEFAULT_TRAINING, signal);
    const [gradients] = await trainer.readGradients();
    for (const [j, p] of pi.entries())
      expect(at(gradients?.values ?? [], j)).toBeCloseTo(-p * (at(reward, j) - baseline), 6);
  });

  it('supervised rows become likely', async () => {
    const trainer = createTrainer();
    const settings = { ...DEFAULT_TRAINING, lossType: 'sft', learningRate: 0.2 } as const;
    const losses: number[] = [];
    for (let step = 0; step < 40; step++)
      losses.push((await trainStep(trainer, [row([1, 2, 3], 0)], settings, step, signal)).loss);
    expect(losses.at(-1)).toBeLessThan(0.1);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
  });
});
