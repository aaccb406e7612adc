import type { StateCreator } from 'zustand';
import type { FailureMessage } from '@/protocol/failures.ts';
import type {
  NegotiationTrainingEstimate,
  NegotiationTrainingEvent,
  NegotiationTrainingStep,
  StoredTrainingRun,
  TrainingRun,
} from '@/protocol/negotiation-training.ts';
import type { TrainingRecording } from '@/protocol/training-recording.ts';
import { toStoredFailure } from './failure-message.ts';
import { FIRST_TRAINING_FORM, type TrainingForm } from './negotiation-training-form.ts';
import {
  applyTrainingEvent,
  completeTraining,
  endedTraining,
  NO_TRAINING,
  startedTraining,
  type TrainingView,
} from './negotiation-training-view.ts';

export type RunEstimate =
  | { readonly phase: 'none' }
  | { readonly phase: 'running' }
  | { readonly phase: 'known'; readonly estimate: NegotiationTrainingEstimate }
  | { readonly phase: 'failed'; readonly failure: FailureMessage };

interface ErrorLike {
  readonly code: string;
  readonly message: string;
}

/** A run that is looked at: one of those that are kept, or a recorded one. */
export interface OpenedRun {
  readonly run: TrainingRun;
  readonly step: NegotiationTrainingStep | null;
  readonly isRecorded: boolean;
}

export interface NegotiationTrainingSlice {
  readonly trainingForm: TrainingForm;
  readonly trainingEstimate: RunEstimate;
  readonly negotiationTraining: TrainingView;
  /** Newest first; null until the engine was asked. */
  readonly trainingRuns: readonly StoredTrainingRun[] | null;
  /** Null: the run that trains, or trained last. */
  readonly openedRun: OpenedRun | null;
  /** Where `openedRun` comes from, if it was recorded elsewhere. */
  readonly trainingRecording: TrainingRecording | null;
  /** Ids of runs that are drawn over the shown one. */
  readonly overlaidRuns: readonly string[];
  readonly trainingFormChanged: (change: Partial<TrainingForm>) => void;
  readonly trainingEstimateChanged: (estimate: RunEstimate) => void;
  readonly trainingRunsListed: (runs: readonly StoredTrainingRun[]) => void;
  readonly trainingRunOpened: (opened: OpenedRun | null) => void;
  readonly trainingRecordingOpened: (recording: TrainingRecording) => void;
  /** A step of the recording, by its number. */
  readonly recordedStepOpened: (step: number) => void;
  readonly trainingStepOpened: (step: NegotiationTrainingStep | null) => void;
  readonly runsOverlaid: (ids: readonly string[]) => void;
  readonly trainingStarted: (name: string) => void;
  readonly trainingEventsArrived: (events: readonly NegotiationTrainingEvent[]) => void;
  readonly trainingCompleted: (run: TrainingRun) => void;
  /** Stopped (code 'cancelled') or failed. */
  readonly trainingEnded: (failure: ErrorLike) => void;
}

export const createNegotiationTrainingSlice: StateCreator<NegotiationTrainingSlice> = (set) => {
  const update = (change: (view: TrainingView) => TrainingView): void =>
    set(({ negotiationTraining }) => ({ negotiationTraining: change(negotiationTraining) }));
  return {
    trainingForm: FIRST_TRAINING_FORM,
    trainingEstimate: { phase: 'none' },
    negotiationTraining: NO_TRAINING,
    trainingRuns: null,
    openedRun: null,
    trainingRecording: null,
    overlaidRuns: [],
    trainingFormChanged: (change) =>
      set(({ trainingForm }) => ({
        trainingForm: { ...trainingForm, ...change },
        trainingEstimate: { phase: 'none' },
      })),
    trainingEstimateChanged: (trainingEstimate) =>
      // A change of the form while the engine reckons makes the answer one of another form.
      set((state) =>
        trainingEstimate.phase === 'running' || state.trainingEstimate.phase === 'running' ? { trainingEstimate } : {},
      ),
    trainingRunsListed: (trainingRuns) =>
      set(({ overlaidRuns }) => ({
        trainingRuns,
        overlaidRuns: overlaidRuns.filter((id) => trainingRuns.some((run) => run.id === id)),
      })),
    trainingRunOpened: (openedRun) => set({ openedRun, trainingRecording: null }),
    trainingRecordingOpened: (trainingRecording) =>
      set({
        trainingRecording,
        openedRun: { run: trainingRecording.run, step: trainingRecording.steps.at(-1) ?? null, isRecorded: true },
      }),
    recordedStepOpened: (number) =>
      set(({ openedRun, trainingRecording }) => {
        const step = trainingRecording?.steps.find((one) => one.step === number) ?? null;
        return openedRun === null ? {} : { openedRun: { ...openedRun, step } };
      }),
    trainingStepOpened: (step) =>
      set(({ openedRun, negotiationTraining }) =>
        openedRun === null
          ? { negotiationTraining: { ...negotiationTraining, lastStep: step } }
          : { openedRun: { ...openedRun, step } },
      ),
    runsOverlaid: (overlaidRuns) => set({ overlaidRuns }),
    trainingStarted: (name) =>
      set({
        negotiationTraining: startedTraining(name),
        openedRun: null,
        trainingRecording: null,
      }),
    trainingEventsArrived: (events) => update((view) => events.reduce(applyTrainingEvent, view)),
    trainingCompleted: (run) => update((view) => completeTraining(view, run)),
    trainingEnded: (failure) => update((view) => endedTraining(view, toStoredFailure(failure))),
  };
};

/** The run that is shown: the opened one, or the one that trains. */
export function shownRun({
  openedRun,
  negotiationTraining,
}: Pick<NegotiationTrainingSlice, 'openedRun' | 'negotiationTraining'>): OpenedRun | null {
  if (openedRun !== null) return openedRun;
  const { run, lastStep, isRecorded } = negotiationTraining;
  return run === null ? null : { run, step: lastStep, isRecorded };
}
