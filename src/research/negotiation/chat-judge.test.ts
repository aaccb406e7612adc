import { describe, expect, it } from 'vitest';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import { SHORT_PROMPTS } from '@/testing/negotiation-doubles.ts';
import { ChatJudge, readScore } from './chat-judge.ts';
import { EndpointChat, type EndpointConfig } from '../chat/endpoint-chat.ts';

const KEY = 'sk-very-secret-123';
const TRANSCRIPT: JudgedAnswer = { dilemma: 'd', persona1: 'p', persona2: 'q', completion: 'c', dialogue: [] };

interface Asked {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Record<string, unknown>;
}

type Answer = Response | Error | 'never';

/** A server that gives the answers in turn, the last one for ever. */
function server(
  answers: readonly Answer[],
  config: Partial<EndpointConfig> = {},
): { readonly judge: ChatJudge; readonly chat: EndpointChat; readonly asked: Asked[]; readonly pauses: number[] } {
  const asked: Asked[] = [];
  const pauses: number[] = [];
  const fetch = (url: string, { headers, body }: RequestInit): Promise<Response> => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push({
      url,
      headers: headers as Record<string, string>,
      body: JSON.parse(typeof body === 'string' ? body : '') as Record<string, unknown>,
    });
    if (answer === 'never' || answer === undefined) return new Promise(() => undefined);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer.clone());
  };
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const chat = new EndpointChat(
    { url: 'http://localhost:11434/v1/', model: 'small', apiKey: KEY, ...config },
    { fetch, sleep },
  );
  return { chat, judge: new ChatJudge(chat, { prompts: SHORT_PROMPTS }), asked, pauses };
}

const says = (content: string, logprobs?: unknown): Response =>
  Response.json({ choices: [{ message: { content }, ...(logprobs !== undefined && { logprobs }) }] });
const fails = (status: number, text = '', headers: Record<string, string> = {}): Response =>
  new Response(text, { status, headers });

describe('reading a score', () => {
  it.each([
    ['4', 4],
    [' **0**\n', 0],
    ['Score: 5.', 5],
    ['<think>maybe 3, or 4</think>\n2', 2],
  ])('%j: %d', (text, score) => {
    expect(readScore(text)).toBe(score);
  });

  it.each([
    '',
    'four',
    '6',
    '-1',
    '3.5',
    '3,5',
    '4/5',
    'between 3 and 4',
    '10',
    '<think>4',
    '1e3',
    'I cannot do that.',
  ])('%j is none', (text) => {
    expect(readScore(text)).toBeUndefined();
  });
});

