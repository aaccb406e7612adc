import { expect, test, vi } from 'vitest';
import type { DuetApi } from '@/client/duet-api.ts';
import { Failure } from '@/lib/failure.ts';
import type { ChatAnswer, ChatModelConfig } from '@/protocol/chat.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { createAppStore } from '@/state/app-store.ts';
import { openChatOf } from '@/state/chat-slice.ts';
import { lastAnswerOf } from '@/state/chat-status.ts';
import { pathOf } from '@/state/chat-tree.ts';
import { CONTINUE_TEXT, createChatDriver, type ChatDriver } from './chat-driver.ts';

type Store = ReturnType<typeof createAppStore>;
type Options = Parameters<DuetApi['chat']>[1];

interface Asked {
  readonly model: ChatModelConfig;
  readonly options: Options;
  readonly answer: (text: string, more?: Partial<ChatAnswer>) => void;
  readonly fail: (failure: Failure) => void;
}

/** A chat whose answers come when the test says so. */
function setUp(): { readonly store: Store; readonly driver: ChatDriver; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const chat: DuetApi['chat'] = (model, options) =>
    new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(new Failure('cancelled', '')));
      asked.push({
        model,
        options,
        answer: (text, more = {}) =>
          resolve({
            text,
            thinking: null,
            tokens: null,
            stopReason: 'stop',
            timing: { timeToFirstTokenMs: 1, totalMs: 2, numTokens: 2 },
            ...more,
          }),
        fail: reject,
      });
    });
  const duet = {
    chat,
    memory: () => Promise.resolve(),
    applyChatTemplate: () => Promise.resolve({ text: '', tokenIds: [1, 2, 3] }),
  } as unknown as DuetApi;
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  store.getState().modelLoaded({ name: 'A model', hasThinkingSwitch: false } as ModelInfo);
  return { store, driver: createChatDriver(duet, store), asked };
}

const said = (store: Store): string[] => {
  const chat = openChatOf(store.getState());
  return chat === undefined ? [] : pathOf(chat).map(({ text }) => text);
};
const isOver = (store: Store): Promise<void> =>
  vi.waitFor(() => expect(store.getState().chatRun).toBeNull(), { interval: 5 });

test('a question is asked with what was said before, and the settings', async () => {
  const { store, driver, asked } = setUp();
  store.getState().chatSettingsChanged({ systemPrompt: 'Be brief.', topK: 5, thinking: 'off', seed: 7 });
  expect(driver.ask('  Capital? ')).toBe(true);
  expect(driver.ask('Too early')).toBe(false);
  asked[0]?.answer('Paris.');
  await isOver(store);
  expect(driver.ask('And Spain?')).toBe(true);
  expect(asked[1]?.options).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Capital?' },
      { role: 'assistant', content: 'Paris.' },
      { role: 'user', content: 'And Spain?' },
    ],
    topK: 5,
    seed: 7,
    topLogProbs: 5,
    adapter: 'on',
  });
  // The template has no switch.
  expect(asked[1]?.options).not.toHaveProperty('enableThinking');
  asked[1]?.answer('Madrid.');
  await vi.waitFor(() => expect(lastAnswerOf(store.getState())?.contextTokens).toBe(3), { interval: 5 });
});

test('regenerating draws with the next seed; an answer that never came does not count', async () => {
  const { store, driver, asked } = setUp();
  driver.ask('Capital?');
  asked[0]?.fail(new Failure('gpuError', 'Gone.'));
  await isOver(store);
  expect(lastAnswerOf(store.getState())).toMatchObject({ state: 'failed', failure: { code: 'gpuError' } });
  // Nothing is left on the device.
  expect(store.getState().model.status).toBe('failed');
  store.getState().modelLoaded({ name: 'A model' } as ModelInfo);
  const question = lastAnswerOf(store.getState())?.parentId ?? '';
  driver.regenerate(question);
  expect(asked[1]?.options.seed).toBe(0);
  asked[1]?.answer('Paris.');
  await isOver(store);
  driver.regenerate(question);
  expect(asked[2]?.options.seed).toBe(1);
  asked[2]?.answer('It is Paris.');
  await isOver(store);
  driver.edit(question, 'Capital of Italy?');
  expect(asked[3]?.options.messages).toEqual([{ role: 'user', content: 'Capital of Italy?' }]);
  expect(said(store)).toEqual(['Capital of Italy?', '']);
});

test('stopping keeps what was written', async () => {
  const { store, driver, asked } = setUp();
  driver.ask('Capital?');
  asked[0]?.options.onDelta?.({ text: 'Par', thinking: '', tokens: [] });
  await driver.stopped();
  expect(said(store)).toEqual(['Capital?', 'Par']);
  expect(lastAnswerOf(store.getState())?.state).toBe('stopped');
});

test('a server gets its key and only what it knows', async () => {
  const { store, driver, asked } = setUp();
  store.getState().chatFormChanged({ kind: 'endpoint', url: 'http://localhost:1/v1', model: 'm' });
  store.getState().chatKeyChanged('sk');
  store.getState().chatSettingsChanged({ thinking: 'off', minP: 0.1 });
  driver.ask('Capital?');
  expect(asked[0]?.model).toEqual({ kind: 'endpoint', url: 'http://localhost:1/v1', model: 'm', apiKey: 'sk' });
  expect(asked[0]?.options).toMatchObject({ enableThinking: false });
  expect(asked[0]?.options).not.toHaveProperty('adapter');
  expect(asked[0]?.options).not.toHaveProperty('topLogProbs');
  store.getState().chatFormChanged({ kind: 'webLlm' });
  await driver.stopped();
  driver.ask('Capital?');
  expect(asked[1]?.options).not.toHaveProperty('minP');
});

test('an answer that was cut off is continued by the model that wrote it; another one is asked to go on', async () => {
  const { store, driver, asked } = setUp();
  driver.ask('Capital?');
  asked[0]?.answer('It is P\uFFFD', { stopReason: 'length' });
  await isOver(store);
  const id = lastAnswerOf(store.getState())?.id ?? '';
  driver.continueAnswer(id);
  expect(asked[1]?.options).toMatchObject({
    messages: [
      { role: 'user', content: 'Capital?' },
      { role: 'assistant', content: 'It is P' },
    ],
    continueAnswer: true,
  });
  asked[1]?.answer('aris.', { stopReason: 'length' });
  await isOver(store);
  expect(said(store)).toEqual(['Capital?', 'It is Paris.']);

  store.getState().chatFormChanged({ kind: 'webLlm' });
  driver.continueAnswer(id);
  expect(asked[2]?.options.continueAnswer).toBeUndefined();
  expect(said(store).at(-2)).toBe(CONTINUE_TEXT);
});
