/**
 * A server that speaks OpenAI's chat completions: Ollama, LM Studio, llama.cpp, vLLM, or a paid one.
 *
 * The key lives in this object only. No message and no raw text that leaves it has the key in it, also where a server
 * sends it back, unless it is too short for a secret; addresses are left out of messages as well, since some carry keys.
 */
import { Failure } from '@/lib/failure.ts';
import { sleep as sleepFor } from '@/lib/sleep.ts';
import { AnswerBuilder } from '@/protocol/answer-builder.ts';
import type { ChatAnswer, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ChatIo, ChatModel } from './chat-model.ts';
import { type Fault, isFault, readAnswer, shown, textOf } from './endpoint-answer.ts';
import { endpointBody, type EndpointExtra, extrasOf, notesOn, refusedBy } from './endpoint-body.ts';
import { refusalText } from './endpoint-reply.ts';

export type EndpointConfig = Omit<Extract<ChatModelConfig, { readonly kind: 'endpoint' }>, 'kind'>;

export interface EndpointIo {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends early when the signal fires. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Enough to find out what it refuses. */
const MAX_REFUSAL_CHARACTERS = 100_000;
/**
 * Characters of a key, a choice. Servers without keys are given "ollama", "none" or "1", of which answers and JSON are
 * full.
 */
const SHORTEST_SECRET = 8;
const PATH = '/chat/completions';

/** One attempt under way. */
interface Attempt {
  readonly request: ChatRequest;
  readonly isStreamed: boolean;
  readonly answer: AnswerBuilder;
  readonly signal: AbortSignal;
  /** The server gave a sign of life. */
  readonly heard: () => void;
}

export class EndpointChat implements ChatModel {
  readonly name: string;
  readonly kind = 'endpoint';
  readonly #url: string;
  readonly #config: Omit<EndpointConfig, 'url' | 'apiKey'>;
  readonly #apiKey: string;
  readonly #io: EndpointIo;
  readonly #refused: Set<EndpointExtra>;

  /**
   * @param refused  what this server was found not to know; borrowed, and added to
   * @throws {Failure} 'invalidConfig' if the address is none
   */
  constructor({ url, apiKey = '', ...config }: EndpointConfig, io: EndpointIo, refused = new Set<EndpointExtra>()) {
    this.#url = addressOf(url);
    this.#config = config;
    this.#apiKey = apiKey.trim();
    this.#io = io;
    this.#refused = refused;
    this.name = `endpoint ${config.model}`;
  }

  /** Asks again, after longer and longer pauses, as long as nothing of an answer has come. */
  async chat(request: ChatRequest, { onDelta, signal }: ChatIo = {}): Promise<ChatAnswer> {
    const { maxAttempts = DEFAULT_ATTEMPTS } = this.#config;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const answer = new AnswerBuilder({ stop: request.stop ?? [], onDelta });
      const outcome = await this.#attempt(request, answer, onDelta !== undefined, signal);
      signal?.throwIfAborted();
      if (!isFault(outcome)) return outcome;
      if (outcome.isFinal || answer.numCharacters > 0 || attempt >= maxAttempts)
        throw failureOf(outcome, answer.numCharacters);
      await this.#pause(outcome.pauseMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
    }
  }

  #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return (this.#io.sleep ?? sleepFor)(Math.min(ms, LONGEST_PAUSE_MS), signal);
  }

  async #attempt(
    request: ChatRequest,
    answer: AnswerBuilder,
    isStreamed: boolean,
    signal: AbortSignal | undefined,
  ): Promise<ChatAnswer | Fault> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#config;
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    signal?.addEventListener('abort', stop);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let tooSlow = (): void => undefined;
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(tooSlow, timeoutMs);
    };
    // Not every server, and no test double, gives up when it is told to.
    const giveUp = new Promise<Fault>((resolve) => {
      controller.signal.addEventListener('abort', () => resolve({ reason: 'it was stopped.', isFinal: true }));
      tooSlow = () => {
        resolve({ reason: `it was silent for longer than ${timeoutMs / 1000} s.`, isFinal: false });
        controller.abort();
      };
    });
    heard();
    const attempt = { request, answer, isStreamed, signal: controller.signal, heard };
    try {
      return await Promise.race([this.#ask(attempt), giveUp]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      // Nobody listens any more.
      controller.abort();
    }
  }

  async #ask(attempt: Attempt): Promise<ChatAnswer | Fault> {
    const { request, isStreamed, signal } = attempt;
    const extras = extrasOf(request, isStreamed, this.#refused);
    const body = endpointBody(this.#config.model, request, isStreamed, extras);
    const headers = {
      'content-type': 'application/json',
      ...(this.#apiKey !== '' && { authorization: `Bearer ${this.#apiKey}` }),
    };
    // Called bare: a browser's fetch refuses to be another object's method.
    const { fetch } = this.#io;
    try {
      const response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      signal.throwIfAborted();
      attempt.heard();
      if (!response.ok) return await this.#refusal(response, extras, attempt);
      const outcome = await readAnswer(response, attempt.answer, { ...attempt, clean: this.#clean });
      const notes = notesOn(request, this.#refused);
      return isFault(outcome) || notes.length === 0 ? outcome : { ...outcome, notes };
    } catch {
      // The error's own text may have the address in it.
      const hasBegun = attempt.answer.numCharacters > 0;
      return { reason: hasBegun ? 'the connection was lost.' : 'it cannot be reached from this page.', isFinal: false };
    }
  }

  /** A server that does not know a field is asked without it, and not asked for it again. */
  async #refusal(response: Response, extras: readonly EndpointExtra[], attempt: Attempt): Promise<ChatAnswer | Fault> {
    let text = '';
    for await (const part of textOf(response, attempt)) if ((text += part).length > MAX_REFUSAL_CHARACTERS) break;
    const dropped = [400, 422].includes(response.status) ? refusedBy(text, extras) : [];
    if (dropped.length === 0) return this.#faultOf(response, text);
    for (const extra of dropped) this.#refused.add(extra);
    const outcome = await this.#ask(attempt);
    // It was not these fields that it had against the request.
    if (isFault(outcome)) for (const extra of dropped) this.#refused.delete(extra);
    return outcome;
  }

  #faultOf({ status, headers }: Response, text: string): Fault {
    const isFinal = status < 500 && ![408, 409, 425, 429].includes(status);
    const seconds = Number(headers.get('retry-after') ?? Number.NaN);
    const reason = `HTTP ${status}: ${shown(this.#clean(refusalText(text)))}`;
    return { reason, isFinal, ...(seconds >= 0 && { pauseMs: seconds * 1000 }) };
  }

  readonly #clean = (text: string): string =>
    this.#apiKey.length < SHORTEST_SECRET ? text : text.replaceAll(this.#apiKey, '[key]');
}

function failureOf({ reason }: Fault, numCharacters: number): Failure<FailureCode> {
  return numCharacters === 0
    ? new Failure('endpointFailed', `The server gave no answer: ${reason}`)
    : new Failure('endpointFailed', `The server's answer broke off after ${numCharacters} characters: ${reason}`, {
        numCharacters,
      });
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
