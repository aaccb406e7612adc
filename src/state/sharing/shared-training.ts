/**
 * A training run as it is handed on, field by field: its numbers and the dialogues of its shown steps. Where a judge's
 * server is, and the visitor's other dilemmas and personas, stay here.
 */
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import type { NegotiationTrainingPlan, NegotiationTrainingStep, TrainingRun } from '@/protocol/negotiation-training.ts';
import type { SharedReplay } from '@/protocol/shared-content.ts';
import type { TrainingRecording } from '@/protocol/training-recording.ts';
import type { AppState } from '../app-store.ts';
import { shownRun } from '../negotiation-training-slice.ts';

/** The run that is shown with its shown step, or the opened recording; null where there is neither. */
export function sharedTraining(
  state: Pick<AppState, 'openedRun' | 'negotiationTraining' | 'trainingRecording'>,
): SharedReplay | null {
  const { trainingRecording } = state;
  if (trainingRecording !== null) return { of: 'training', recording: withoutPrivate(trainingRecording) };
  const { run, step } = shownRun(state) ?? { run: null, step: null };
  if (run === null || step === null) return null;
  const recording: TrainingRecording = {
    format: 'duet-training-recording-1',
    name: run.name,
    note: `Step ${step.step} with its dialogues, and the numbers of all ${run.steps.length}.`,
    madeBy: 'a visitor of Duet',
    createdAt: run.updatedAt,
    device: run.device,
    run,
    steps: [step],
  };
  return { of: 'training', recording: withoutPrivate(recording) };
}

function withoutPrivate({
  format,
  name,
  note,
  madeBy,
  createdAt,
  device,
  run,
  steps,
}: TrainingRecording): TrainingRecording {
  return { format, name, note, madeBy, createdAt, device, run: sharedRun(run, steps), steps };
}

function sharedRun(
  { format, id, name, adapterId, model, device, createdAt, updatedAt, plan, parent, steps }: TrainingRun,
  shown: readonly NegotiationTrainingStep[],
): TrainingRun {
  const groups = shown.flatMap((step) => step.groups);
  const dilemmas = new Set(groups.map(({ dilemma }) => dilemma.id));
  const pairs = new Set(groups.map(({ pair }) => pair.id));
  const isKnown = (task: { readonly dilemma: string; readonly pair: string }): boolean =>
    (dilemmas.has(task.dilemma) || isOneOf(DILEMMAS, task.dilemma)) &&
    (pairs.has(task.pair) || isOneOf(PERSONA_PAIRS, task.pair));
  return {
    format,
    id,
    name,
    adapterId,
    model,
    device,
    createdAt,
    updatedAt,
    plan: sharedPlan(plan, dilemmas, pairs),
    parent,
    steps: steps.map(({ step, updates, metrics, phaseSeconds, tasks }) => ({
      step,
      updates,
      metrics,
      phaseSeconds,
      // Ids of the visitor's own are made of their words.
      tasks: tasks.filter(isKnown),
    })),
  };
}

function sharedPlan(
  { judge, agreement, ...plan }: NegotiationTrainingPlan,
  dilemmas: ReadonlySet<string>,
  pairs: ReadonlySet<string>,
): NegotiationTrainingPlan {
  return {
    method: plan.method,
    dilemmas: plan.dilemmas.filter(({ id }) => dilemmas.has(id)),
    pairs: plan.pairs.filter(({ id }) => pairs.has(id)),
    settings: plan.settings,
    training: plan.training,
    lora: plan.lora,
    // That it was a server is said; which one is not.
    judge: judge.kind === 'endpoint' ? { kind: 'endpoint', url: '', model: '' } : judge,
    agreement: agreement?.kind === 'endpoint' ? null : agreement,
    templates: plan.templates,
    groupsPerStep: plan.groupsPerStep,
    steps: plan.steps,
    checkpointEvery: plan.checkpointEvery,
    checkpointsKept: plan.checkpointsKept,
    measuresChange: plan.measuresChange,
    trainsThoughts: plan.trainsThoughts,
  };
}

function isOneOf(items: readonly { readonly id: string }[], id: string): boolean {
  return items.some((item) => item.id === id);
}
