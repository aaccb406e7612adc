/** The state of a training in words. */
import { assertNever } from '@/lib/assert.ts';
import type { StepPhase } from '@/protocol/negotiation-training.ts';
import type { Seat } from '@/state/negotiation-seat.ts';
import type { OpenedRun } from '@/state/negotiation-training-slice.ts';
import type { TrainingView } from '@/state/negotiation-training-view.ts';
import { formatDuration } from '@/ui/format.ts';

const PHASES: Readonly<Record<StepPhase, string>> = {
  rollout: 'negotiating',
  judge: 'judging',
  reference: 'reading without the adapter',
  forward: 'forward',
  backward: 'backward',
  update: 'update',
  measure: 'measuring the change',
  save: 'saving',
};

export interface TrainingStatus {
  readonly kind: 'idle' | 'running' | 'paused' | 'done' | 'stopped' | 'failed';
  readonly label: string;
  readonly detail: string;
  /** 0 to 100, of the run; null where nothing runs. */
  readonly percent: number | null;
}

/** A run that is looked at, while none trains. */
export function openedStatus({ run, isRecorded }: OpenedRun): TrainingStatus {
  return resting(
    'idle',
    isRecorded ? 'Recorded' : 'Kept',
    `“${run.name}”, ${run.steps.length} of ${run.plan.steps} steps`,
  );
}

/** @param estimatedSeconds  of the run at most, by the probes before it; null: not known */
export function trainingStatus(view: TrainingView, estimatedSeconds: number | null): TrainingStatus {
  const { phase, run, name, step, progress } = view;
  const planned = run?.plan.steps ?? 0;
  const made = run?.steps.length ?? 0;
  const done = `${made} of ${planned} steps`;
  switch (phase) {
    case 'idle':
      return resting('idle', 'No training yet', '');
    case 'preparing':
      return { kind: 'running', label: 'Preparing', detail: `“${name}”`, percent: 0 };
    case 'running':
    case 'paused': {
      const label = `${phase === 'paused' ? 'Paused in step' : 'Step'} ${step} of ${planned}`;
      const parts = [withinText(view), leftText(progress?.secondsLeft ?? null, estimatedSeconds)];
      const percent = planned === 0 ? 0 : ((made + shareOfStep(view)) / planned) * 100;
      return { kind: phase, label, detail: parts.filter((part) => part !== '').join(' · '), percent };
    }
    case 'complete':
      return resting('done', 'Complete', `“${name}”, ${done}`);
    case 'stopped':
      return resting('stopped', 'Stopped', stoppedText(view, done));
    case 'failed':
      return resting('failed', 'Failed', run === null ? '' : `${done} are kept`);
    default:
      return assertNever(phase);
  }
}

function resting(kind: TrainingStatus['kind'], label: string, detail: string): TrainingStatus {
  return { kind, label, detail, percent: null };
}

function stoppedText({ run, name }: TrainingView, done: string): string {
  const hasSteps = (run?.steps.length ?? 0) > 0;
  return hasSteps ? `“${name}”, ${done}; they are kept` : 'no step was finished; the adapter is as it was';
}

function withinText({ progress, numGroups, group }: TrainingView): string {
  if (progress === null) return 'beginning';
  const which = progress.phase === 'rollout' && numGroups > 1 ? ` group ${group + 1} of ${numGroups},` : '';
  const name = `${PHASES[progress.phase]}${which}`;
  return progress.phase === 'update' || progress.phase === 'save' || progress.phase === 'judge'
    ? name
    : `${name} ${Math.round(progress.done * 100)} %`;
}

function leftText(secondsLeft: number | null, estimatedSeconds: number | null): string {
  if (secondsLeft !== null) return `about ${formatDuration(secondsLeft)} left`;
  return estimatedSeconds === null ? '' : `at most ${formatDuration(estimatedSeconds)} in all`;
}

/** By the phases' usual shares of a step's time. */
const SHARES: Readonly<Record<StepPhase, readonly [from: number, size: number]>> = {
  rollout: [0, 0.5],
  judge: [0.5, 0.05],
  reference: [0.55, 0.05],
  forward: [0.6, 0.1],
  backward: [0.7, 0.2],
  update: [0.9, 0],
  measure: [0.9, 0.1],
  save: [1, 0],
};

function shareOfStep({ progress, run, step }: TrainingView): number {
  // A step that is over is counted already.
  if (progress === null || (run?.steps.length ?? 0) >= step) return 0;
  const [from, size] = SHARES[progress.phase];
  return from + size * progress.done;
}

/** @param seat  what negotiates now. @param noModel  why no model can be used */
export function whyNotToTrain(seat: Seat | null, noModel: string | null): string | null {
  if (noModel !== null) return noModel;
  switch (seat) {
    case null:
      return null;
    case 'training':
      return 'A training runs already.';
    case 'dialogues':
      return 'Possible once the group in Dialogues is over.';
    case 'evaluation':
      return 'Possible once the evaluation is over.';
    default:
      return assertNever(seat);
  }
}
