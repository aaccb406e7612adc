import { expect, test } from 'vitest';
import type { StateStorage } from 'zustand/middleware';
import { createAppStore } from './app-store.ts';
import { FIRST_CHAT_FORM } from './chat-form.ts';
import { FIRST_FORM } from './fine-tune-form.ts';
import { FIRST_NEGOTIATION_EVALUATION } from './negotiation-evaluation-form.ts';
import { FIRST_TRAINING_FORM } from './negotiation-training-form.ts';
import { storedJudgeForm } from './judge-form.ts';
import { DEFAULT_REASONING_SETTINGS, defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';

function createMemoryStorage(stored?: unknown): StateStorage & { writes: string[] } {
  const writes: string[] = [];
  return {
    writes,
    getItem: () => (stored === undefined ? null : JSON.stringify(stored)),
    setItem: (_name, value) => {
      writes.push(value);
    },
    removeItem: () => undefined,
  };
}

const SMALL = defaultSettingsFor(false);
const modelInfo = (hasThinkTokens: boolean): ModelInfo => ({ name: 'A model', hasThinkTokens }) as ModelInfo;

test('draft and changed settings come back, without what is out of range or unknown', () => {
  const reasoningChanges = { budget: 1e9, probeInterval: 'often', yesBias: -2, writeBeforeSend: true, gone: 1 };
  const store = createAppStore(createMemoryStorage({ version: 2, state: { draft: 'Why', reasoningChanges } }));
  expect(store.getState().draft).toBe('Why');
  expect(store.getState().reasoningChanges).toEqual({ yesBias: -2, writeBeforeSend: true });
  expect(store.getState().reasoningSettings).toEqual({ ...SMALL, yesBias: -2, writeBeforeSend: true });
});

test('of another version only the draft is taken over', () => {
  const reasoningSettings = { budget: 96 };
  const store = createAppStore(createMemoryStorage({ version: 1, state: { draft: 'Why', reasoningSettings } }));
  expect(store.getState()).toMatchObject({ draft: 'Why', reasoningChanges: {}, reasoningSettings: SMALL });
  expect(createAppStore(createMemoryStorage({ version: 0, state: { draft: 3 } })).getState().draft).toBe('');
});

test('the settings are the defaults of the model that is ready, with the changes over them', () => {
  const store = createAppStore(createMemoryStorage());
  const settings = (): unknown => store.getState().reasoningSettings;
  store.getState().reasoningSettingsChanged({ budget: 96, yesBias: 99 });
  expect(settings()).toEqual({ ...SMALL, budget: 96 });
  store.getState().modelLoaded(modelInfo(true));
  expect(settings()).toEqual({ ...DEFAULT_REASONING_SETTINGS, budget: 96 });
  store.getState().modelLoaded(modelInfo(false));
  store.getState().reasoningSettingReset('budget');
  expect(settings()).toEqual(SMALL);
});

test('a value that is the default again is no change, lists included', () => {
  const store = createAppStore(createMemoryStorage());
  store.getState().modelLoaded(modelInfo(false));
  store.getState().reasoningSettingsChanged({ budget: 96, yesWords: ['ja'] });
  store.getState().reasoningSettingsChanged({ budget: SMALL.budget, yesWords: [...SMALL.yesWords] });
  expect(store.getState().reasoningChanges).toEqual({});
  store.getState().reasoningSettingsChanged({ budget: 96, seed: 3 });
  store.getState().reasoningSettingsChanged(SMALL);
  expect(store.getState()).toMatchObject({ reasoningChanges: {}, reasoningSettings: SMALL });
});

test('only what is kept is written, and only when it changed', () => {
  const storage = createMemoryStorage();
  const store = createAppStore(storage);
  store.getState().draftChanged('W');
  const numWrites = storage.writes.length;
  store.getState().runStarted(0);
  store.getState().reasoningEventsArrived([{ kind: 'waiting', elapsedMs: 1, reason: 'emptyDraft' }], 5);
  expect(storage.writes).toHaveLength(numWrites);
  expect(JSON.parse(storage.writes.at(-1) ?? '')).toEqual({
    version: 2,
    state: {
      draft: 'W',
      reasoningChanges: {},
      usesFullBudgets: false,
      isSpeedLineHidden: false,
      picture: 'timeline',
      fineTuneForm: FIRST_FORM,
      trainingForm: FIRST_TRAINING_FORM,
      negotiationEvaluationForm: FIRST_NEGOTIATION_EVALUATION,
      negotiationChanges: {},
      judgeChoice: { kind: 'engine' },
      judgeForm: storedJudgeForm(store.getState().judgeForm),
      openChatId: null,
      chatDraft: '',
      chatChanges: {},
      chatForm: FIRST_CHAT_FORM,
      areChatTokensShown: false,
    },
  });
});

test('storage that refuses to write does no harm', () => {
  const storage = createMemoryStorage();
  storage.setItem = () => {
    throw new Error('quota');
  };
  const store = createAppStore(storage);
  store.getState().draftChanged('W');
  expect(store.getState().draft).toBe('W');
});

test('a cancelled load is not a failure; another one keeps its code', () => {
  const store = createAppStore(createMemoryStorage());
  store.getState().modelLoadStarted('smollm2-135m-instruct');
  expect(store.getState().model).toMatchObject({ status: 'loading', name: 'SmolLM2 135M Instruct' });
  store.getState().modelLoadFailed({ code: 'cancelled', message: '' });
  expect(store.getState().model).toMatchObject({ status: 'cancelled', failure: null });
  store.getState().modelLoadFailed({ code: 'invalidFile', message: 'Not GGUF.' });
  expect(store.getState().model.failure).toEqual({ code: 'invalidFile', message: 'Not GGUF.' });
  store.getState().modelLoadFailed({ code: 'strange', message: 'x' });
  expect(store.getState().model.failure?.code).toBe('internal');
});

test('a load that took nothing away leaves the model before it ready, and says why it failed', () => {
  const store = createAppStore(createMemoryStorage());
  const info = modelInfo(false);
  store.getState().modelLoadStarted('https://example.org/missing.gguf');
  store
    .getState()
    .modelLoadFailed(
      { code: 'downloadFailed', message: 'The server answered 404.' },
      { info, source: 'smollm2-135m-instruct' },
    );
  expect(store.getState().model).toMatchObject({
    status: 'ready',
    name: info.name,
    sourceId: 'smollm2-135m-instruct',
    info,
    failure: { code: 'downloadFailed' },
  });
});

test('the moment of Enter is kept once, from the start of the run', () => {
  const store = createAppStore(createMemoryStorage());
  store.getState().questionSent('Why?', 50);
  expect(store.getState().reasoning.sentMs).toBeNull();
  store.getState().runStarted(100);
  store.getState().questionSent('Why?', 350);
  store.getState().questionSent('Why not?', 900);
  expect(store.getState().reasoning).toMatchObject({ question: 'Why?', sentMs: 250, sentSteps: [0] });
});

test('a pause shows at once, and going on brings back what the run waited for', () => {
  const store = createAppStore(createMemoryStorage());
  const { runStarted, reasoningEventsArrived, pauseChanged } = store.getState();
  runStarted(0);
  reasoningEventsArrived([{ kind: 'waiting', elapsedMs: 1, reason: 'budget' }], 1);
  pauseChanged(true, 1);
  expect(store.getState().reasoning).toMatchObject({ isPaused: true, waitingFor: 'budget' });
  reasoningEventsArrived([{ kind: 'waiting', elapsedMs: 2, reason: 'paused' }], 2);
  pauseChanged(false, 2);
  expect(store.getState().reasoning).toMatchObject({ isPaused: false, phase: 'waiting', waitingFor: 'budget' });
});

test('the picture that is open is kept; an unknown one becomes the first', () => {
  const storage = createMemoryStorage();
  createAppStore(storage).getState().pictureChosen('blocks');
  const stored: unknown = JSON.parse(storage.writes.at(-1) ?? '');
  expect(createAppStore(createMemoryStorage(stored)).getState().picture).toBe('blocks');
  const unknown = { version: 2, state: { draft: '', reasoningChanges: {}, picture: 'radar' } };
  expect(createAppStore(createMemoryStorage(unknown)).getState().picture).toBe('timeline');
});

test('the form of an evaluation comes back field by field, without what is damaged', () => {
  const negotiationEvaluationForm = {
    ...FIRST_NEGOTIATION_EVALUATION,
    seed: 9,
    maxTurns: 1e9,
    sets: 'open',
    text: 'T',
  };
  const store = createAppStore(createMemoryStorage({ version: 2, state: { negotiationEvaluationForm } }));
  expect(store.getState().negotiationEvaluationForm).toEqual({ ...FIRST_NEGOTIATION_EVALUATION, seed: 9, text: 'T' });
});
