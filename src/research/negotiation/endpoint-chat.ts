/**
 * A server that speaks OpenAI's chat completions: Ollama, LM Studio, llama.cpp, vLLM, or a paid one.
 *
 * The key lives in this object only. No message and no raw text that leaves it has the key in it, also where a server
 * sends it back; addresses are left out of messages as well, since some carry keys.
 */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import { sleep as sleepFor } from '../async-reasoning/input-queue.ts';
import type { ChatReply } from '@/protocol/chat.ts';
import type { ChatModel, ChatOptions } from './chat-model.ts';

export interface EndpointConfig {
  /** Up to `/v1`, or the whole address of the chat completions. */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  /** Of one attempt, answer included. Default 60 s. */
  readonly timeoutMs?: number;
  /** Default 3. */
  readonly maxAttempts?: number;
}

export interface EndpointIo {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends early when the signal fires. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const PATH = '/chat/completions';

const replySchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish() }),
        logprobs: z
          .object({
            content: z
              .array(
                z.object({
                  token: z.string(),
                  top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })).default([]),
                }),
              )
              .nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
});

/** What went wrong with one attempt. */
interface Fault {
  readonly reason: string;
  readonly isFinal: boolean;
  /** What the server asks for. */
  readonly pauseMs?: number;
}

export class EndpointChat implements ChatModel {
  readonly name: string;
  readonly #url: string;
  readonly #config: Omit<EndpointConfig, 'url' | 'apiKey'>;
  readonly #apiKey: string;
  readonly #io: EndpointIo;
  /** Turned off by a server that refuses to give log-probabilities. */
  #asksLogProbs = true;

  /** @throws {Failure} 'invalidConfig' if the address is none */
  constructor({ url, apiKey = '', ...config }: EndpointConfig, io: EndpointIo) {
    this.#url = addressOf(url);
    this.#config = config;
    this.#apiKey = apiKey.trim();
    this.#io = io;
    this.name = `endpoint ${config.model}`;
  }

  async complete(messages: readonly ChatMessage[], options: ChatOptions): Promise<ChatReply> {
    const { maxAttempts = DEFAULT_ATTEMPTS } = this.#config;
    const { signal } = options;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const outcome = await this.#attempt(messages, options);
      signal?.throwIfAborted();
      if (!isFault(outcome)) return outcome;
      if (outcome.isFinal || attempt >= maxAttempts)
        throw new Failure<FailureCode>('endpointFailed', `The judge's server gave no answer: ${outcome.reason}`);
      const pauseMs = outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      await (this.#io.sleep ?? sleepFor)(Math.min(pauseMs, LONGEST_PAUSE_MS), signal);
    }
  }

  async #attempt(messages: readonly ChatMessage[], options: ChatOptions): Promise<ChatReply | Fault> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#config;
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    options.signal?.addEventListener('abort', stop);
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Not every server, and no test double, gives up when it is told to.
    const giveUp = new Promise<Fault>((resolve) => {
      controller.signal.addEventListener('abort', () => resolve({ reason: 'it was stopped.', isFinal: true }));
      timer = setTimeout(() => {
        resolve({ reason: `it took longer than ${timeoutMs / 1000} s.`, isFinal: false });
        controller.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([this.#ask(messages, options, controller.signal), giveUp]);
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async #ask(
    messages: readonly ChatMessage[],
    { maxTokens, temperature = 0, topLogProbs = 0 }: ChatOptions,
    signal: AbortSignal,
  ): Promise<ChatReply | Fault> {
    const wantsLogProbs = topLogProbs > 0 && this.#asksLogProbs;
    const body = {
      model: this.#config.model,
      messages,
      max_tokens: maxTokens,
      temperature,
      stream: false,
      ...(wantsLogProbs && { logprobs: true, top_logprobs: topLogProbs }),
    };
    const headers = {
      'content-type': 'application/json',
      ...(this.#apiKey !== '' && { authorization: `Bearer ${this.#apiKey}` }),
    };
    // Called bare: a browser's fetch refuses to be another object's method.
    const { fetch } = this.#io;
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      text = await response.text();
    } catch {
      // The error's own text may have the address in it.
      return { reason: 'it cannot be reached from this page.', isFinal: false };
    }
    if (response.ok) return this.#read(text);
    if (response.status === 400 && wantsLogProbs) {
      this.#asksLogProbs = false;
      return this.#ask(messages, { maxTokens, temperature }, signal);
    }
    return this.#faultOf(response, text);
  }

  #read(text: string): ChatReply | Fault {
    const parsed = replySchema.safeParse(jsonOf(text));
    const choice = parsed.data?.choices[0];
    if (choice === undefined) return { reason: `this is no answer: ${this.#shown(text)}`, isFinal: false };
    const tokens = choice.logprobs?.content?.map(({ token, top_logprobs: top }) => ({
      token,
      top: top.map(({ token: other, logprob: logProb }) => ({ token: other, logProb })),
    }));
    return { text: this.#withoutKey(choice.message.content ?? ''), ...(tokens && { tokens }) };
  }

  #faultOf({ status, headers }: Response, text: string): Fault {
    const isFinal = status < 500 && ![408, 409, 425, 429].includes(status);
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    const reason = `HTTP ${status}: ${this.#shown(text)}`;
    return { reason, isFinal, ...(seconds >= 0 && { pauseMs: seconds * 1000 }) };
  }

  #shown(text: string): string {
    const short = this.#withoutKey(text).trim().slice(0, 200);
    return short === '' ? 'an empty answer.' : short;
  }

  #withoutKey(text: string): string {
    return this.#apiKey === '' ? text : text.replaceAll(this.#apiKey, '[key]');
  }
}

function isFault(outcome: ChatReply | Fault): outcome is Fault {
  return 'isFinal' in outcome;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || parsed.username !== '')
    throw new Failure<FailureCode>(
      'invalidConfig',
      'url: It must be a whole http or https address without a name in it, such as http://localhost:11434/v1.',
    );
  const path = parsed.pathname.replace(/\/+$/, '');
  parsed.pathname = path.endsWith(PATH) ? path : path + PATH;
  return parsed.href;
}
