import { expect, test } from 'vitest';
import { at } from '@/lib/assert.ts';
import type { Dilemma } from '@/protocol/negotiation.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { createAppStore } from './app-store.ts';
import { NOTHING_KEPT } from './material-storage.ts';

const createStore = (): ReturnType<typeof createAppStore> =>
  createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

const LADDER: Dilemma = {
  id: 'ladder',
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
  split: 'train',
  origin: 'own',
};
const VERSION = { text: '{name}, speak.', ourVersion: 1, savedAt: '2026-03-01T09:30:00Z' };

test('what was kept comes back: lists, what is chosen, prompts, what waits', () => {
  const store = createStore();
  const review = [{ dilemma: { ...LADDER, id: 'generated-a', origin: 'generated' as const }, isWanted: false }];
  store.getState().materialLoaded({
    ...NOTHING_KEPT,
    ownDilemmas: [LADDER],
    chosenDilemmaId: 'ladder',
    chosenPairId: 'speed-quality',
    templateEdits: { opening: { current: VERSION, earlier: [] } },
    review,
  });
  const state = store.getState();
  expect(state.chosenDilemma).toEqual(LADDER);
  expect(state.chosenPair.id).toBe('speed-quality');
  expect(state.templateTexts).toEqual({ opening: VERSION.text });
  expect([state.review, state.isMaterialLoaded, state.isMaterialKept]).toEqual([review, true, true]);
});

test('what was done before it was read stays', () => {
  const store = createStore();
  store.getState().pairEvents.chosen('chance-order');
  store.getState().templateSaved('opening', VERSION);
  const current = { ...VERSION, text: '{name}, begin.' };
  store.getState().materialLoaded({
    ...NOTHING_KEPT,
    chosenPairId: 'speed-quality',
    templateEdits: { opening: { current, earlier: [] } },
  });
  expect(store.getState().chosenPair.id).toBe('chance-order');
  expect(store.getState().templateTexts).toEqual({ opening: VERSION.text });
});

test('a browser that gives nothing is told, and the page goes on', () => {
  const store = createStore();
  store.getState().materialLoaded(null);
  expect(store.getState()).toMatchObject({ isMaterialLoaded: true, isMaterialKept: false });
  store.getState().dilemmaEvents.added([LADDER]);
  store.getState().dilemmaEvents.chosen('ladder');
  expect(store.getState().chosenDilemma).toEqual(LADDER);
  store.getState().dilemmaEvents.removed(['ladder']);
  expect(store.getState()).toMatchObject({
    ownDilemmas: [],
    chosenDilemma: at(DILEMMAS, 0),
    chosenPair: at(PERSONA_PAIRS, 0),
  });
});

test('an unsaved prompt is apart from the one in use', () => {
  const store = createStore();
  store.getState().templateDraftChanged('turn', '{utterance}');
  expect(store.getState()).toMatchObject({ templateDrafts: { turn: '{utterance}' }, templateTexts: {} });
  store.getState().templateDraftChanged('turn', undefined);
  expect(store.getState().templateDrafts).toEqual({});
});
