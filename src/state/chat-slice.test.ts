import { expect, test } from 'vitest';
import type { ChatAnswer } from '@/protocol/chat.ts';
import { DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { createAppStore } from './app-store.ts';
import { chatModelOf, FIRST_CHAT_FORM, readChatForm, storedChatForm } from './chat-form.ts';
import { chatSettingsOf } from './chat-settings-slice.ts';
import { openChatOf, type ChatAsk } from './chat-slice.ts';
import { chatStatus, loadFailureOf, reasonNotToAsk } from './chat-status.ts';
import { newConversation, pathOf } from './chat-tree.ts';

type Store = ReturnType<typeof createAppStore>;

function createStore(stored?: object): Store & { readonly written: string[] } {
  const written: string[] = [];
  const store = createAppStore({
    getItem: () => (stored === undefined ? null : JSON.stringify({ version: 2, state: stored })),
    setItem: (_name, value) => void written.push(value),
    removeItem: () => undefined,
  });
  return { ...store, written };
}

const ANSWER: ChatAnswer = {
  text: 'Paris.',
  thinking: null,
  tokens: null,
  stopReason: 'stop',
  timing: { timeToFirstTokenMs: 1, totalMs: 2, numTokens: 2 },
};

const ASK: ChatAsk = {
  chatId: null,
  newChatId: '00000001',
  question: { kind: 'new', id: '0000000a', parentId: null, text: 'Capital of France?' },
  answerId: '0000000b',
  made: { kind: 'engine', model: 'A model', adapter: null, settings: DEFAULT_CHAT_SETTINGS },
  at: '2026-03-01T09:30:00.000Z',
  nowMs: 5,
};

const said = (store: Store): string[] => {
  const chat = openChatOf(store.getState());
  return chat === undefined ? [] : pathOf(chat).map(({ text }) => text);
};

test('a first question begins a conversation; its answer grows in it while another one is looked at', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  expect(store.getState()).toMatchObject({
    openChatId: '00000001',
    chatRun: { chatId: '00000001', answerId: '0000000b', startedMs: 5, firstTokenMs: null, begun: null },
    chatList: [{ id: '00000001', name: 'Capital of France?', numMessages: 2 }],
  });
  store.getState().chatOpened(null);
  store.getState().chatDeltasArrived([{ text: 'Pa', thinking: '', tokens: [] }], 9);
  store.getState().chatDeltasArrived([{ text: 'ris', thinking: '', tokens: [] }], 12);
  expect(store.getState().chatRun?.firstTokenMs).toBe(9);
  expect(chatStatus(store.getState())).toMatchObject({ label: 'Writing', detail: 'In another conversation.' });
  store.getState().chatOpened('00000001');
  expect(said(store)).toEqual(['Capital of France?', 'Paris']);
  store.getState().chatAnswered(ANSWER);
  expect(said(store)).toEqual(['Capital of France?', 'Paris.']);
  expect(store.getState().chatRun).toBeNull();
});

test('while an answer is written nothing else is asked', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  const before = store.getState().chats;
  store.getState().chatAsked({ ...ASK, newChatId: '00000002' });
  expect(store.getState().chats).toBe(before);
  expect(reasonNotToAsk(store.getState())).toBe('An answer is being written.');
});

test('deltas that are late, after the end, change nothing', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  store.getState().chatEnded({ code: 'cancelled', message: '' });
  store.getState().chatDeltasArrived([{ text: 'late', thinking: '', tokens: [] }], 9);
  expect(said(store)).toEqual(['Capital of France?', '']);
  expect(chatStatus(store.getState())).toMatchObject({ kind: 'stopped' });
});

test('a model that was not loaded is said once: by the panel, or by the answer that it broke off', () => {
  const store = createStore();
  const failure = { code: 'deviceLost', message: 'The GPU was reset.' };
  store.getState().modelLoadFailed(failure);
  expect(chatStatus(store.getState())).toMatchObject({ kind: 'failed', detail: 'The model was not loaded.' });
  expect(loadFailureOf(store.getState())).toEqual(failure);
  store.getState().chatAsked(ASK);
  store.getState().chatEnded(failure);
  expect(loadFailureOf(store.getState())).toBeNull();
  expect(chatStatus(store.getState())).toMatchObject({ kind: 'failed', detail: 'The question is kept.' });
  store.getState().chatOpened(null);
  store.getState().chatFormChanged({ kind: 'webLlm' });
  expect(loadFailureOf(store.getState())).toBeNull();
});

test('what another tab has changed is taken over; what was not opened here stays where it is kept', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  store.getState().chatAnswered(ANSWER);
  const chat = openChatOf(store.getState());
  if (chat === undefined) throw new Error('It is open.');
  store.getState().chatKeptElsewhere({ ...chat, name: 'Renamed there' });
  expect(openChatOf(store.getState())?.name).toBe('Renamed there');
  store.getState().chatKeptElsewhere(newConversation('00000002', 'Begun there', '2026-03-02T09:30:00.000Z'));
  expect(store.getState().chatList.map(({ name }) => name)).toEqual(['Begun there', 'Renamed there']);
  expect(Object.keys(store.getState().chats)).toEqual(['00000001']);
  expect(store.getState().openChatId).toBe('00000001');
});

test('the list has the newest first; deleting closes, bringing back opens', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  store.getState().chatAnswered(ANSWER);
  const kept = openChatOf(store.getState());
  store.getState().chatAdded(newConversation('00000002', 'Newer', '2026-03-02T09:30:00.000Z'));
  expect(store.getState().chatList.map(({ name }) => name)).toEqual(['Newer', 'Capital of France?']);
  store.getState().chatDeleted('00000001');
  expect(store.getState()).toMatchObject({ openChatId: '00000002', chatList: [{ name: 'Newer' }] });
  if (kept !== undefined) store.getState().chatAdded(kept);
  expect(said(store)).toEqual(['Capital of France?', 'Paris.']);
});

