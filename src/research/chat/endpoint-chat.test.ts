import { afterEach, describe, expect, it } from 'vitest';
import type { ChatAnswer, ChatDelta, ChatRequest } from '@/protocol/chat.ts';
import {
  type ChatServer,
  event,
  piece,
  type ServerStep,
  startChatServer,
  STREAM,
  WHOLE,
} from '@/testing/chat-server.ts';
import type { EndpointExtra } from './endpoint-body.ts';
import { EndpointChat, type EndpointConfig } from './endpoint-chat.ts';

const KEY = 'sk-very-secret-123';
const HELLO = { messages: [{ role: 'user', content: 'Hi' }] } as const;

let server: ChatServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Talk {
  readonly answer: Promise<ChatAnswer>;
  readonly deltas: ChatDelta[];
  readonly pauses: number[];
  readonly server: ChatServer;
}

/** One question to a server that does these things in turn, the last for ever. */
async function ask(
  plays: readonly (readonly ServerStep[])[],
  options: {
    readonly request?: Partial<ChatRequest>;
    readonly config?: Partial<EndpointConfig>;
    readonly signal?: AbortSignal;
    readonly isStreamed?: boolean;
    readonly refused?: Set<EndpointExtra>;
  } = {},
): Promise<Talk> {
  const started = await startChatServer((_, index) => plays[Math.min(index, plays.length - 1)] ?? []);
  server = started;
  const deltas: ChatDelta[] = [];
  const pauses: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const chat = new EndpointChat(
    { url: started.url, model: 'small', apiKey: KEY, ...options.config },
    { fetch: (url, init) => fetch(url, init), sleep },
    options.refused,
  );
  const answer = chat.chat(
    { ...HELLO, ...options.request },
    {
      ...(options.isStreamed !== false && { onDelta: (delta: ChatDelta) => deltas.push(delta) }),
      ...(options.signal && { signal: options.signal }),
    },
  );
  answer.catch(() => undefined);
  return { answer, deltas, pauses, server: started };
}

const texts = (deltas: readonly ChatDelta[]): string[] => deltas.map(({ text }) => text);
const json = (body: unknown): ServerStep[] => [{ status: 200 }, { send: JSON.stringify(body) }];
const fails = (status: number, text = '', headers: Record<string, string> = {}): ServerStep[] => [
  { status, headers },
  { send: text },
];

