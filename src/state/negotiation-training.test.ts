import { describe, expect, it } from 'vitest';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type {
  NegotiationTrainingEvent,
  NegotiationTrainingStep,
  TrainingRun,
} from '@/protocol/negotiation-training.ts';
import { TRAINING_PRESETS, type TrainingPresetId } from '@/protocol/negotiation-training-presets.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { HELD_OUT_DILEMMAS } from '@/protocol/negotiation/held-out.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { at } from '@/lib/assert.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import { createAppStore, type AppState } from './app-store.ts';
import {
  FIRST_TRAINING_FORM,
  formOfPreset,
  presetOfForm,
  problemsOfTraining,
  readTrainingForm,
  requestOfTraining,
} from './negotiation-training-form.ts';
import { shownRun } from './negotiation-training-slice.ts';
import { isTraining, NO_TRAINING } from './negotiation-training-view.ts';

const RUN: TrainingRun = {
  format: 'duet-negotiation-training-1',
  id: 'run',
  name: 'Fair',
  adapterId: 'adapter',
  model: { name: 'tiny', key: 'ab' },
  device: 'test',
  createdAt: '2026-11-26T12:00:00.000Z',
  updatedAt: '2026-11-26T12:00:00.000Z',
  plan: {
    method: 'negotiation',
    dilemmas: DILEMMAS.slice(0, 1),
    pairs: PERSONA_PAIRS.slice(0, 1),
    settings: { ...DEFAULT_NEGOTIATION, groupSize: 2 },
    training: DEFAULT_TRAINING,
    lora: DEFAULT_LORA,
    judge: { kind: 'engine' },
    agreement: null,
    templates: {},
    groupsPerStep: 1,
    steps: 2,
    checkpointEvery: 1,
    checkpointsKept: 5,
    measuresChange: true,
    trainsThoughts: false,
  },
  parent: null,
  steps: [],
};
const HEAD = { dilemma: at(DILEMMAS, 0), pair: at(PERSONA_PAIRS, 0), settings: RUN.plan.settings };
const stepOf = (step: number): NegotiationTrainingStep => ({
  step,
  updates: step,
  metrics: { reward: step },
  phaseSeconds: { rollout: 1 },
  tasks: [],
  groups: [],
  rewards: [],
  advantages: [],
  rows: [],
});

const freshStore = () => createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

const arrived = (...events: readonly NegotiationTrainingEvent[]): AppState['negotiationTraining'] => {
  const store = freshStore();
  store.getState().trainingStarted('Fair');
  store.getState().trainingEventsArrived(events);
  return store.getState().negotiationTraining;
};

