import { expect, it } from 'vitest';
import type { AskPage, ChatAnswer, ChatRequest } from '@/protocol/chat.ts';
import { byteTokenizer } from '@/testing/byte-tokenizer.ts';
import { chatAnswer } from '@/testing/chat-answer.ts';
import { createChatModel, type NegotiatingModel } from './chat-models.ts';

const MODEL: NegotiatingModel = {
  gpuModel: undefined as never,
  opened: { tokenizer: byteTokenizer(), chatTemplate: null },
  name: 'tiny',
  madeBy: { name: 'tiny', key: 'tiny' },
  training: { current: null },
};
const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'Score?' }] };

it('a model on the page is asked not to think, and told when nobody waits any more', async () => {
  const asked: { readonly model: string; readonly request: ChatRequest }[] = [];
  let wasStopped: Promise<void> | undefined;
  const ask: AskPage = (model, request, stop) => {
    asked.push({ model, request });
    if (request.maxTokens !== 1) return Promise.resolve(chatAnswer('4'));
    wasStopped = new Promise((resolve) => {
      stop.addEventListener('message', () => resolve());
    });
    stop.start();
    return new Promise<ChatAnswer>(() => undefined);
  };
  const chat = createChatModel({ kind: 'webLlm', model: 'small' }, MODEL, ask);
  expect((await chat.chat(REQUEST)).text).toBe('4');
  expect(asked).toEqual([{ model: 'small', request: { ...REQUEST, enableThinking: false } }]);

  const controller = new AbortController();
  const answer = chat.chat({ ...REQUEST, maxTokens: 1 }, { signal: controller.signal });
  controller.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
  await wasStopped;
  await expect(chat.chat(REQUEST, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toHaveLength(2);
});

it('what cannot be asked says so before it is', () => {
  const ask: AskPage = () => Promise.reject(new Error('not asked'));
  expect(() => createChatModel({ kind: 'engine' }, MODEL, ask)).toThrow('chat template');
  expect(() => createChatModel({ kind: 'endpoint', url: 'nowhere', model: 'm' }, MODEL, ask)).toThrow('url:');
});
