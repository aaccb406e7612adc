/** What the page shows of a fine-tuning run: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { MadeByModel } from '@/protocol/made-by-model.ts';
import type {
  CheckpointInfo,
  FineTuneEstimate,
  FineTuneEvent,
  FineTuneRequest,
  FineTuneSummary,
  TrainingProgress,
} from '@/protocol/training-api.ts';

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
}

export interface FineTuneView {
  readonly phase: 'idle' | 'running' | 'complete' | 'stopped' | 'failed';
  /** What was asked for; null before. */
  readonly request: FineTuneRequest | null;
  /** Null before, or where nobody knows. */
  readonly madeBy: MadeByModel | null;
  readonly adapterId: string;
  readonly adapterName: string;
  /** Steps that were asked for. */
  readonly steps: number;
  /** What was read; null until the worker has said so. */
  readonly read: FineTuneEstimate | null;
  /** Within the step that is being made. */
  readonly progress: TrainingProgress | null;
  /** One for each finished step; `step` counts all updates of the adapter. */
  readonly points: readonly LossPoint[];
  readonly secondsLeft: number | null;
  readonly checkpoint: CheckpointInfo | null;
  readonly failure: FailureMessage | null;
}

export const NO_FINE_TUNE: FineTuneView = {
  phase: 'idle',
  request: null,
  madeBy: null,
  adapterId: '',
  adapterName: '',
  steps: 0,
  read: null,
  progress: null,
  points: [],
  secondsLeft: null,
  checkpoint: null,
  failure: null,
};

export function startedFineTune(
  request: FineTuneRequest,
  adapter: { readonly id: string; readonly name: string },
  madeBy: MadeByModel | null,
): FineTuneView {
  const { id: adapterId, name: adapterName } = adapter;
  return { ...NO_FINE_TUNE, phase: 'running', request, madeBy, adapterId, adapterName, steps: request.steps };
}

export function applyFineTuneEvent(view: FineTuneView, event: FineTuneEvent): FineTuneView {
  switch (event.kind) {
    case 'read': {
      const { numExamples, numTokens, notes, estimate } = event;
      const secondsLeft = estimate.secondsPerStep * view.steps;
      return { ...view, read: { numExamples, numTokens, notes, estimate }, secondsLeft };
    }
    case 'progress':
      return { ...view, progress: event.progress };
    case 'stepped': {
      const { step, loss, gradNorm, learningRate, secondsLeft } = event;
      const points = [...view.points, { step, loss, gradNorm, learningRate }];
      return { ...view, points, secondsLeft, progress: null };
    }
    case 'saved':
      return { ...view, checkpoint: event.checkpoint };
    default:
      return assertNever(event);
  }
}

export function completeFineTune(view: FineTuneView): FineTuneView {
  return { ...view, phase: 'complete', progress: null, secondsLeft: null };
}

/** A run that was stopped keeps its finished steps; it did not fail. */
export function endedFineTune(view: FineTuneView, failure: FailureMessage): FineTuneView {
  const isStopped = failure.code === 'cancelled';
  return {
    ...view,
    phase: isStopped ? 'stopped' : 'failed',
    progress: null,
    secondsLeft: null,
    failure: isStopped ? null : failure,
  };
}

/** First and last loss of the steps that were made; null when none was. */
export function summaryOf({ points }: Pick<FineTuneView, 'points'>): FineTuneSummary | null {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  return { steps: points.length, firstLoss: first.loss, lastLoss: last.loss };
}

/**
 * At most `maxPoints` points of a long run: each the mean of neighbouring steps, at the last of them. Short runs are as
 * they are.
 */
export function thinnedPoints(points: readonly LossPoint[], maxPoints: number): readonly LossPoint[] {
  const size = Math.ceil(points.length / maxPoints);
  if (size <= 1) return points;
  const thinned: LossPoint[] = [];
  for (let from = 0; from < points.length; from += size) {
    const bucket = points.slice(from, from + size);
    const meanOf = (key: keyof LossPoint): number => bucket.reduce((sum, point) => sum + point[key], 0) / bucket.length;
    thinned.push({
      step: bucket.at(-1)?.step ?? 0,
      loss: meanOf('loss'),
      gradNorm: meanOf('gradNorm'),
      learningRate: meanOf('learningRate'),
    });
  }
  return thinned;
}