describe('a stream', () => {
  it('is asked for as OpenAI has it, and told as it comes', async () => {
    const usage = event({ choices: [], usage: { completion_tokens: 3 } });
    const talk = await ask([
      [
        STREAM,
        { send: piece({ role: 'assistant', content: '' }) + piece({ content: 'Yes' }) },
        { waitMs: 30 },
        { send: piece({ content: ', so.' }) + usage + WHOLE },
      ],
    ]);
    expect(await talk.answer).toMatchObject({
      text: 'Yes, so.',
      thinking: null,
      tokens: null,
      stopReason: 'stop',
      timing: { numTokens: 3 },
    });
    expect(texts(talk.deltas)).toEqual(['Yes', ', so.']);
    expect(talk.server.asked[0]).toEqual({
      authorization: `Bearer ${KEY}`,
      body: {
        model: 'small',
        messages: HELLO.messages,
        max_tokens: 512,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      },
    });
  });

  it.each(['ollama', '1'])('says the words that are "%s", the key of a server without keys, too', async (apiKey) => {
    const talk = await ask([[STREAM, { send: piece({ content: 'I am ollama 1' }) + WHOLE }]], { config: { apiKey } });
    expect((await talk.answer).text).toBe('I am ollama 1');
    await talk.server.close();
    const whole = await ask([json({ choices: [{ message: { content: 'ollama' }, index: 1 }] })], {
      config: { apiKey },
      isStreamed: false,
    });
    expect((await whole.answer).text).toBe('ollama');
  });

  it('may be cut anywhere, also in a character, with any ends of lines and comments between', async () => {
    const whole = `: hello\r\n\r\n${piece({ content: 'Ünï 😀' })}: ping\n\n${WHOLE}`.replaceAll('\n\n', '\r\n\r\n');
    const bytes = [...new TextEncoder().encode(whole)];
    const fetch = (): Promise<Response> => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    };
    const chat = new EndpointChat({ url: 'http://host/v1', model: 'small' }, { fetch });
    expect((await chat.chat(HELLO, { onDelta: () => undefined })).text).toBe('Ünï 😀');
  });

  it.each([
    ['in the text', [piece({ content: '<think>H' }), piece({ content: 'm</think>\n\nYes' })]],
    ['apart', [piece({ reasoning_content: 'H' }), piece({ reasoning_content: 'm' }), piece({ content: 'Yes' })]],
    ['apart, as others name it', [piece({ reasoning: 'Hm', content: null }), piece({ content: '\nYes' })]],
    ['opened by the server’s template', [piece({ content: 'Hm' }), piece({ content: '\n</think>\nYes' })]],
  ])('thoughts stand apart: %s', async (_, pieces) => {
    const { answer } = await ask([[STREAM, ...pieces.map((send) => ({ send })), { send: WHOLE }]]);
    expect(await answer).toMatchObject({ text: 'Yes', thinking: 'Hm' });
  });

  it('brings probabilities where they are wanted', async () => {
    const content = [{ token: 'Yes', logprob: -0.1, top_logprobs: [{ token: 'No', logprob: -2 }] }];
    const { answer, server: asked } = await ask(
      [[STREAM, { send: piece({ content: 'Yes' }, { logprobs: { content } }) + WHOLE }]],
      { request: { topLogProbs: 1 } },
    );
    expect((await answer).tokens).toEqual([
      { text: 'Yes', logProb: -0.1, top: [{ text: 'No', logProb: -2 }], isThinking: false },
    ]);
    expect(asked.asked[0]?.body).toMatchObject({ logprobs: true, top_logprobs: 1 });
  });

  it('is left when a stop string has come that the server passed over', async () => {
    const { answer, deltas } = await ask(
      [[STREAM, { send: piece({ content: 'Yes EN' }) + piece({ content: 'D lost' }) }, { waitMs: 5000 }]],
      { request: { stop: ['END'] } },
    );
    expect(await answer).toMatchObject({ text: 'Yes ', stopReason: 'stop' });
    expect(texts(deltas).join('')).toBe('Yes ');
  });

  it('says when the limit has ended it', async () => {
    const { answer } = await ask([
      [STREAM, { send: piece({ content: 'Y' }, { finish_reason: 'length' }) + event('[DONE]') }],
    ]);
    expect((await answer).stopReason).toBe('length');
  });

  it('may be a whole answer all the same', async () => {
    const body = { choices: [{ message: { content: 'Yes', reasoning_content: 'Hm' }, finish_reason: 'stop' }] };
    const { answer, deltas } = await ask([json(body)]);
    expect(await answer).toMatchObject({ text: 'Yes', thinking: 'Hm' });
    expect(texts(deltas).join('')).toBe('Yes');
  });

  it('is known by its text where the server calls it something else', async () => {
    const { answer } = await ask([[{ status: 200 }, { send: piece({ content: 'Yes' }) + WHOLE }]]);
    expect((await answer).text).toBe('Yes');
  });
});

