/** One update of an adapter from rows with advantages. */
import type { PassOptions, Trainer } from '@/engine/generation/trainer.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  GradientReport,
  RowLogProbs,
  StepReport,
  TensorNorm,
  TrainingRow,
  TrainingSettings,
} from '@/protocol/training.ts';
import { learningRateAt } from './learning-rate.ts';
import { objectiveMetrics } from './objective-metrics.ts';
import { rowObjective, usesReference, type RowObjective } from './objective.ts';
import { planObjective } from './plan-objective.ts';

const NO_TOKENS: RowLogProbs = { logProbs: [], entropies: [] };

/**
 * The loss of a batch, and its gradient, which stays in the trainer. Nothing is updated.
 *
 * @param rows  of one update
 * @param step  updates made so far; with the seed it picks the dropout masks
 * @throws {Failure} 'trainingDiverged' if loss or gradient is not finite; 'cancelled'
 */
export async function gradientsOf(
  trainer: Trainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
  signal: AbortSignal,
  step = 0,
): Promise<GradientReport> {
  const options = passOptions(settings, signal);
  const withReference = usesReference(settings) ? await addReference(trainer, rows, options) : rows;
  const plan = planObjective(withReference, settings);
  // Rows without a completion take no pass; they still count as rows.
  const indices = [...rows.keys()].filter((i) => at(rows, i).completionIds.length > 0);
  const objectives = new Map<number, RowObjective>();
  for (const i of rows.keys()) if (!indices.includes(i)) objectives.set(i, rowObjective(plan, i, NO_TOKENS));

  trainer.clearGradients();
  const results = await trainer.accumulate(
    indices.map((i) => at(rows, i)),
    (k, result) => {
      const objective = rowObjective(plan, at(indices, k), result);
      objectives.set(at(indices, k), objective);
      return { logProbs: objective.logProbGradients };
    },
    dropoutSeed(settings.seed, step),
    options,
  );
  const tensorNorms = await trainer.gradientNorms();
  throwIfCancelled(signal);

  const resultOf = new Map(indices.map((i, k) => [i, at(results, k)]));
  const rowResults = rows.map((_, i) => resultOf.get(i) ?? NO_TOKENS);
  const inOrder = rows.map((_, i) => objectiveOf(objectives, i));
  const loss = inOrder.reduce((sum, objective) => sum + objective.loss, 0);
  throwIfDiverged(loss, tensorNorms, step);
  return {
    loss,
    gradNorm: Math.hypot(...tensorNorms.map(({ l2 }) => l2)),
    tensorNorms,
    metrics: objectiveMetrics(plan, rowResults, inOrder),
    rows: rowResults,
    refLogProbs: usesReference(settings) ? withReference.map(({ refLogProbs }) => refLogProbs ?? []) : [],
    logProbGradients: inOrder.map(({ logProbGradients }) => logProbGradients),
  };
}

/**
 * One update: gradient, clipping of its norm, AdamW.
 *
 *   g *= min(1, maxGradNorm / (|g| + 1e-6))
 *
 * @param step  updates made so far
 * @throws {Failure} 'trainingDiverged' before anything is updated; 'cancelled'
 */
export async function trainStep(
  trainer: Trainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
  step: number,
  signal: AbortSignal,
): Promise<StepReport> {
  const startMs = performance.now();
  const report = await gradientsOf(trainer, rows, settings, signal, step);
  const { maxGradNorm } = settings;
  const clipCoefficient = maxGradNorm === null ? 1 : Math.min(1, maxGradNorm / (report.gradNorm + 1e-6));
  const learningRate = learningRateAt(step, settings);
  trainer.update({
    learningRate,
    beta1: settings.adamBeta1,
    beta2: settings.adamBeta2,
    eps: settings.adamEpsilon,
    weightDecay: settings.weightDecay,
    step: step + 1,
    gradientScale: clipCoefficient,
  });
  return { ...report, step: step + 1, learningRate, clipCoefficient, stepMs: performance.now() - startMs };
}

/**
 * `numIterations` updates from one batch of rollouts. Old log-probabilities stay as they were before the first of them.
 *
 * @param step  updates made before this batch
 */
export async function* trainOnBatch(
  trainer: Trainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
  step: number,
  signal: AbortSignal,
): AsyncGenerator<StepReport, void, void> {
  let batch = rows;
  for (let iteration = 0; iteration < settings.numIterations; iteration++) {
    const report = await trainStep(trainer, batch, settings, step + iteration, signal);
    batch = batch.map((row, i) => {
      const refLogProbs = row.refLogProbs ?? report.refLogProbs[i];
      return {
        ...row,
        oldLogProbs: row.oldLogProbs ?? at(report.rows, i).logProbs,
        ...(refLogProbs && { refLogProbs }),
      };
    });
    yield report;
  }
}

export function passOptions(settings: TrainingSettings, signal: AbortSignal): PassOptions {
  const { temperature, gradientCheckpointing, logitChunkSize, tokensPerPass } = settings;
  return { temperature, gradientCheckpointing, logitChunkSize, tokensPerPass, signal };
}

/** Rows with their log-probabilities without the adapter; only those that lack them are computed. */
async function addReference(
  trainer: Trainer,
  rows: readonly TrainingRow[],
  options: PassOptions,
): Promise<TrainingRow[]> {
  const lacking = rows.filter(({ refLogProbs, completionIds }) => !refLogProbs && completionIds.length > 0);
  const results = lacking.length === 0 ? [] : await trainer.logProbs(lacking, 'off', options);
  const found = new Map(lacking.map((row, k) => [row, at(results, k).logProbs]));
  return rows.map((row) => ({ ...row, refLogProbs: row.refLogProbs ?? found.get(row) ?? [] }));
}

/** Another one for every step; a step that is repeated has its own again. */
function dropoutSeed(seed: number, step: number): number {
  return (seed ^ Math.imul(step + 1, 0x9e37_79b1)) >>> 0;
}

function objectiveOf(objectives: ReadonlyMap<number, RowObjective>, rowIndex: number): RowObjective {
  const objective = objectives.get(rowIndex);
  if (objective === undefined) throw new Error(`The trainer left out row ${rowIndex}.`);
  return objective;
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The training step was stopped.');
}

function throwIfDiverged(loss: number, tensorNorms: readonly TensorNorm[], step: number): void {
  const tensor = tensorNorms.find(({ l2 }) => !Number.isFinite(l2))?.name;
  if (tensor === undefined && Number.isFinite(loss)) return;
  const fault = tensor === undefined ? '' : `; the first such gradient is that of ${tensor}`;
  throw new Failure<FailureCode>(
    'trainingDiverged',
    `Step ${step + 1} gave numbers that are not finite: the loss is ${loss}${fault}.`,
    { step: step + 1, loss: String(loss), ...(tensor !== undefined && { tensor }) },
  );
}