test('what was begun before the list was read stays, damaged entries are counted', () => {
  const store = createStore({ openChatId: '0000000f' });
  store.getState().chatAsked(ASK);
  const line = { id: '00000009', name: 'Old', changedAt: '2026-01-01T00:00:00.000Z', numMessages: 2 };
  store.getState().chatsFound({ list: [line], damaged: ['0000000f'] });
  expect(store.getState().chatList.map(({ name }) => name)).toEqual(['Capital of France?', 'Old']);
  expect(store.getState()).toMatchObject({ openChatId: '00000001', damagedChats: ['0000000f'], chatStorage: 'ready' });
  store.getState().chatFoundDamaged('00000009');
  expect(store.getState()).toMatchObject({ damagedChats: ['0000000f', '00000009'], chatStorage: 'ready' });
});

test('settings and the model come back, without what is out of range; a key is never written', () => {
  const store = createStore({
    chatChanges: { temperature: 0, topK: -1, gone: 1 },
    chatForm: { kind: 'endpoint', url: 'https://x?api_key=sk', model: 'm', webLlmModel: '' },
    chatDraft: 'Why',
    areChatTokensShown: true,
  });
  expect(chatSettingsOf(store.getState())).toEqual({ ...DEFAULT_CHAT_SETTINGS, temperature: 0 });
  expect(store.getState()).toMatchObject({
    chatForm: { ...FIRST_CHAT_FORM, kind: 'endpoint', model: 'm' },
    chatDraft: 'Why',
    areChatTokensShown: true,
  });
  store.getState().chatKeyChanged('sk-secret');
  store.getState().chatDraftChanged('More');
  expect(store.written.join('\n')).not.toContain('sk-secret');
  expect(store.written.at(-1)).toContain('More');
  store.getState().chatFormChanged({ model: 'other' });
  expect(store.getState().chatKey).toBe('sk-secret');
  store.getState().chatFormChanged({ url: 'http://elsewhere:1/v1' });
  expect(store.getState().chatKey).toBe('');
});

test('an address with a key in it is not stored; a form with a problem makes no model', () => {
  const form = { ...FIRST_CHAT_FORM, kind: 'endpoint', url: 'https://u:p@x/v1', model: 'm' } as const;
  expect(storedChatForm(form).url).toBe('');
  expect(chatModelOf(form, '')).toBeNull();
  expect(chatModelOf({ ...form, url: ' http://x/v1 ' }, ' sk ')).toEqual({
    kind: 'endpoint',
    url: 'http://x/v1',
    model: 'm',
    apiKey: 'sk',
  });
  expect(readChatForm({ kind: 'magic' })).toEqual(FIRST_CHAT_FORM);
});

test('the engine is not asked while another panel uses it, a server is', () => {
  const store = createStore();
  expect(reasonNotToAsk(store.getState())).toContain('Load a model first');
  store.getState().modelLoaded({ name: 'A model' } as ModelInfo);
  expect(reasonNotToAsk(store.getState())).toBeNull();
  store.getState().generationStarted(3);
  expect(reasonNotToAsk(store.getState())).toContain('dilemmas are generated');
  store.getState().chatFormChanged({ kind: 'endpoint' });
  expect(reasonNotToAsk(store.getState())).toContain('where the server is');
  store.getState().chatFormChanged({ model: 'm' });
  expect(reasonNotToAsk(store.getState())).toBeNull();
});

test('an answer that was cut off is written on in its place, and is one answer again', () => {
  const store = createStore();
  const token = (text: string) => ({ text, logProb: -1, top: [], isThinking: false });
  const begin = (text: string, tokens: ChatAnswer['tokens']): void => {
    store.getState().chatAsked(ASK);
    store.getState().chatAnswered({ ...ANSWER, text, tokens, stopReason: 'length' });
  };
  begin('It is', [token('It'), token(' is')]);
  store.getState().chatContinued('00000001', '0000000b', 'It is', ASK.at, 20);
  expect(store.getState().chatRun).toMatchObject({ answerId: '0000000b', startedMs: 20, firstTokenMs: null });
  store.getState().chatDeltasArrived([{ text: ' Paris.', thinking: '', tokens: [token(' Paris.')] }], 25);
  expect(said(store).at(-1)).toBe('It is Paris.');
  const timing = { timeToFirstTokenMs: 3, totalMs: 4, numTokens: 1 };
  store.getState().chatAnswered({ ...ANSWER, text: ' Paris.', tokens: [token(' Paris.')], timing });
  const chat = openChatOf(store.getState());
  expect(chat === undefined ? null : pathOf(chat).at(-1)).toMatchObject({
    state: 'done',
    text: 'It is Paris.',
    stopReason: 'stop',
    tokens: [{ text: 'It' }, { text: ' is' }, { text: ' Paris.' }],
    timing: { timeToFirstTokenMs: 1, totalMs: 6, numTokens: 3 },
  });
  // What is written already, or is not there, is not begun again.
  store.getState().chatContinued('00000001', 'ffffffff', '', ASK.at, 30);
  expect(store.getState().chatRun).toBeNull();
});

test('a continuation that fails loses nothing of what there was', () => {
  const store = createStore();
  store.getState().chatAsked(ASK);
  store.getState().chatAnswered({ ...ANSWER, stopReason: 'length' });
  store.getState().chatContinued('00000001', '0000000b', 'Paris.', ASK.at, 20);
  store.getState().chatEnded({ code: 'outOfMemory', message: 'Full.' });
  expect(said(store).at(-1)).toBe('Paris.');
});
