import { describe, expect, it } from 'vitest';
import { CHAT_CAPABILITIES, type ChatModelConfig } from './chat.ts';
import { checkChat, refuseIncapable } from './chat-schema.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }] as const;
const ENGINE: ChatModelConfig = { kind: 'engine' };
const SERVER: ChatModelConfig = { kind: 'endpoint', url: 'http://localhost/v1', model: 'small' };

describe('what a model cannot do is refused, with the reason that the screen shows', () => {
  it.each([
    ['engine', { responseSchema: {} }, 'responseSchema', CHAT_CAPABILITIES.engine.responseSchema.note],
    ['webLlm', { adapter: 'on' }, 'adapter', CHAT_CAPABILITIES.webLlm.adapters.note],
    ['webLlm', { topK: 40 }, 'topK', CHAT_CAPABILITIES.webLlm.sampleFilters.note],
    ['webLlm', { minP: 0.1 }, 'minP', CHAT_CAPABILITIES.webLlm.sampleFilters.note],
    ['webLlm', { continueAnswer: true }, 'continueAnswer', CHAT_CAPABILITIES.webLlm.continueAnswer.note],
    ['endpoint', { continueAnswer: true }, 'continueAnswer', CHAT_CAPABILITIES.endpoint.continueAnswer.note],
    ['endpoint', { adapter: 'on' }, 'adapter', CHAT_CAPABILITIES.endpoint.adapters.note],
  ] as const)('%s, %j', (kind, more, field, note) => {
    expect(note).not.toBe('');
    expect(() => refuseIncapable(kind, { messages: MESSAGES, ...more })).toThrow(`chat: ${field}: ${note}`);
  });

  it.each([
    ['engine', { topLogProbs: 5, adapter: 'on', topK: 40, minP: 0.1, enableThinking: true }],
    ['webLlm', { topLogProbs: 5, responseSchema: {}, adapter: 'off', topK: 0, minP: 0, enableThinking: false }],
    ['endpoint', { topLogProbs: 5, responseSchema: {}, topK: 40 }],
  ] as const)('%s can do %j', (kind, more) => {
    expect(() => refuseIncapable(kind, { messages: MESSAGES, ...more })).not.toThrow();
  });
});

describe('a wrong request names its field', () => {
  it.each([
    [{ messages: [] }, 'chat: messages'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'chat: messages.0.role'],
    [{ messages: MESSAGES, maxTokens: 0 }, 'chat: maxTokens'],
    [{ messages: MESSAGES, topLogProbs: 6 }, 'chat: topLogProbs'],
    [{ messages: MESSAGES, topP: 0 }, 'chat: topP'],
    [{ messages: MESSAGES, stop: [''] }, 'chat: stop.0'],
    [{ messages: MESSAGES, continueAnswer: true }, 'chat: continueAnswer: The last message has to be'],
    [{ messages: MESSAGES, tools: [] }, 'chat: tools: there is no such field'],
  ])('%j', (request, message) => {
    expect(() => Reflect.apply(checkChat, undefined, [ENGINE, request])).toThrow(message);
  });

  it('and a wrong model names its own', () => {
    expect(() => checkChat({ ...SERVER, timeoutMs: 1 }, { messages: MESSAGES })).toThrow('chat: model.timeoutMs');
    expect(() => checkChat(SERVER, { messages: MESSAGES })).not.toThrow();
  });
});