describe('a judge on a server', () => {
  it('asks as OpenAI does', async () => {
    const { judge, asked } = server([says('4')]);
    expect(await judge.score(TRANSCRIPT)).toEqual({ state: 'scored', score: 4, raw: '4' });
    expect(asked).toEqual([
      {
        url: 'http://localhost:11434/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
        body: {
          model: 'small',
          messages: [{ role: 'user', content: 'score pq d c' }],
          max_tokens: 16,
          temperature: 0,
          stream: false,
          logprobs: true,
          top_logprobs: 5,
        },
      },
    ]);
  });

  it('sends no key where there is none, and takes a whole address', async () => {
    const { judge, asked } = server([says('1')], { apiKey: '', url: 'https://host/x/chat/completions?v=2' });
    await judge.score(TRANSCRIPT);
    expect(asked[0]?.url).toBe('https://host/x/chat/completions?v=2');
    expect(asked[0]?.headers['authorization']).toBeUndefined();
  });

  it.each(['localhost', 'ftp://host', 'http://me:pw@host'])('refuses the address %s', (url) => {
    expect(() => server([], { url })).toThrow('address');
  });

  it('weighs the digits it is told of', async () => {
    const top = [-1, 0.5, 2, 3, 1.5].map((logprob, i) => ({
      token: i === 2 ? ' 3' : String(i + 1),
      logprob: logprob - 9,
    }));
    const content = [
      { token: '\n', top_logprobs: [] },
      { token: '4', top_logprobs: [...top, { token: 'x', logprob: -1 }] },
    ];
    const verdict = await server([says('\n4', { content })]).judge.score(TRANSCRIPT);
    expect(verdict.state === 'scored' && verdict.score).toBeCloseTo(3.784874, 6);
  });

  it('goes on without probabilities where the server refuses them, once and for all', async () => {
    const { judge, asked } = server([fails(400, 'logprobs are not supported'), says('2'), says('3')]);
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ score: 2 });
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ score: 3 });
    expect(asked.map(({ body }) => 'logprobs' in body)).toEqual([true, false, false]);
  });

  it('asks again after nonsense, warmer, and gives up in sight of everyone', async () => {
    const some = server([says('Well...'), says('4/5'), says('5')]);
    expect(await some.judge.score(TRANSCRIPT)).toMatchObject({ state: 'scored', score: 5 });
    expect(some.asked.map(({ body }) => body['temperature'])).toEqual([0, 0.7, 0.7]);
    const all = server([says('Hmm.')]);
    expect(await all.judge.score(TRANSCRIPT)).toEqual({
      state: 'unreadable',
      reason: 'None of 3 answers was one integer from 0 to 5.',
      raw: 'Hmm.',
    });
    expect(all.asked).toHaveLength(3);
  });

  it('waits longer and longer for a server that fails, or as long as it asks for', async () => {
    const { judge, pauses } = server([fails(500), new TypeError('fetch failed'), says('3')]);
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ score: 3 });
    expect(pauses).toEqual([500, 1000]);
    const busy = server([fails(429, '', { 'retry-after': '7' }), fails(503, '', { 'retry-after': '9999' }), says('3')]);
    await busy.judge.score(TRANSCRIPT);
    expect(busy.pauses).toEqual([7000, 30_000]);
  });

  it.each([
    [
      'a refused key',
      fails(401, `Incorrect API key provided: ${KEY}`),
      1,
      'HTTP 401: Incorrect API key provided: [key]',
    ],
    ['an unknown model', fails(404, 'no such model'), 1, 'HTTP 404: no such model'],
    ['a broken server', fails(500), 3, 'HTTP 500: an empty answer.'],
    [
      'no server',
      new TypeError(`cannot fetch http://localhost/?key=${KEY}`),
      3,
      'it cannot be reached from this page.',
    ],
    ['a page', new Response('<html>'), 3, 'this is no answer: <html>'],
    ['an empty list', Response.json({ choices: [] }), 3, 'this is no answer: {"choices":[]}'],
  ])('shows %s as unreadable', async (_, answer, numAsked, reason) => {
    const { judge, asked, chat } = server([answer]);
    const verdict = await judge.score(TRANSCRIPT);
    expect(verdict).toEqual({ state: 'unreadable', reason: `The server gave no answer: ${reason}`, raw: '' });
    expect(asked).toHaveLength(numAsked);
    expect(JSON.stringify([verdict, judge, chat, Object.entries(chat)])).not.toContain(KEY);
  });

  it('does not wait for a slow server for ever', async () => {
    const { judge, asked } = server(['never'], { timeoutMs: 5, maxAttempts: 2 });
    const verdict = await judge.score(TRANSCRIPT);
    expect(verdict).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining('longer than 0.005 s') as string,
    });
    expect(asked).toHaveLength(2);
  });

  it('can be stopped while it waits', async () => {
    const controller = new AbortController();
    const { judge, asked } = server(['never']);
    const running = judge.score(TRANSCRIPT, controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toHaveLength(1);
  });

  it('keeps the key out of what a server says', async () => {
    const verdict = await server([says(`your key is ${KEY}`)]).judge.score(TRANSCRIPT);
    expect(verdict).toMatchObject({ raw: 'your key is [key]' });
  });
});