describe('what goes wrong before an answer has begun is tried again', () => {
  const GOOD: ServerStep[] = [STREAM, { send: piece({ content: 'Yes' }) + WHOLE }];

  it.each([
    ['a broken server', fails(500, 'oops')],
    ['a broken connection', ['break'] satisfies ServerStep[]],
    ['a connection that breaks behind the head', [STREAM, { send: ': hi\n\n' }, 'break'] satisfies ServerStep[]],
    ['an error in the stream', [STREAM, { send: event({ error: { message: 'busy' } }) }] satisfies ServerStep[]],
    ['an empty stream', [STREAM] satisfies ServerStep[]],
    ['nonsense', [STREAM, { send: 'data: {{\n\n' }] satisfies ServerStep[]],
    ['an error in place of an answer', json({ error: { message: 'busy' } })],
  ])('%s', async (_, bad) => {
    const { answer, pauses, deltas } = await ask([bad, bad, GOOD]);
    expect((await answer).text).toBe('Yes');
    expect(pauses).toEqual([500, 1000]);
    expect(texts(deltas)).toEqual(['Yes']);
  });

  it('as long after as the server asks for', async () => {
    const { answer, pauses } = await ask([fails(429, '', { 'retry-after': '7' }), GOOD]);
    expect((await answer).text).toBe('Yes');
    expect(pauses).toEqual([7000]);
  });

  it('a few times at most, and not where it would be of no use', async () => {
    const tired = await ask([fails(500, `no, ${KEY}`)], { config: { maxAttempts: 2 } });
    await expect(tired.answer).rejects.toMatchObject({
      code: 'endpointFailed',
      message: 'The server gave no answer: HTTP 500: no, [key]',
    });
    expect(tired.server.asked).toHaveLength(2);
    await tired.server.close();
    const refused = await ask([fails(401, 'who are you')]);
    await expect(refused.answer).rejects.toThrow('HTTP 401: who are you');
    expect(refused.server.asked).toHaveLength(1);
  });
});

it.each([
  ['OpenAI', { error: { message: `no, ${KEY}`, code: 7 } }, 'no, [key]'],
  ['Ollama', { error: 'no' }, 'no'],
  ['vLLM', { object: 'error', message: 'no' }, 'no'],
  ['FastAPI', { detail: [{ msg: 'no' }] }, '[{"msg":"no"}]'],
  ['nobody', { why: 'no' }, '{"why":"no"}'],
])('a refusal is told in its own words where it is as %s has it', async (_server, body, said) => {
  const { answer } = await ask([fails(401, JSON.stringify(body))]);
  await expect(answer).rejects.toThrow(`The server gave no answer: HTTP 401: ${said}`);
});

describe('what goes wrong after an answer has begun', () => {
  const begun = (...more: ServerStep[]): ServerStep[] => [STREAM, { send: piece({ content: 'Yes, ' }) }, ...more];

  it.each([
    ['a connection that breaks', begun({ waitMs: 20 }, 'break'), 'the connection was lost.'],
    ['a stream that ends too early', begun(), 'the connection ended too early.'],
    ['an error in the stream', begun({ send: event({ error: 'out of memory' }) }), 'out of memory'],
    ['silence', begun({ waitMs: 5000 }), 'it was silent for longer than 0.2 s.'],
  ])('is told, and not tried again: %s', async (_, play, reason) => {
    const { answer, deltas, server: asked } = await ask([play], { config: { timeoutMs: 200 } });
    await expect(answer).rejects.toMatchObject({
      code: 'endpointFailed',
      message: `The server's answer broke off after 5 characters: ${reason}`,
      details: { numCharacters: 5 },
    });
    expect(texts(deltas)).toEqual(['Yes, ']);
    expect(asked.asked).toHaveLength(1);
  });
});

describe('time', () => {
  it('a slow answer is waited for as long as it goes on', async () => {
    const slowly = ['a', 'b', 'c', 'd', 'e'].flatMap((content) => [{ waitMs: 80 }, { send: piece({ content }) }]);
    const { answer } = await ask([[STREAM, ...slowly, { send: WHOLE }]], { config: { timeoutMs: 250 } });
    expect((await answer).text).toBe('abcde');
  });

  it('a silent server is not', async () => {
    const { answer, server: asked } = await ask([[{ waitMs: 5000 }]], { config: { timeoutMs: 100, maxAttempts: 2 } });
    await expect(answer).rejects.toThrow('The server gave no answer: it was silent for longer than 0.1 s.');
    expect(asked.asked).toHaveLength(2);
  });

  it('a stopped answer ends at once, and the server is told', async () => {
    const controller = new AbortController();
    const play: ServerStep[] = [STREAM, { send: piece({ content: 'Yes' }) }, { waitMs: 5000 }];
    const { answer, deltas, server: asked } = await ask([play], { signal: controller.signal });
    await expect.poll(() => deltas).toHaveLength(1);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => asked.numAborted()).toBe(1);
    expect(asked.asked).toHaveLength(1);
  });
});

