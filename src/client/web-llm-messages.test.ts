import type { ChatCompletionChunk } from '@mlc-ai/web-llm';
import { expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { ChatAnswer, ChatDelta, ChatRequest } from '@/protocol/chat.ts';
import { canTurnThinkingOff, readWebLlmAnswer, toWebLlmFailure, toWebLlmRequest } from './web-llm-messages.ts';

const MESSAGES = [{ role: 'user', content: 'Score?' }] as const;
const LLAMA = 'Llama-3.2-1B-Instruct-q4f16_1-MLC';
const QWEN3 = 'Qwen3-4B-q4f16_1-MLC';

test('everything is said, since each model has defaults of its own', () => {
  expect(toWebLlmRequest(LLAMA, { messages: MESSAGES })).toEqual({
    messages: MESSAGES,
    max_tokens: 512,
    temperature: 0,
    top_p: 1,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('the likeliest answer keeps the model’s own probabilities: temperature 1 with all but one token cut off', () => {
  expect(toWebLlmRequest(LLAMA, { messages: MESSAGES, maxTokens: 16, temperature: 0, topLogProbs: 5 })).toMatchObject({
    max_tokens: 16,
    temperature: 1,
    top_p: 1e-5,
    logprobs: true,
    top_logprobs: 5,
  });
});

test('other temperatures, and questions without probabilities, are passed on; more than five are never asked for', () => {
  const warm = { messages: MESSAGES, temperature: 0.7, topP: 0.9, seed: 3, stop: ['END'], topLogProbs: 20 };
  expect(toWebLlmRequest(LLAMA, warm)).toMatchObject({
    temperature: 0.7,
    top_p: 0.9,
    seed: 3,
    stop: ['END'],
    top_logprobs: 5,
  });
  expect(toWebLlmRequest(LLAMA, { messages: MESSAGES })).not.toHaveProperty('logprobs');
});

test('a schema goes as text, and leaves no room for thoughts', () => {
  const asked = { messages: MESSAGES, responseSchema: { type: 'object' }, enableThinking: true };
  expect(toWebLlmRequest(QWEN3, asked)).toMatchObject({
    response_format: { type: 'json_object', schema: '{"type":"object"}' },
    extra_body: { enable_thinking: false },
  });
});

test('the switch for thinking is for models that have one: others would get an empty thought', () => {
  const off = { messages: MESSAGES, enableThinking: false };
  expect(toWebLlmRequest(QWEN3, off).extra_body).toEqual({ enable_thinking: false });
  expect(toWebLlmRequest(QWEN3, { ...off, enableThinking: true }).extra_body).toEqual({ enable_thinking: true });
  expect(toWebLlmRequest(QWEN3, { messages: MESSAGES })).not.toHaveProperty('extra_body');
  expect(toWebLlmRequest(LLAMA, off)).not.toHaveProperty('extra_body');
});

test.each([
  ['Qwen3-0.6B-q0f32-MLC', true],
  ['Qwen3.5-2B-q4f16_1-MLC', true],
  ['Qwen2.5-0.5B-Instruct-q4f16_1-MLC', false],
  ['DeepSeek-R1-Distill-Qwen-7B-q4f16_1-MLC', false],
  ['Ministral-3-3B-Reasoning-2512-q4f16_1-MLC', false],
])('%s can stop thinking: %s', (model, can) => {
  expect(canTurnThinkingOff(model)).toBe(can);
});

test('thoughts of earlier answers are not sent back', () => {
  const messages = [
    ...MESSAGES,
    { role: 'assistant', content: '<think>3 or 4?</think>\n4' },
    { role: 'user', content: 'Why <think>?' },
  ] as const;
  expect(toWebLlmRequest(QWEN3, { messages }).messages).toEqual([
    MESSAGES[0],
    { role: 'assistant', content: '4' },
    messages[2],
  ]);
});

type Chunk = Pick<ChatCompletionChunk, 'choices' | 'usage'>;
type Logprobs = ChatCompletionChunk['choices'][number]['logprobs'];

const says = (content: string, logprobs: Logprobs = null): Chunk => ({
  choices: [{ delta: { content, role: 'assistant' }, finish_reason: null, index: 0, logprobs }],
});
const ends = (reason: 'stop' | 'length'): Chunk => ({ choices: [{ delta: {}, finish_reason: reason, index: 0 }] });
const counts = (completion: number): Chunk => ({
  choices: [],
  usage: { completion_tokens: completion, prompt_tokens: 9, total_tokens: 9 + completion, extra: EXTRA },
});
const EXTRA = {
  e2e_latency_s: 1,
  prefill_tokens_per_s: 1,
  decode_tokens_per_s: 1,
  time_to_first_token_s: 1,
  time_per_output_token_s: 1,
};

async function read(
  chunks: readonly Chunk[],
  request: Partial<ChatRequest> = {},
  signal = new AbortController().signal,
): Promise<{ answer: ChatAnswer; deltas: ChatDelta[] }> {
  const deltas: ChatDelta[] = [];
  async function* stream(): AsyncGenerator<Chunk> {
    yield* chunks;
  }
  const full = { messages: MESSAGES, ...request };
  return { answer: await readWebLlmAnswer(stream(), full, (delta) => deltas.push(delta), signal), deltas };
}

test('an answer comes as it is written, its thoughts apart', async () => {
  const { answer, deltas } = await read([
    says('<think>\nHm'),
    says('.</thi'),
    says('nk>\n\nYes'),
    says('!'),
    ends('stop'),
    counts(7),
  ]);
  expect(answer).toMatchObject({ text: 'Yes!', thinking: 'Hm.', tokens: null, stopReason: 'stop' });
  expect(answer.timing.numTokens).toBe(7);
  expect(deltas.map(({ text }) => text).join('|')).toBe('||Yes|!');
});

test('the empty thought of thinking turned off is no part of the answer', async () => {
  const { answer } = await read([says('<think>\n\n</think>\n\n4'), ends('stop')]);
  expect(answer).toMatchObject({ text: '4', thinking: null });
});

test('an answer’s tokens come with the likeliest ones that have a probability', async () => {
  const top = [
    { token: '4', logprob: -0.2, bytes: null },
    { token: '3', logprob: -Infinity, bytes: null },
    { token: '', logprob: Number.NaN, bytes: null },
  ];
  const content = [{ token: '4', logprob: -0.2, bytes: null, top_logprobs: top }];
  const end = [{ token: '<|im_end|>', logprob: -0.1, bytes: null, top_logprobs: [] }];
  const { answer } = await read([says('4', { content }), says('', { content: end }), ends('stop')]);
  expect(answer.tokens).toEqual([{ text: '4', logProb: -0.2, top: [{ text: '4', logProb: -0.2 }], isThinking: false }]);
});

test('it says why an answer ended', async () => {
  expect((await read([says('a'), ends('length'), counts(512)])).answer.stopReason).toBe('length');
  expect((await read([says('a'), ends('length'), counts(100)])).answer.stopReason).toBe('contextFull');
  const { answer } = await read([says('a EN'), says('D b'), ends('length')], { stop: ['END'] });
  expect(answer).toMatchObject({ text: 'a ', stopReason: 'stop' });
});

test('an end without an answer is a failure, and a stopped one is no answer', async () => {
  await expect(read([])).rejects.toThrow('no answer');
  await expect(read([says('a'), ends('stop')], {}, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test.each([
  ['TypeError: Failed to fetch', 'Connect to the internet for the first load'],
  [new Error('Cannot fetch https://huggingface.co/x err= 404'), 'huggingface.co'],
  ["NetworkError: Failed to execute 'add' on 'Cache'", 'afterwards the browser keeps them'],
  [new DOMException('Quota exceeded', 'QuotaExceededError'), 'delete models under Storage'],
  ['FeatureSupportError: This model requires WebGPU extension shader-f16', 'Choose the f32 build'],
  ['DeviceLostError: The WebGPU device was lost', 'or choose a smaller one here'],
  ['WebGPUNotAvailableError: WebGPU is not supported', 'A model on a server works without it'],
  ['ContextWindowSizeExceededError: Prompt tokens exceed context window size', 'longer than the 4,096 tokens'],
  ['ModelNotFoundError: Cannot find model record', 'Choose one of the list'],
  ['something else', 'Try again, or choose another model. web-llm said: something else'],
])('%s becomes a failure that says what to do', (error, advice) => {
  const failure = toWebLlmFailure(error, 'Qwen3-4B');
  expect(failure.code).toBe('endpointFailed');
  expect(failure.message).toMatch(/^Qwen3-4B/);
  expect(failure.message).toContain(advice);
  // It is asked by others than judges too.
  expect(failure.message).not.toMatch(/judge/i);
});

test('a failure that was explained already stays as it is', () => {
  const failure = new Failure('endpointFailed', 'web-llm gave no answer.');
  expect(toWebLlmFailure(failure, 'x').message).toBe('web-llm gave no answer.');
});
