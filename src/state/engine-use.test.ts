import { expect, test } from 'vitest';
import { DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import { createAppStore } from './app-store.ts';
import type { ChatAsk } from './chat-slice.ts';
import { reasonNotToLoad, reasonNotToReload } from './engine-use.ts';

type Store = ReturnType<typeof createAppStore>;

function createStore(): Store {
  return createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
}

function ask(kind: ChatAsk['made']['kind']): ChatAsk {
  return {
    chatId: null,
    newChatId: '00000001',
    question: { kind: 'new', id: '0000000a', parentId: null, text: 'Capital of France?' },
    answerId: '0000000b',
    made: { kind, model: 'A model', adapter: null, settings: DEFAULT_CHAT_SETTINGS },
    at: '2026-03-01T09:30:00.000Z',
    nowMs: 5,
  };
}

test('a model is loaded while nothing uses the one before it', () => {
  const store = createStore();
  expect(reasonNotToLoad(store.getState())).toBeNull();
  store.getState().chatAsked(ask('engine'));
  expect(reasonNotToLoad(store.getState())).toBe(
    'The loaded model is in use: Chat writes an answer. Stop it, or wait until it is over.',
  );
  store.getState().chatEnded({ code: 'cancelled', message: '' });
  expect(reasonNotToLoad(store.getState())).toBeNull();
});

test('what a server or web-llm answers leaves the loaded model alone', () => {
  for (const kind of ['endpoint', 'webLlm'] as const) {
    const store = createStore();
    store.getState().chatAsked(ask(kind));
    expect(reasonNotToLoad(store.getState())).toBeNull();
  }
});

test('runs of other panels keep it, also while they wait', () => {
  const store = createStore();
  const { live } = store.getState();
  store.setState({ live: { ...live, phase: 'running' } });
  expect(reasonNotToLoad(store.getState())).toContain('the Thinking panel thinks');
  store.setState({ live: { ...live, phase: 'waiting' } });
  expect(reasonNotToLoad(store.getState())).toContain('waits for you');
  store.setState(({ negotiationTraining }) => ({
    live,
    negotiationTraining: { ...negotiationTraining, phase: 'paused' },
  }));
  expect(reasonNotToLoad(store.getState())).toContain('a training runs in Negotiation');
});

test('the page is not loaded again while anything runs, whoever computes it', () => {
  const store = createStore();
  expect(reasonNotToReload(store.getState())).toBeNull();
  store.getState().chatAsked(ask('endpoint'));
  expect(reasonNotToReload(store.getState())).toBe('It can be loaded when nothing runs; now Chat writes an answer.');
  store.getState().chatEnded({ code: 'cancelled', message: '' });
  expect(reasonNotToReload(store.getState())).toBeNull();
  store.setState(({ live }) => ({ live: { ...live, phase: 'waiting' } }));
  expect(reasonNotToReload(store.getState())).toContain('now a run in Thinking waits for you');
});