describe('what a server does not know', () => {
  const GOOD = json({ choices: [{ message: { content: 'Yes' } }] });
  const wanted = { topLogProbs: 2, responseSchema: { type: 'object' }, enableThinking: false } as const;

  it('is asked for in the common way', async () => {
    const { answer, server: asked } = await ask([GOOD], {
      request: { ...wanted, topK: 3, minP: 0.1, seed: 4, topP: 0.9 },
    });
    expect(await answer).not.toHaveProperty('notes');
    expect(asked.asked[0]?.body).toMatchObject({
      logprobs: true,
      top_logprobs: 2,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
      },
      chat_template_kwargs: { enable_thinking: false },
      top_k: 3,
      min_p: 0.1,
      seed: 4,
      top_p: 0.9,
    });
  });

  it('is left out where the server names it, once and for all, and the answer says so', async () => {
    const refused = new Set<EndpointExtra>();
    const talk = await ask([fails(400, 'response_format: unknown field'), GOOD], { request: wanted, refused });
    expect((await talk.answer).notes).toEqual(['The server does not hold answers to a schema.']);
    expect(talk.pauses).toEqual([]);
    expect(talk.server.asked.map(({ body }) => ['response_format' in body, 'logprobs' in body])).toEqual([
      [true, true],
      [false, true],
    ]);
    expect([...refused]).toEqual(['responseSchema']);
  });

  it('is all left out where the server does not say what it is', async () => {
    const { answer, server: asked } = await ask([fails(422, 'no'), GOOD], { request: wanted });
    expect((await answer).notes).toHaveLength(3);
    expect(Object.keys(asked.asked[1]?.body ?? {})).toEqual([
      'model',
      'messages',
      'max_tokens',
      'temperature',
      'stream',
    ]);
  });

  it('is not blamed where the request is refused without it as well', async () => {
    const refused = new Set<EndpointExtra>();
    const { answer } = await ask([fails(400, 'the context is too long')], { request: wanted, refused });
    await expect(answer).rejects.toThrow('HTTP 400: the context is too long');
    expect([...refused]).toEqual([]);
  });

  it('has another name for the limit', async () => {
    const { answer, server: asked } = await ask([
      fails(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
      GOOD,
    ]);
    expect((await answer).text).toBe('Yes');
    expect(asked.asked[1]?.body).toMatchObject({ max_completion_tokens: 512 });
    expect(asked.asked[1]?.body).not.toHaveProperty('max_tokens');
  });
});

it('the key is in no answer', async () => {
  const pieces = piece({ content: `a ${KEY} b ${KEY.slice(0, 5)}` }) + piece({ content: KEY.slice(5) });
  const { answer, deltas } = await ask([[STREAM, { send: pieces + WHOLE }]]);
  expect((await answer).text).toBe('a [key] b [key]');
  expect(texts(deltas)[0]).toBe(`a [key] b ${KEY.slice(0, 5)}`);
});

it('thoughts of earlier answers are not sent', async () => {
  const messages = [
    ...HELLO.messages,
    { role: 'assistant', content: '<think>Hm</think>Yes' },
    ...HELLO.messages,
  ] as const;
  const { answer, server: asked } = await ask([[STREAM, { send: piece({ content: 'Y' }) + WHOLE }]], {
    request: { messages },
  });
  await answer;
  expect(asked.asked[0]?.body['messages']).toMatchObject([{}, { content: 'Yes' }, {}]);
});