describe('a run that trains, on the page', () => {
  it('shows its group live, and keeps each step’s numbers', () => {
    const view = arrived(
      { kind: 'prepared', run: RUN },
      { kind: 'stepStarted', step: 1, numGroups: 1 },
      { kind: 'groupStarted', group: 0, head: HEAD },
      {
        kind: 'rollout',
        group: 0,
        event: { kind: 'started', plan: { rowsPerForward: 2, maxForwardTokens: 64, keepsContext: true }, rows: [0, 1] },
      },
      {
        kind: 'rollout',
        group: 0,
        event: {
          kind: 'utteranceStarted',
          of: 'utterance',
          role: 'agent1',
          turn: 1,
          row: 0,
          numPromptTokens: 9,
          numSharedTokens: 3,
        },
      },
      {
        kind: 'rollout',
        group: 0,
        event: { kind: 'stepped', tokens: [{ row: 0, tokenId: 1, text: 'Hi', logProb: -1 }] },
      },
      { kind: 'progress', progress: { phase: 'rollout', done: 0.1, secondsLeft: null } },
    );
    expect(view.phase).toBe('running');
    expect(view.live.dialogues[0]?.growing?.text).toBe('Hi');
    const store = freshStore();
    store.getState().trainingStarted('Fair');
    store.getState().trainingEventsArrived([
      { kind: 'prepared', run: RUN },
      { kind: 'stepStarted', step: 1, numGroups: 1 },
      { kind: 'stepped', step: stepOf(1), secondsLeft: 3 },
    ]);
    const stepped = store.getState().negotiationTraining;
    expect(stepped.run?.steps).toEqual([
      { step: 1, updates: 1, metrics: { reward: 1 }, phaseSeconds: { rollout: 1 }, tasks: [] },
    ]);
    expect(shownRun(store.getState())?.step).toEqual(stepOf(1));
  });

  it('is complete, stopped or failed at its end, and paused in between', () => {
    const store = freshStore();
    const phase = (): string => store.getState().negotiationTraining.phase;
    store.getState().trainingStarted('Fair');
    expect(phase()).toBe('preparing');
    store.getState().trainingEventsArrived([
      { kind: 'prepared', run: RUN },
      { kind: 'paceChanged', isPaused: true },
    ]);
    expect(phase()).toBe('paused');
    expect(isTraining(store.getState().negotiationTraining)).toBe(true);
    store.getState().trainingCompleted({ ...RUN, steps: [stepOf(1)] });
    expect(phase()).toBe('stopped');
    store.getState().trainingCompleted({ ...RUN, steps: [stepOf(1), stepOf(2)] });
    expect(phase()).toBe('complete');
    store.getState().trainingEnded({ code: 'deviceLost', message: 'Gone.' });
    expect(store.getState().negotiationTraining.failure?.message).toBe('Gone.');
    expect(isTraining(NO_TRAINING)).toBe(false);
  });

  it('gives way to a run that is opened, and comes back', () => {
    const store = freshStore();
    store.getState().trainingStarted('Fair');
    store.getState().trainingEventsArrived([{ kind: 'prepared', run: RUN }]);
    const other = { ...RUN, id: 'other', name: 'Other' };
    store.getState().trainingRunOpened({ run: other, step: null, isRecorded: false });
    expect(shownRun(store.getState())?.run.name).toBe('Other');
    store.getState().trainingStepOpened(stepOf(2));
    expect(shownRun(store.getState())?.step?.step).toBe(2);
    store.getState().trainingRunOpened(null);
    expect(shownRun(store.getState())?.run.name).toBe('Fair');
  });
});

describe('the form', () => {
  it.each(Object.keys(TRAINING_PRESETS) as TrainingPresetId[])('knows the preset "%s" by its values', (id) => {
    const form = { ...FIRST_TRAINING_FORM, ...formOfPreset(TRAINING_PRESETS[id]) };
    expect(presetOfForm(form)).toBe(id);
    expect(problemsOfTraining(form)).toEqual({});
    expect(presetOfForm({ ...form, learningRate: 0.123 })).toBeNull();
  });

  it('asks for what is not held out, with the panel’s settings below its own', () => {
    const store = freshStore();
    store.getState().negotiationSettingsChanged({ contextTurns: 3, groupSize: 7, completeOnFailure: true });
    const form = { ...FIRST_TRAINING_FORM, steps: 3, learningRate: 0.01 };
    const request = requestOfTraining(form, store.getState());
    expect(request).toMatchObject({
      kind: 'start',
      steps: 3,
      settings: { contextTurns: 3, groupSize: form.groupSize, completeOnFailure: false, adapterAgent1: 'on' },
      training: { learningRate: 0.01 },
      judge: { kind: 'engine' },
    });
    const ids = (request?.dilemmas ?? []).map((one) => (typeof one === 'string' ? one : one.id));
    expect(ids.length).toBeGreaterThan(50);
    expect(ids.some((id) => HELD_OUT_DILEMMAS.has(id))).toBe(false);
    const one = requestOfTraining({ ...form, material: 'chosen' }, store.getState());
    expect(one?.dilemmas).toEqual([store.getState().chosenDilemma]);
  });

  it('names what is wrong, and asks for nothing then', () => {
    const form = { ...FIRST_TRAINING_FORM, groupSize: 1, steps: null, name: ' ' };
    expect(Object.keys(problemsOfTraining(form)).toSorted()).toEqual(['groupSize', 'name', 'steps']);
    expect(requestOfTraining(form, freshStore().getState())).toBeNull();
  });

  it('takes from storage what is whole', () => {
    expect(readTrainingForm(null)).toEqual(FIRST_TRAINING_FORM);
    expect(
      readTrainingForm({ steps: 9, groupSize: 'many', lossType: 'sft', method: 'singleAgent', name: 'X' }),
    ).toEqual({
      ...FIRST_TRAINING_FORM,
      steps: 9,
      method: 'singleAgent',
      name: 'X',
    });
  });
});
