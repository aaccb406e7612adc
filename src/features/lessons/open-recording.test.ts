import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAppStore } from '@/state/app-store.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';
import { makeRoom } from './open-recording.ts';

const FILE = new URL('../../../public/recordings/training/ten-steps.json', import.meta.url);

test('a recorded training makes room for one of the visitor’s own, a kept one stays open', () => {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  const recording = readTrainingRecording(readFileSync(FILE, 'utf8'));
  store.getState().trainingRecordingOpened(recording);
  expect(shownRun(store.getState())?.run).toBe(recording.run);
  makeRoom('training', store.getState());
  expect(store.getState()).toMatchObject({ openedRun: null, trainingRecording: null });

  store.getState().trainingRunOpened({ run: recording.run, step: null, isRecorded: false });
  makeRoom('training', store.getState());
  expect(shownRun(store.getState())?.run).toBe(recording.run);
});
