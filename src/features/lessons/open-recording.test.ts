import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAppStore } from '@/state/app-store.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { readNegotiationRecording } from '@/state/read-negotiation-recording.ts';
import { readTrainingRecording } from '@/state/read-training-recording.ts';
import { makeRoom } from './open-recording.ts';

const RECORDINGS = new URL('../../../public/recordings/', import.meta.url);
const KEPT_NOTHING = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

function textOf(file: string): string {
  return readFileSync(new URL(file, RECORDINGS), 'utf8');
}

test('a recorded training makes room for one of the visitor’s own, a kept one stays open', () => {
  const store = createAppStore(KEPT_NOTHING);
  const recording = readTrainingRecording(textOf('training/ten-steps.json'));
  store.getState().trainingRecordingOpened(recording);
  expect(shownRun(store.getState())?.run).toBe(recording.run);
  makeRoom('training', store.getState());
  expect(store.getState()).toMatchObject({ openedRun: null, trainingRecording: null });

  store.getState().trainingRunOpened({ run: recording.run, step: null, isRecorded: false });
  makeRoom('training', store.getState());
  expect(shownRun(store.getState())?.run).toBe(recording.run);
});

test.each([false, true])(
  'a recorded negotiation makes room for the dilemma that is next, at its end too: %s',
  (isAtEnd) => {
    const store = createAppStore(KEPT_NOTHING);
    store
      .getState()
      .negotiationRecordingOpened(readNegotiationRecording(textOf('negotiations/four-about-a-thermostat.json')));
    if (isAtEnd) store.getState().negotiationEndChosen();
    expect(store.getState().rollout).toMatchObject({ isRecorded: true });
    makeRoom('negotiation', store.getState());
    expect(store.getState().rollout).toMatchObject({ isRecorded: false, dialogues: [] });
  },
);
