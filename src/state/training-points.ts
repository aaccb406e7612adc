/** Values over steps, and what charts do with them. */
import { STEP_PHASES, type TrainingStepSummary } from '@/protocol/negotiation-training.ts';
import { METRIC_KEYS, phaseKey } from './training-metrics.ts';

export type StepNumbers = Pick<TrainingStepSummary, 'step' | 'metrics' | 'phaseSeconds'>;

export interface Point {
  readonly step: number;
  readonly value: number;
}

/** First and last step that are shown, both included. */
export interface StepRange {
  readonly first: number;
  readonly last: number;
}

/** More points are slow to draw and no finer than the screen. */
export const MAX_POINTS = 500;

const PHASE_OF_KEY = new Map(STEP_PHASES.map((phase) => [phaseKey(phase), phase]));

/** A number of a step, by its metric's key or a phase's; of several keys the sum of those that are known. */
export function valueOf(step: StepNumbers, keys: readonly string[]): number | undefined {
  const values = keys.flatMap((key) => {
    const phase = PHASE_OF_KEY.get(key);
    const value = phase === undefined ? step.metrics[key] : step.phaseSeconds[phase];
    return value === undefined || !Number.isFinite(value) ? [] : [value];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** Steps without a value are left out. */
export function pointsOf(steps: readonly StepNumbers[], keys: readonly string[]): readonly Point[] {
  return steps.flatMap((step) => {
    const value = valueOf(step, keys);
    return value === undefined ? [] : [{ step: step.step, value }];
  });
}

/**
 * Exponential moving average as TensorBoard draws it: without the pull towards 0 that the first points would have.
 *
 *   s[n] = w s[n-1] + (1 - w) v[n],  s[-1] = 0;   shown: s[n] / (1 - w^(n+1))
 *
 * @param weight  w, 0 (as it is) to 0.99
 */
export function smoothed(points: readonly Point[], weight: number): readonly Point[] {
  if (weight <= 0) return points;
  let sum = 0;
  let rest = 1;
  return points.map(({ step, value }) => {
    sum = weight * sum + (1 - weight) * value;
    rest *= weight;
    return { step, value: sum / (1 - rest) };
  });
}

/** Null while no run has a step. */
export function rangeOf(runs: readonly { readonly steps: readonly StepNumbers[] }[]): StepRange | null {
  const numbers = runs.flatMap(({ steps }) => [steps[0]?.step ?? [], steps.at(-1)?.step ?? []].flat());
  return numbers.length === 0 ? null : { first: Math.min(...numbers), last: Math.max(...numbers) };
}

/** Steps that one point stands for. */
export function stepsPerPoint({ first, last }: StepRange, maxPoints = MAX_POINTS): number {
  return Math.max(1, Math.ceil((last - first + 1) / maxPoints));
}

/**
 * At most `maxPoints` points: each the mean of neighbouring steps, at the last of them. The same range gives the same
 * steps, so that runs and charts can be laid over each other. What is outside the range is left out.
 */
export function thinned(points: readonly Point[], range: StepRange, maxPoints = MAX_POINTS): readonly Point[] {
  const size = stepsPerPoint(range, maxPoints);
  const inRange = points.filter(({ step }) => step >= range.first && step <= range.last);
  if (size === 1) return inRange;
  const buckets = new Map<number, number[]>();
  for (const { step, value } of inRange) {
    const end = Math.min(range.last, range.first + size * (Math.floor((step - range.first) / size) + 1) - 1);
    const bucket = buckets.get(end);
    if (bucket === undefined) buckets.set(end, [value]);
    else bucket.push(value);
  }
  return [...buckets].map(([step, values]) => ({ step, value: meanOf(values) ?? 0 }));
}

/** What a logarithmic axis can show. */
export function positive(points: readonly Point[]): readonly Point[] {
  return points.filter(({ value }) => value > 0);
}

const COLLAPSE_STEPS = 10;
const COLLAPSE_SHARE = 0.1;

/**
 * Whether ten steps in a row had a reward spread below a tenth of the mean of the first ten: all dialogues of a group are
 * scored alike, and what is still learned is noise. Steps without a spread are left out. RAGEN-2's stop rule.
 */
export function hasCollapsed(steps: readonly StepNumbers[]): boolean {
  const stds = pointsOf(steps, ['reward_std']).map(({ value }) => value);
  if (stds.length < COLLAPSE_STEPS) return false;
  const limit = COLLAPSE_SHARE * (meanOf(stds.slice(0, COLLAPSE_STEPS)) ?? 0);
  let inRow = 0;
  for (const std of stds) {
    inRow = std < limit ? inRow + 1 : 0;
    if (inRow === COLLAPSE_STEPS) return true;
  }
  return false;
}

export interface StepsSummary {
  /** Means of the last five steps, of a shorter run's second half; null where no step has a value. */
  readonly reward: number | null;
  readonly agreementRate: number | null;
  readonly secondsPerStep: number | null;
  /** Reward against the first five steps, or the first half; null with fewer than two. */
  readonly rewardChange: number | null;
}

const SUMMARY_STEPS = 5;

/** What a run has come to. */
export function summaryOf(steps: readonly StepNumbers[]): StepsSummary {
  const half = Math.min(SUMMARY_STEPS, Math.max(1, Math.floor(steps.length / 2)));
  const last = steps.slice(-half);
  const mean = (some: readonly StepNumbers[], key: string): number | null =>
    meanOf(pointsOf(some, [key]).map(({ value }) => value));
  const [reward, before] = [mean(last, 'reward'), mean(steps.slice(0, half), 'reward')];
  return {
    reward,
    agreementRate: mean(last, 'agreement_rate'),
    secondsPerStep: mean(last, 'step_time'),
    rewardChange: steps.length < 2 || reward === null || before === null ? null : reward - before,
  };
}

interface NamedRun {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly TrainingStepSummary[];
}

/** All numbers of all runs as a table: a head, then one line per run and step. Null: not known. */
export function linesOfRuns(runs: readonly NamedRun[]): readonly (readonly (string | number | null)[])[] {
  const steps = runs.flatMap((run) => run.steps.map((step) => ({ run, step })));
  const found = new Set(steps.flatMap(({ step }) => Object.keys(step.metrics)));
  const ours = METRIC_KEYS.filter((key) => !PHASE_OF_KEY.has(key));
  const others = [...found].filter((key) => !ours.includes(key)).toSorted();
  const keys = [...ours.filter((key) => found.has(key)), ...others, ...PHASE_OF_KEY.keys()];
  return [
    ['run_id', 'run', 'step', 'updates', 'tasks', ...keys],
    ...steps.map(({ run, step }) => [
      run.id,
      run.name,
      step.step,
      step.updates,
      step.tasks.map(({ dilemma, pair }) => `${dilemma} ${pair}`).join('; '),
      ...keys.map((key) => valueOf(step, [key]) ?? null),
    ]),
  ];
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
