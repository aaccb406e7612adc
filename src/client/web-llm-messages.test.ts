import type { ChatCompletion } from '@mlc-ai/web-llm';
import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { toChatReply, toWebLlmFailure, toWebLlmRequest } from './web-llm-messages.ts';

const MESSAGES = [{ role: 'user', content: 'Score?' }] as const;

type Completion = Pick<ChatCompletion, 'choices'>;

function completion(content: string | null, logprobs: Completion['choices'][number]['logprobs'] = null): Completion {
  return { choices: [{ message: { role: 'assistant', content }, logprobs, finish_reason: 'stop', index: 0 }] };
}

const reply = toChatReply;

test('the likeliest answer keeps the model’s own probabilities: temperature 1 with all but one token cut off', () => {
  const asked = toWebLlmRequest('Llama-3.2-1B', MESSAGES, { maxTokens: 16, temperature: 0, topLogProbs: 5 });
  expect(asked).toEqual({
    messages: MESSAGES,
    max_tokens: 16,
    temperature: 1,
    top_p: 1e-5,
    repetition_penalty: 1,
    stream: false,
    logprobs: true,
    top_logprobs: 5,
  });
});

test('other temperatures, and questions without probabilities, are passed on; more than five are never asked for', () => {
  const retry = toWebLlmRequest('Llama-3.2-1B', MESSAGES, { maxTokens: 9, temperature: 0.7, topLogProbs: 20 });
  expect(retry).toMatchObject({ temperature: 0.7, top_p: 1, top_logprobs: 5 });
  const plain = toWebLlmRequest('Llama-3.2-1B', MESSAGES, { maxTokens: 9, temperature: 0, topLogProbs: 0 });
  expect(plain).toMatchObject({ temperature: 0, top_p: 1 });
  expect(plain).not.toHaveProperty('logprobs');
});

test('thinking is turned off where there is some, and its empty trace is no part of the answer', () => {
  const options = { maxTokens: 1, temperature: 0, topLogProbs: 0 };
  expect(toWebLlmRequest('Qwen3-4B-q4f16_1-MLC', MESSAGES, options).extra_body).toEqual({ enable_thinking: false });
  expect(toWebLlmRequest('Qwen2.5-0.5B-Instruct', MESSAGES, options)).not.toHaveProperty('extra_body');
  expect(reply(completion('<think>\n\n</think>\n\n4')).text).toBe('4');
  expect(reply(completion('<think>3 or 4?</think>4')).text).toBe('<think>3 or 4?</think>4');
});

test('an answer’s tokens come with the likeliest ones that have a probability', () => {
  const top = [
    { token: '4', logprob: -0.2, bytes: null },
    { token: '3', logprob: -Infinity, bytes: null },
    { token: '', logprob: Number.NaN, bytes: null },
  ];
  const content = [{ token: '4', logprob: -0.2, bytes: null, top_logprobs: top }];
  expect(reply(completion('4', { content }))).toEqual({
    text: '4',
    tokens: [{ token: '4', top: [{ token: '4', logProb: -0.2 }] }],
  });
  expect(reply(completion('4'))).toEqual({ text: '4' });
});

test('no text is a failure, not an empty answer', () => {
  expect(() => reply({ choices: [] })).toThrow('no answer');
  expect(() => reply(completion(null))).toThrow(Failure);
});

test.each([
  ['TypeError: Failed to fetch', 'Connect to the internet for the first load'],
  [new Error('Cannot fetch https://huggingface.co/x err= 404'), 'huggingface.co'],
  ["NetworkError: Failed to execute 'add' on 'Cache'", 'afterwards the browser keeps them'],
  [new DOMException('Quota exceeded', 'QuotaExceededError'), 'Free disk space'],
  ['FeatureSupportError: This model requires WebGPU extension shader-f16', 'Choose the f32 build'],
  ['DeviceLostError: The WebGPU device was lost', 'Choose a smaller one'],
  ['WebGPUNotAvailableError: WebGPU is not supported', 'OpenAI-compatible server'],
  ['ContextWindowSizeExceededError: Prompt tokens exceed context window size', 'longer than the 4,096 tokens'],
  ['ModelNotFoundError: Cannot find model record', 'Choose one of the list'],
  ['something else', 'did not answer. web-llm said: something else'],
])('%s becomes a failure that says what to do', (error, advice) => {
  const failure = toWebLlmFailure(error, 'Qwen3-4B');
  expect(failure.code).toBe('endpointFailed');
  expect(failure.message).toMatch(/^Qwen3-4B/);
  expect(failure.message).toContain(advice);
});

test('a failure that was explained already stays as it is', () => {
  const failure = new Failure('endpointFailed', 'web-llm gave no answer.');
  expect(toWebLlmFailure(failure, 'x').message).toBe('web-llm gave no answer.');
});
