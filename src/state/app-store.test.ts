import { expect, test } from 'vitest';
import type { StateStorage } from 'zustand/middleware';
import { createAppStore } from './app-store.ts';
import { DEFAULT_REASONING_SETTINGS } from './reasoning-settings.ts';

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

test('draft and settings come back, clamped and without what is not a number', () => {
  const reasoningSettings = { budget: 1e9, probeInterval: 'often', yesBias: -2, writeBeforeSend: true };
  const store = createAppStore(createMemoryStorage({ version: 1, state: { draft: 'Why', reasoningSettings } }));
  expect(store.getState().draft).toBe('Why');
  expect(store.getState().reasoningSettings).toEqual({
    budget: 4096,
    probeInterval: DEFAULT_REASONING_SETTINGS.probeInterval,
    yesBias: -2,
    writeBeforeSend: true,
    keepThoughtsFrom: 0.75,
  });
});

test('a version that is not known gives the defaults', () => {
  const store = createAppStore(createMemoryStorage({ version: 0, state: { draft: 3 } }));
  expect(store.getState()).toMatchObject({ draft: '', reasoningSettings: DEFAULT_REASONING_SETTINGS });
});

test('only what is kept is written, and only when it changed', () => {
  const storage = createMemoryStorage();
  const store = createAppStore(storage);
  store.getState().draftChanged('W');
  const numWrites = storage.writes.length;
  store.getState().runStarted(0);
  store.getState().reasoningEventsArrived([{ kind: 'waiting', elapsedMs: 1, reason: 'emptyDraft' }]);
  expect(storage.writes).toHaveLength(numWrites);
  expect(JSON.parse(storage.writes.at(-1) ?? '')).toEqual({
    version: 1,
    state: { draft: 'W', reasoningSettings: DEFAULT_REASONING_SETTINGS },
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

test('the moment of Enter is kept once, from the start of the run', () => {
  const store = createAppStore(createMemoryStorage());
  store.getState().questionSent(50);
  expect(store.getState().reasoning.sentMs).toBeNull();
  store.getState().runStarted(100);
  store.getState().questionSent(350);
  store.getState().questionSent(900);
  expect(store.getState().reasoning.sentMs).toBe(250);
});
