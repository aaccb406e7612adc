import { expect, test } from 'vitest';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { DEFAULT_REASONING_SETTINGS, defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import { decodeSpeedOf } from '@/protocol/speed.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { createAppStore } from './app-store.ts';
import { FIRST_PLAN } from './evaluation-plan.ts';
import { FIRST_TRAINING_FORM } from './negotiation-training-form.ts';
import { negotiationSettingsOf } from './negotiation-settings-slice.ts';
import { shortenedDefaults, type ShortenedDefault } from './shortened-defaults.ts';
import { presetOfTraining } from './speed-forms.ts';

const SLOW = modelOf(250);
const FAST = modelOf(20);
const FULL = defaultSettingsFor(false).budget;

/** @param stepMs  null: nothing was measured */
function modelOf(stepMs: number | null, hasThinkTokens = false): ModelInfo {
  const speed = stepMs === null ? null : decodeSpeedOf([stepMs], 'measured');
  return { name: 'A model', hasThinkTokens, speed } as ModelInfo;
}

function open(kept = new Map<string, string>()): ReturnType<typeof createAppStore> {
  return createAppStore({
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  });
}

test('without a measurement, and on a fast machine, the defaults are those of the interface', () => {
  for (const info of [modelOf(null), FAST]) {
    const store = open();
    store.getState().modelLoaded(info);
    expect(store.getState().reasoningSettings).toEqual(defaultSettingsFor(false));
    expect(negotiationSettingsOf(store.getState())).toEqual(DEFAULT_NEGOTIATION);
    expect(store.getState().evaluationPlan).toBe(FIRST_PLAN);
    expect(shortenedDefaults(store.getState())).toEqual([]);
  }
});

test('on a slow machine what nobody has set is shorter, and is full again when that is asked for', () => {
  const store = open();
  store.getState().modelLoaded(SLOW);
  expect(store.getState().reasoningSettings).toEqual({ ...defaultSettingsFor(false), budget: 96 });
  expect(store.getState().reasoningChanges).toEqual({});
  expect(negotiationSettingsOf(store.getState())).toMatchObject({ groupSize: 2, maxTurns: 2, maxUtteranceTokens: 40 });
  expect(store.getState().evaluationPlan.numItems).toBe(3);
  expect(store.getState().negotiationEvaluationForm.numDilemmas).toBe(2);
  expect(store.getState().trainingForm).toEqual({ ...FIRST_TRAINING_FORM, steps: 3 });
  store.getState().fullBudgetsSwitched(true);
  expect(store.getState().reasoningSettings).toEqual(defaultSettingsFor(false));
  expect(negotiationSettingsOf(store.getState())).toEqual(DEFAULT_NEGOTIATION);
  expect(store.getState().evaluationPlan).toBe(FIRST_PLAN);
  expect(store.getState().trainingForm).toBe(FIRST_TRAINING_FORM);
});

test('each shortened default is named with both values', () => {
  const shortenedOf = (info: ModelInfo): readonly ShortenedDefault[] => {
    const store = open();
    store.getState().modelLoaded(info);
    return shortenedDefaults(store.getState());
  };
  expect(shortenedOf(SLOW)[0]).toEqual({
    panel: 'thinking',
    label: 'steps of thought and answer',
    full: FULL,
    short: 96,
  });
  expect(shortenedOf(modelOf(100, true))[0]).toMatchObject({
    full: DEFAULT_REASONING_SETTINGS.budget,
    short: 256,
  });
});

test('what somebody has set is not said to be shortened', () => {
  const store = open();
  store.getState().modelLoaded(SLOW);
  const labels = (): string[] => shortenedDefaults(store.getState()).map(({ label }) => label);
  expect(labels()).toEqual([
    'steps of thought and answer',
    'questions of an evaluation',
    'dialogues',
    'turns',
    'tokens of an utterance',
    'tokens of the joint answer',
    'training steps',
    'dilemmas of an evaluation',
  ]);
  store.getState().reasoningSettingsChanged({ budget: FULL });
  store.getState().evaluationPlanChanged({ numItems: 3 });
  store.getState().negotiationSettingsChanged({ maxTurns: 3 });
  store.getState().trainingFormChanged({ name: 'Mine' });
  store.getState().negotiationEvaluationEvents.formChanged((form) => ({ ...form, numDilemmas: 4 }));
  expect(labels()).toEqual(['dialogues', 'tokens of an utterance', 'tokens of the joint answer']);
  store.getState().reasoningSettingReset('budget');
  expect(labels()[0]).toBe('steps of thought and answer');
});

test('a first training form is its preset however many steps the speed leaves it', () => {
  const store = open();
  store.getState().modelLoaded(SLOW);
  expect(presetOfTraining(store.getState().trainingForm)).toBe('quick');
  store.getState().trainingFormChanged({ steps: 4 });
  expect(presetOfTraining(store.getState().trainingForm)).toBeNull();
});

test('what was set stays, also where it is the default of a fast machine and was set before the speed was known', () => {
  const store = open();
  store.getState().reasoningSettingsChanged({ budget: FULL });
  store.getState().negotiationSettingsChanged({ groupSize: 4, seed: 3 });
  store.getState().evaluationPlanChanged({ numItems: 10 });
  store.getState().modelLoaded(SLOW);
  expect(store.getState().reasoningSettings.budget).toBe(FULL);
  expect(negotiationSettingsOf(store.getState())).toMatchObject({ groupSize: 4, maxTurns: 2, seed: 3 });
  expect(store.getState().evaluationPlan.numItems).toBe(10);
});

test('what was set before the speed was known is kept over a reload, where it is a default too', () => {
  const kept = new Map<string, string>();
  const first = open(kept);
  first.getState().reasoningSettingsChanged({ budget: FULL, probeInterval: defaultSettingsFor(false).probeInterval });
  first.getState().negotiationSettingsChanged({ groupSize: DEFAULT_NEGOTIATION.groupSize });
  // No model and no speed changes these defaults: set back to them, they are no changes.
  first.getState().reasoningSettingsChanged({ marginThreshold: defaultSettingsFor(false).marginThreshold });
  first.getState().negotiationSettingsChanged({ seed: DEFAULT_NEGOTIATION.seed });
  const second = open(kept);
  second.getState().modelLoaded(modelOf(250, true));
  expect(second.getState().reasoningSettings).toMatchObject(second.getState().reasoningChanges);
  expect(second.getState().reasoningChanges).toEqual({
    budget: FULL,
    probeInterval: defaultSettingsFor(false).probeInterval,
  });
  expect(second.getState().negotiationChanges).toEqual({ groupSize: DEFAULT_NEGOTIATION.groupSize });
});

test('a value set on a slow machine is one, the short default again is none, and a reset takes either back', () => {
  const store = open();
  store.getState().modelLoaded(SLOW);
  store.getState().reasoningSettingsChanged({ budget: FULL });
  store.getState().negotiationSettingsChanged({ groupSize: 4, maxTurns: 2 });
  expect(store.getState().reasoningChanges).toEqual({ budget: FULL });
  expect(store.getState().negotiationChanges).toEqual({ groupSize: 4 });
  store.getState().reasoningSettingReset('budget');
  store.getState().negotiationSettingReset('groupSize');
  expect(store.getState().reasoningSettings.budget).toBe(96);
  expect(negotiationSettingsOf(store.getState()).groupSize).toBe(2);
});

test('a reset before the speed is known gives the value up', () => {
  const store = open();
  store.getState().reasoningSettingsChanged({ budget: FULL });
  store.getState().reasoningSettingReset('budget');
  store.getState().modelLoaded(SLOW);
  expect(store.getState().reasoningSettings.budget).toBe(96);
});

test('what was kept stays when something else is changed before the model is loaded, and on another machine', () => {
  const kept = new Map<string, string>();
  const first = open(kept);
  first.getState().modelLoaded(SLOW);
  first.getState().reasoningSettingsChanged({ budget: FULL });
  first.getState().negotiationSettingsChanged({ groupSize: 4, maxTurns: 5 });
  const second = open(kept);
  second.getState().reasoningSettingsChanged({ yesBias: 2 });
  second.getState().negotiationSettingsChanged({ seed: 3 });
  second.getState().negotiationSettingReset('maxTurns');
  second.getState().modelLoaded(SLOW);
  expect(second.getState().reasoningSettings).toMatchObject({ budget: FULL, yesBias: 2 });
  expect(second.getState().negotiationChanges).toEqual({ groupSize: 4, seed: 3 });
  const third = open(kept);
  third.getState().modelLoaded(FAST);
  third.getState().reasoningSettingReset('yesBias');
  third.getState().negotiationSettingReset('seed');
  expect(third.getState().reasoningChanges).toEqual({ budget: FULL });
  expect(third.getState().negotiationChanges).toEqual({ groupSize: 4 });
});

test('another speed, of another model or measured again, makes other defaults', () => {
  const store = open();
  store.getState().modelLoaded(SLOW);
  store.getState().modelLoaded(FAST);
  expect(store.getState().reasoningSettings.budget).toBe(FULL);
  expect(store.getState().evaluationPlan).toBe(FIRST_PLAN);
  store.getState().speedMeasured(decodeSpeedOf([1000], 'measured'));
  expect(store.getState().reasoningSettings.budget).toBe(64);
  expect(store.getState().model.info?.speed?.speedClass).toBe('verySlow');
});

test('without the model the defaults are full again, and short where a failed load leaves it loaded', () => {
  for (const end of ['unloaded', 'failed'] as const) {
    const store = open();
    store.getState().modelLoaded(SLOW);
    if (end === 'unloaded') store.getState().modelUnloaded();
    else store.getState().modelLoadFailed({ code: 'downloadFailed', message: 'No.' });
    expect(store.getState().reasoningSettings.budget).toBe(FULL);
    expect(store.getState().evaluationPlan).toBe(FIRST_PLAN);
    expect(store.getState().trainingForm).toBe(FIRST_TRAINING_FORM);
  }
  const store = open();
  store.getState().modelLoaded(SLOW);
  store.getState().modelLoadStarted('another');
  store.getState().modelLoadFailed({ code: 'cancelled', message: 'No.' }, { info: SLOW, source: 'a-model' });
  expect(store.getState().reasoningSettings.budget).toBe(96);
  expect(store.getState().trainingForm.steps).toBe(3);
});

test('the choice of full budgets survives a reload; a training form that nobody has touched follows the speed after one', () => {
  const kept = new Map<string, string>();
  const first = open(kept);
  first.getState().modelLoaded(SLOW);
  expect(first.getState().trainingForm.steps).toBe(3);
  first.getState().draftChanged('Why');
  const second = open(kept);
  second.getState().modelLoaded(FAST);
  expect(second.getState().trainingForm.steps).toBe(FIRST_TRAINING_FORM.steps);
  second.getState().fullBudgetsSwitched(true);
  const third = open(kept);
  third.getState().modelLoaded(SLOW);
  expect(third.getState().reasoningSettings.budget).toBe(FULL);
});
