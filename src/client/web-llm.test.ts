import { expect, test } from 'vitest';
import type { ChatAnswer } from '@/protocol/chat.ts';
import { chatAnswer } from '@/testing/chat-answer.ts';
import { WebLlm, type WebLlmStatus } from './web-llm.ts';
import type { StartedThread, WebLlmProgress } from './web-llm-thread.ts';

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly settle: { resolve: (value: Value) => void; reject: (reason: unknown) => void };
}

function deferred<Value>(): Deferred<Value> {
  const settle: Deferred<Value>['settle'] = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<Value>((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, settle };
}

/** A thread whose load and answers are settled by hand. */
class FakeThread {
  readonly loads: { readonly model: string; readonly progress: (progress: WebLlmProgress) => void }[] = [];
  isEnded = false;
  answersAtOnce = true;
  /** Of each question that came to the thread. */
  readonly answers: Deferred<ChatAnswer>['settle'][] = [];
  readonly cancelled: number[] = [];
  readonly #load = deferred<void>();
  readonly #died = deferred<never>();

  readonly started: StartedThread = {
    remote: {
      load: (model, progress) => {
        this.loads.push({ model, progress });
        return this.#load.promise;
      },
      chat: (model, _request, onDelta) => {
        const answer = deferred<ChatAnswer>();
        const index = this.answers.push(answer.settle) - 1;
        if (this.answersAtOnce) answer.settle.resolve(chatAnswer(`from ${model}`));
        onDelta({ text: 'f', thinking: '', tokens: [] });
        return Promise.resolve({ done: () => answer.promise, cancel: () => this.cancelled.push(index) });
      },
    },
    died: this.#died.promise,
    end: () => {
      this.isEnded = true;
    },
  };

  loaded(): void {
    this.#load.settle.resolve();
  }

  refuse(reason: unknown): void {
    this.#load.settle.reject(reason);
  }

  die(): void {
    this.#died.settle.reject(new Error('out of memory'));
  }
}

function setUp(): { webLlm: WebLlm; threads: FakeThread[]; seen: WebLlmStatus['kind'][] } {
  const threads: FakeThread[] = [];
  const webLlm = new WebLlm(() => {
    const thread = new FakeThread();
    threads.push(thread);
    return thread.started;
  });
  const seen: WebLlmStatus['kind'][] = [];
  webLlm.subscribe(() => seen.push(webLlm.status().kind));
  return { webLlm, threads, seen };
}

const QUESTION = { messages: [{ role: 'user', content: 'Score?' }] } as const;
const thread = (threads: readonly FakeThread[], index: number): FakeThread => threads[index] ?? new FakeThread();

test('a question loads its model first, once for all that ask', async () => {
  const { webLlm, threads, seen } = setUp();
  const answers = Promise.all([webLlm.chat('a', QUESTION), webLlm.chat('a', QUESTION)]);
  expect(threads).toHaveLength(1);
  thread(threads, 0).loads[0]?.progress({ share: 0.5, text: 'half' });
  expect(webLlm.status()).toEqual({ kind: 'loading', model: 'a', progress: { share: 0.5, text: 'half' } });
  thread(threads, 0).loaded();
  expect((await answers).map(({ text }) => text)).toEqual(['from a', 'from a']);
  expect(seen.at(-1)).toBe('ready');
  expect(threads).toHaveLength(1);
});

test('another model takes the place of the one that is there', async () => {
  const { webLlm, threads } = setUp();
  const first = webLlm.load('a');
  const second = webLlm.load('b');
  await expect(first).rejects.toMatchObject({ code: 'cancelled' });
  expect(thread(threads, 0).isEnded).toBe(true);
  thread(threads, 1).loaded();
  await second;
  expect(webLlm.status()).toEqual({ kind: 'ready', model: 'b' });
  // What the first one still says is nobody's.
  thread(threads, 0).loads[0]?.progress({ share: 1, text: 'late' });
  expect(webLlm.status()).toEqual({ kind: 'ready', model: 'b' });
});

test('a cancelled load frees its thread; who asked gets no answer to be had', async () => {
  const { webLlm, threads } = setUp();
  const controller = new AbortController();
  const load = webLlm.load('a', undefined, controller.signal);
  const asked = webLlm.chat('a', QUESTION);
  controller.abort();
  await expect(load).rejects.toMatchObject({ code: 'cancelled' });
  await expect(asked).rejects.toMatchObject({ code: 'endpointFailed' });
  expect(thread(threads, 0).isEnded).toBe(true);
  expect(webLlm.status()).toEqual({ kind: 'none' });
  await expect(webLlm.load('a', undefined, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(threads).toHaveLength(1);
});

test('a load that fails says why, and the next one begins anew', async () => {
  const { webLlm, threads } = setUp();
  const load = webLlm.load('a');
  thread(threads, 0).refuse('TypeError: Failed to fetch');
  await expect(load).rejects.toMatchObject({ code: 'endpointFailed' });
  expect(webLlm.status()).toMatchObject({ kind: 'failed', model: 'a' });
  expect(thread(threads, 0).isEnded).toBe(true);
  const again = webLlm.load('a');
  thread(threads, 1).loaded();
  await again;
  expect(webLlm.status().kind).toBe('ready');
});

test('nothing waits for a thread that has died or was ended', async () => {
  const { webLlm, threads } = setUp();
  const asked = webLlm.chat('silent', QUESTION);
  thread(threads, 0).answersAtOnce = false;
  thread(threads, 0).loaded();
  await expect.poll(() => webLlm.status().kind).toBe('ready');
  thread(threads, 0).die();
  await expect(asked).rejects.toMatchObject({ code: 'endpointFailed' });
  expect(webLlm.status()).toMatchObject({ kind: 'failed', model: 'silent' });

  const next = webLlm.chat('silent', QUESTION);
  thread(threads, 1).answersAtOnce = false;
  thread(threads, 1).loaded();
  await expect.poll(() => webLlm.status().kind).toBe('ready');
  webLlm.unload();
  await expect(next).rejects.toMatchObject({ code: 'endpointFailed' });
  expect(webLlm.status()).toEqual({ kind: 'none' });
});

test('questions wait for each other, and a stopped one is waited for by the next', async () => {
  const { webLlm, threads } = setUp();
  const controller = new AbortController();
  const deltas: string[] = [];
  const onDelta = ({ text }: { readonly text: string }): void => void deltas.push(text);
  const stopped = webLlm.chat('a', QUESTION, { onDelta, signal: controller.signal });
  const dropped = webLlm.chat('a', QUESTION, { onDelta, signal: controller.signal });
  const next = webLlm.chat('a', QUESTION, { onDelta });
  const only = thread(threads, 0);
  only.answersAtOnce = false;
  only.loaded();
  await expect.poll(() => only.answers).toHaveLength(1);
  controller.abort();
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  await expect(dropped).rejects.toMatchObject({ code: 'cancelled' });
  expect(only.cancelled).toEqual([0]);
  // web-llm is still at the token under way.
  expect(only.answers).toHaveLength(1);
  only.answers[0]?.reject(new Error('cancelled'));
  await expect.poll(() => only.answers).toHaveLength(2);
  only.answers[1]?.resolve(chatAnswer('fine'));
  expect((await next).text).toBe('fine');
  expect(only.answers).toHaveLength(2);
  expect(deltas).toEqual(['f', 'f']);
});

test('a question that is stopped while its model loads leaves the load alone', async () => {
  const { webLlm, threads } = setUp();
  const controller = new AbortController();
  const asked = webLlm.chat('a', QUESTION, { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  thread(threads, 0).loaded();
  await expect.poll(() => webLlm.status().kind).toBe('ready');
  expect(thread(threads, 0).answers).toHaveLength(0);
});
