import type { StateCreator } from 'zustand';
import type { CalibrationEvent, CalibrationReport } from '@/protocol/calibration.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import { toStoredFailure } from './failure-message.ts';

export interface CalibrationView {
  readonly phase: 'idle' | 'running' | 'done' | 'failed';
  /** The newest event of each pass. */
  readonly progress: Readonly<Record<1 | 2, CalibrationEvent | null>>;
  readonly report: CalibrationReport | null;
  readonly failure: FailureMessage | null;
}

export const EMPTY_CALIBRATION_VIEW: CalibrationView = {
  phase: 'idle',
  progress: { 1: null, 2: null },
  report: null,
  failure: null,
};

export interface CalibrationSlice {
  readonly calibration: CalibrationView;
  readonly calibrationStarted: () => void;
  readonly calibrationEventsArrived: (events: readonly CalibrationEvent[]) => void;
  readonly calibrationEnded: (report: CalibrationReport) => void;
  readonly calibrationFailed: (failure: { readonly code: string; readonly message: string }) => void;
  /** Cancelled, or its result was looked at. */
  readonly calibrationCleared: () => void;
}

export const createCalibrationSlice: StateCreator<CalibrationSlice> = (set) => {
  const update = (change: (view: CalibrationView) => CalibrationView): void =>
    set(({ calibration }) => ({ calibration: change(calibration) }));
  return {
    calibration: EMPTY_CALIBRATION_VIEW,
    calibrationStarted: () => update(() => ({ ...EMPTY_CALIBRATION_VIEW, phase: 'running' })),
    // An event holds all margins of its pass: only the newest of each pass counts.
    calibrationEventsArrived: (events) =>
      update((view) => ({
        ...view,
        progress: {
          1: events.findLast(({ pass }) => pass === 1) ?? view.progress[1],
          2: events.findLast(({ pass }) => pass === 2) ?? view.progress[2],
        },
      })),
    calibrationEnded: (report) => update((view) => ({ ...view, phase: 'done', report })),
    calibrationFailed: (failure) => update((view) => ({ ...view, phase: 'failed', failure: toStoredFailure(failure) })),
    calibrationCleared: () => update(() => EMPTY_CALIBRATION_VIEW),
  };
};