describe('other answers of a chat model', () => {
  const slots = { aspect: 'caAlignment', dilemma: 'd', answerA: 'a', answerB: 'b' } as const;

  it.each([
    ['A is better.\nVerdict: A', 'A'],
    ['**Verdict:** B', 'B'],
    ['verdict - b.', 'B'],
  ])('prefers: %j', async (text, answer) => {
    expect(await server([says(text)]).judge.prefer(slots)).toMatchObject({ state: 'chosen', answer });
  });

  it.each(['A', 'Verdict: A or rather Verdict: B', 'Verdict: both', 'Verdict: Apple'])(
    'no preference: %j',
    async (text) => {
      expect(await server([says(text)]).judge.prefer(slots)).toMatchObject({ state: 'unreadable', raw: text });
    },
  );

  it.each([
    ['YES\nSame plan.', { state: 'judged', turn: 3, agreed: true }],
    ['**No**. Still debating.', { state: 'judged', turn: 3, agreed: false }],
    ['Perhaps', { state: 'unreadable', turn: 3, raw: 'Perhaps' }],
    ['Nobody knows', { state: 'unreadable', turn: 3 }],
  ])('consents: %j', async (text, verdict) => {
    const said = {
      kind: 'utterance',
      role: 'agent1',
      turn: 3,
      promptIds: [],
      tokenIds: [],
      logProbs: [],
      text: 'x',
      stop: 'stopToken',
      isTruncated: false,
      origin: 'model',
    } as const;
    const [read] = await server([says(text)]).judge.decide([{ dilemma: 'd', turn: 3, exchange: [said, said] }]);
    expect(read).toMatchObject(verdict);
  });
});

describe('a schema holds an answer where no probabilities are asked for', () => {
  const slots = { aspect: 'caAlignment', dilemma: 'd', answerA: 'a', answerB: 'b' } as const;
  const schemas = (asked: readonly Asked[]): unknown[] =>
    asked.map(
      ({ body }) => (body['response_format'] as { json_schema?: { schema?: unknown } } | undefined)?.json_schema,
    );

  it('the first score is free, since its probabilities count; the next one is not', async () => {
    const { judge, asked } = server([says('Well...'), says('{"score": 4}')]);
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ state: 'scored', score: 4, raw: '{"score": 4}' });
    expect(schemas(asked)).toMatchObject([
      undefined,
      { schema: { properties: { score: { type: 'integer', enum: [0, 1, 2, 3, 4, 5] } }, required: ['score'] } },
    ]);
    // Under a schema they would be those of the form, all of them on the digits.
    expect(asked.map(({ body }) => 'logprobs' in body)).toEqual([true, false]);
  });

  it('a comparison names its winner in JSON, whatever its reasons quote', async () => {
    const text = JSON.stringify({ rationale: 'Not "Verdict: A".', verdict: 'B' });
    const { judge, asked } = server([says(text)]);
    expect(await judge.prefer(slots)).toEqual({ state: 'chosen', answer: 'B', raw: text });
    expect(schemas(asked)).toMatchObject([{ schema: { required: ['rationale', 'verdict'] }, strict: true }]);
  });

  it('a server that knows no schemas answers in words', async () => {
    const { judge, asked } = server([fails(400, 'response_format is not supported'), says('Verdict: A')]);
    expect(await judge.prefer(slots)).toMatchObject({ state: 'chosen', answer: 'A' });
    expect(schemas(asked).map((schema) => schema !== undefined)).toEqual([true, false]);
  });
});

describe('a judge that thinks aloud', () => {
  it('is judged by its answer; its thoughts are kept for who looks', async () => {
    const { judge } = server([says('<think>3, or 4?</think>\n2')]);
    expect(await judge.score(TRANSCRIPT)).toEqual({ state: 'scored', score: 2, raw: '<think>3, or 4?</think>2' });
  });

  it('that came to no end is asked to think less, with more room', async () => {
    const { judge, asked } = server([says('<think>Let me see: 3, or'), says('2')]);
    expect(await judge.score(TRANSCRIPT)).toMatchObject({ score: 2 });
    expect(asked.map(({ body }) => [body['max_tokens'], body['chat_template_kwargs']])).toEqual([
      [16, undefined],
      [1024, { enable_thinking: false }],
    ]);
  });
});
