/** `window.duet.chat` without a model: against a server on this machine, and web-llm as far as it comes without a network. */
import type { JSHandle } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type { ChatModelConfig, ChatRequest } from '../src/protocol/chat.ts';
import {
  type AskedChat,
  type ChatServer,
  event,
  piece,
  type ServerStep,
  startChatServer,
  STREAM,
  WHOLE,
} from '../src/testing/chat-server.ts';
import { duet, expect, test } from './fixtures.ts';

// What a browser prints of answers that are no good, whoever deals with them.
test.use({ allowedErrors: [/Failed to load resource/] });

const KEY = 'sk-very-secret-123';
const QUESTION = { messages: [{ role: 'user', content: 'Is it?' }] } as const;

interface Outcome {
  readonly text?: string;
  readonly thinking?: string | null;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly deltas: readonly string[];
}

/** One question; stopped with its first piece where that is wished. */
function chat(
  api: JSHandle<DuetApi>,
  config: ChatModelConfig,
  { stopsAtFirst = false, ...request }: ChatRequest & { readonly stopsAtFirst?: boolean },
): Promise<Outcome> {
  return api.evaluate(
    async (d, asked) => {
      const deltas: string[] = [];
      const controller = new AbortController();
      const onDelta = ({ text }: { readonly text: string }): void => {
        deltas.push(text);
        if (asked.stopsAtFirst) controller.abort();
      };
      try {
        const { text, thinking } = await d.chat(asked.config, { ...asked.request, signal: controller.signal, onDelta });
        return { text, thinking, deltas };
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { failure: { code, message }, deltas };
      }
    },
    { config, request, stopsAtFirst },
  );
}

test('a server answers, fails, is slow, breaks off and is stopped', async ({ page }) => {
  const yes: ServerStep[] = [STREAM, { send: piece({ content: 'Yes' }) }];
  const plays: Record<string, (index: number) => readonly ServerStep[]> = {
    good: () => [
      STREAM,
      { send: `: hello\r\n\r\n${piece({ reasoning_content: 'Hm' })}` },
      { waitMs: 50 },
      { send: piece({ content: 'Yes' }) },
      { waitMs: 50 },
      { send: piece({ content: ', it is.' }) + WHOLE },
    ],
    whole: () => [{ status: 200 }, { send: '{"choices":[{"message":{"content":"<think>Hm</think>Yes"}}]}' }],
    recovers: (index) => (index === 0 ? [{ status: 500 }, { send: `not now, ${KEY}` }] : [...yes, { send: WHOLE }]),
    slow: () => [{ waitMs: 20_000 }],
    breaks: () => [...yes, { waitMs: 100 }, 'break'],
    fails: () => [...yes, { send: event({ error: { message: `out of memory, ${KEY}` } }) }],
    stopped: () => [...yes, { waitMs: 20_000 }],
  };
  const seen = new Map<string, AskedChat[]>();
  const server: ChatServer = await startChatServer((asked) => {
    const name = String(asked.body['model']);
    const before = seen.get(name) ?? [];
    seen.set(name, [...before, asked]);
    return plays[name]?.(before.length) ?? [{ status: 404 }];
  });
  try {
    await page.goto('/?model=none');
    const api = await duet(page);
    const ask = (model: string, more: object = {}): Promise<Outcome> => {
      const { url } = server;
      return chat(
        api,
        { kind: 'endpoint', url, model, apiKey: KEY, timeoutMs: 700, maxAttempts: 2 },
        { ...QUESTION, ...more },
      );
    };

    const good = await ask('good', { topP: 0.9 });
    expect(good).toMatchObject({ text: 'Yes, it is.', thinking: 'Hm' });
    expect(good.deltas).toEqual(['', 'Yes', ', it is.']);
    expect(seen.get('good')).toMatchObject([
      { authorization: `Bearer ${KEY}`, body: { messages: QUESTION.messages, stream: true, top_p: 0.9 } },
    ]);

    expect(await ask('whole')).toMatchObject({ text: 'Yes', thinking: 'Hm' });
    expect(await ask('recovers')).toMatchObject({ text: 'Yes', deltas: ['Yes'] });
    expect(seen.get('recovers')).toHaveLength(2);

    const slow = await ask('slow');
    expect(slow.failure).toEqual({
      code: 'endpointFailed',
      message: 'The server gave no answer: it was silent for longer than 0.7 s.',
    });
    expect(seen.get('slow')).toHaveLength(2);

    const broken = await ask('breaks');
    expect(broken).toMatchObject({ failure: { code: 'endpointFailed' }, deltas: ['Yes'] });
    expect(broken.failure?.message).toBe("The server's answer broke off after 3 characters: the connection was lost.");
    expect(seen.get('breaks')).toHaveLength(1);
    expect((await ask('fails')).failure?.message).toContain('broke off after 3 characters: out of memory, [key]');

    expect(await ask('stopped', { stopsAtFirst: true })).toMatchObject({
      failure: { code: 'cancelled' },
      deltas: ['Yes'],
    });
    expect(seen.get('stopped')).toHaveLength(1);
    await expect.poll(() => server.numAborted()).toBeGreaterThan(2);

    expect((await ask('unknown')).failure?.message).toBe('The server gave no answer: HTTP 404: an empty answer.');
    // What cannot be done is refused before anything is asked.
    const refused = await chat(api, { kind: 'webLlm', model: 'Qwen3-4B-q4f16_1-MLC' }, { ...QUESTION, topK: 40 });
    expect(refused.failure).toMatchObject({ code: 'invalidConfig' });
    expect(refused.failure?.message).toContain('topK: web-llm draws by temperature and top p only.');
    expect((await chat(api, { kind: 'engine' }, QUESTION)).failure?.code).toBe('noModel');
  } finally {
    await server.close();
  }
});

test('web-llm says what its first load needs', async ({ page }) => {
  await page.context().route(/huggingface\.co|githubusercontent\.com/, (route) => route.abort());
  await page.goto('/?model=none');
  const { failure } = await chat(await duet(page), { kind: 'webLlm', model: 'Qwen3-0.6B-q4f32_1-MLC' }, QUESTION);
  expect(failure?.code).toBe('endpointFailed');
  expect(failure?.message).toContain('Connect to the internet for the first load');
});
