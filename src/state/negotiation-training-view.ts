/** What the page shows of a run that trains: one record, made from the worker's events by pure steps. */
import { assertNever } from '@/lib/assert.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { HumanQuestion } from '@/protocol/negotiation-api.ts';
import type {
  NegotiationTrainingEvent,
  NegotiationTrainingStep,
  StepProgress,
  TrainingRun,
  TrainingStepSummary,
} from '@/protocol/negotiation-training.ts';
import type { CheckpointInfo } from '@/protocol/training-api.ts';
import { applyRolloutEvent, completeRun, NO_ROLLOUT, startedGroup, type RolloutView } from './negotiation-view.ts';

export type TrainingPhase = 'idle' | 'preparing' | 'running' | 'paused' | 'complete' | 'stopped' | 'failed';

export interface TrainingView {
  readonly phase: TrainingPhase;
  /** What was asked for, before there is a run. */
  readonly name: string;
  readonly run: TrainingRun | null;
  /** Of the step under way, from 1 on; 0 before the first. */
  readonly step: number;
  readonly progress: StepProgress | null;
  /** Index of the group that negotiates, and how many the step has. */
  readonly group: number;
  readonly numGroups: number;
  readonly live: RolloutView;
  /** The last one that is over, with all that happened in it. */
  readonly lastStep: NegotiationTrainingStep | null;
  readonly checkpoint: { readonly info: CheckpointInfo; readonly runStep: number } | null;
  readonly questions: readonly HumanQuestion[];
  readonly failure: FailureMessage | null;
  /** Opened from a file that was recorded elsewhere. */
  readonly isRecorded: boolean;
}

export const NO_TRAINING: TrainingView = {
  phase: 'idle',
  name: '',
  run: null,
  step: 0,
  progress: null,
  group: 0,
  numGroups: 1,
  live: NO_ROLLOUT,
  lastStep: null,
  checkpoint: null,
  questions: [],
  failure: null,
  isRecorded: false,
};

export function isTraining({ phase }: Pick<TrainingView, 'phase'>): boolean {
  return phase === 'preparing' || phase === 'running' || phase === 'paused';
}

export function startedTraining(name: string): TrainingView {
  return { ...NO_TRAINING, phase: 'preparing', name };
}

export function applyTrainingEvent(view: TrainingView, event: NegotiationTrainingEvent): TrainingView {
  switch (event.kind) {
    case 'prepared':
      return { ...view, phase: 'running', run: event.run, name: event.run.name, step: event.run.steps.length };
    case 'stepStarted':
      return { ...view, step: event.step, numGroups: event.numGroups, group: 0, live: NO_ROLLOUT };
    case 'groupStarted':
      return { ...view, group: event.group, live: startedGroup(view.live, event.head) };
    case 'rollout':
      return { ...view, live: applyRolloutEvent(view.live, event.event) };
    case 'groupEnded':
      return { ...view, live: completeRun(view.live, event.record, false) };
    case 'progress':
      return { ...view, progress: event.progress };
    case 'stepped':
      return withStep(view, event.step);
    case 'saved':
      return { ...view, checkpoint: { info: event.checkpoint, runStep: event.runStep } };
    case 'humanAsked':
      return { ...view, questions: event.open };
    case 'paceChanged':
      return isTraining(view) ? { ...view, phase: event.isPaused ? 'paused' : 'running' } : view;
    default:
      return assertNever(event);
  }
}

function withStep(view: TrainingView, record: NegotiationTrainingStep): TrainingView {
  if (view.run === null) return view;
  const steps = [...view.run.steps, summaryOfStep(record)];
  return { ...view, run: { ...view.run, steps }, lastStep: record };
}

/** The numbers of a step without what happened in it. */
export function summaryOfStep({
  step,
  updates,
  metrics,
  phaseSeconds,
  tasks,
}: TrainingStepSummary): TrainingStepSummary {
  return { step, updates, metrics, phaseSeconds, tasks };
}

export function completeTraining(view: TrainingView, run: TrainingRun): TrainingView {
  const isWhole = run.steps.length >= run.plan.steps;
  return { ...view, phase: isWhole ? 'complete' : 'stopped', run, progress: null, questions: [] };
}

/** A run that was stopped keeps its finished steps; it did not fail. */
export function endedTraining(view: TrainingView, failure: FailureMessage): TrainingView {
  const isStopped = failure.code === 'cancelled';
  return {
    ...view,
    phase: isStopped ? 'stopped' : 'failed',
    progress: null,
    questions: [],
    failure: isStopped ? null : failure,
  };
}
