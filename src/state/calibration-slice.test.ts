import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { CalibrationEvent } from '@/protocol/calibration.ts';
import { createCalibrationSlice, type CalibrationSlice } from './calibration-slice.ts';

const event = (pass: 1 | 2, margins: readonly number[]): CalibrationEvent => ({
  kind: 'progressed',
  pass,
  question: 'Why?',
  questionIndex: 0,
  questionCount: 1,
  step: margins.length,
  steps: 60,
  margins,
  secondsLeft: null,
});

test('of the events of a frame the newest of each pass counts, and the first pass stays', () => {
  const store = createStore<CalibrationSlice>()(createCalibrationSlice);
  store.getState().calibrationStarted();
  store.getState().calibrationEventsArrived([event(1, [1]), event(1, [1, 2]), event(2, [3])]);
  store.getState().calibrationEventsArrived([event(2, [3, 4])]);
  const { phase, progress } = store.getState().calibration;
  expect([phase, progress[1]?.margins, progress[2]?.margins]).toEqual(['running', [1, 2], [3, 4]]);
});

test('a failure of an unknown code is a defect; clearing forgets it', () => {
  const store = createStore<CalibrationSlice>()(createCalibrationSlice);
  store.getState().calibrationStarted();
  store.getState().calibrationFailed({ code: 'odd', message: 'x' });
  expect(store.getState().calibration).toMatchObject({ phase: 'failed', failure: { code: 'internal' } });
  store.getState().calibrationCleared();
  expect(store.getState().calibration).toMatchObject({ phase: 'idle', failure: null, report: null });
});
