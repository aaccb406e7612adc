import { expect, test } from 'vitest';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AdapterInfo, FineTuneEstimate, FineTuneEvent } from '@/protocol/training-api.ts';
import { DEFAULT_LORA } from '@/protocol/training.ts';
import { summaryOf, thinnedPoints } from './fine-tune-view.ts';
import { attachedAdapter, createTrainingSlice, type TrainingSlice } from './training-slice.ts';

const adapter: AdapterInfo = {
  id: 'a',
  name: 'Pirate',
  config: DEFAULT_LORA,
  numParameters: 10,
  baseModelSha256: '',
  baseModelName: 'A model',
  step: 4,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const read = {
  numExamples: 6,
  numTokens: 90,
  notes: [],
  estimate: { secondsPerStep: 2 },
} as unknown as FineTuneEstimate;
const request = { data: 'x', steps: 2 };
const stepped = (step: number, loss: number): FineTuneEvent => ({
  kind: 'stepped',
  step,
  loss,
  gradNorm: 1,
  learningRate: 1e-3,
  stepMs: 1000,
  secondsLeft: 1,
});

const slice = (): StoreApi<TrainingSlice> => createStore<TrainingSlice>()(createTrainingSlice);

test('events of a run build points, time left and progress within the step', () => {
  const store = slice();
  store.getState().fineTuneStarted(request, adapter);
  store.getState().fineTuneEventsArrived([
    { kind: 'read', ...read },
    { kind: 'progress', step: 5, progress: { phase: 'backward', done: 0.5 } },
  ]);
  expect(store.getState().fineTune).toMatchObject({
    phase: 'running',
    adapterName: 'Pirate',
    secondsLeft: 4,
    progress: { phase: 'backward', done: 0.5 },
  });
  store.getState().fineTuneEventsArrived([stepped(5, 3), stepped(6, 2)]);
  store.getState().fineTuneCompleted();
  expect(store.getState().fineTune).toMatchObject({ phase: 'complete', progress: null, secondsLeft: null });
  expect(summaryOf(store.getState().fineTune)).toEqual({ steps: 2, firstLoss: 3, lastLoss: 2 });
});

test('a stopped run keeps its steps and is no failure; another end is one', () => {
  const store = slice();
  store.getState().fineTuneStarted(request, adapter);
  store.getState().fineTuneEventsArrived([stepped(5, 3)]);
  store.getState().fineTuneEnded({ code: 'cancelled', message: '' });
  expect(store.getState().fineTune).toMatchObject({ phase: 'stopped', failure: null });
  expect(store.getState().fineTune.points).toHaveLength(1);
  store.getState().fineTuneStarted(request, adapter);
  expect(summaryOf(store.getState().fineTune)).toBeNull();
  store.getState().fineTuneEnded({ code: 'trainingDiverged', message: 'Step 5: not a number.' });
  expect(store.getState().fineTune).toMatchObject({ phase: 'failed', failure: { code: 'trainingDiverged' } });
});

test('an estimate of an earlier form is dropped', () => {
  const store = slice();
  store.getState().fineTuneEstimateAsked();
  store.getState().fineTuneEstimated(read);
  expect(store.getState().fineTuneEstimate).toEqual({ phase: 'known', estimate: read });
  store.getState().fineTuneEstimateAsked();
  store.getState().fineTuneFormChanged({ steps: 3 });
  store.getState().fineTuneEstimated(read);
  expect(store.getState().fineTuneEstimate).toEqual({ phase: 'none' });
});

test('the attached adapter is the one of the list', () => {
  const list = { adapters: [adapter], attached: { id: 'a', blend: 0.5 }, numOfOtherModels: 0 };
  expect(attachedAdapter(list)).toEqual({ adapter, blend: 0.5 });
  expect(attachedAdapter({ ...list, attached: null })).toBeNull();
  expect(attachedAdapter(null)).toBeNull();
});

test('a long run has few points, each the mean of its steps; short runs stay', () => {
  const points = Array.from({ length: 7 }, (_, index) => ({
    step: index + 1,
    loss: index,
    gradNorm: 1,
    learningRate: 1,
  }));
  expect(thinnedPoints(points, 7)).toBe(points);
  expect(thinnedPoints(points, 3).map(({ step, loss }) => [step, loss])).toEqual([
    [3, 1],
    [6, 4],
    [7, 6],
  ]);
});
