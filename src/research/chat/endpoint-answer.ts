/** Reads what a server answers: an event stream or one JSON text, whichever it chose to send. */
import type { AnswerBuilder } from '@/protocol/answer-builder.ts';
import type { ChatAnswer } from '@/protocol/chat.ts';
import { addReply, readReply } from './endpoint-reply.ts';
import { SseEvents } from './sse-events.ts';

/** What went wrong with one attempt. */
export interface Fault {
  readonly reason: string;
  readonly isFinal: boolean;
  /** What the server asks for. */
  readonly pauseMs?: number;
}

export function isFault(outcome: object): outcome is Fault {
  return 'isFinal' in outcome;
}

export interface ReadingOptions {
  readonly signal: AbortSignal;
  /** Called at every sign of life. */
  readonly heard: () => void;
  /** Takes the key out of a text. */
  readonly clean: (text: string) => string;
}

/** Of one reply, far above any answer: what a broken server may fill our memory with. */
const MAX_CHARACTERS = 64 * 2 ** 20;
const SHOWN_CHARACTERS = 200;

/** @throws what the connection throws */
export async function readAnswer(
  response: Response,
  answer: AnswerBuilder,
  options: ReadingOptions,
): Promise<ChatAnswer | Fault> {
  const isStream = (response.headers.get('content-type') ?? '').includes('text/event-stream');
  const reply = new Reply(answer, isStream, options.clean);
  for await (const part of textOf(response, options)) if (reply.push(part)) break;
  return reply.finish();
}

/**
 * A body's text as it arrives.
 *
 * @throws {DOMException} 'AbortError' once the signal has fired; what the connection throws
 */
export async function* textOf(
  response: Response,
  { signal, heard }: Omit<ReadingOptions, 'clean'>,
): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let isOver = false;
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      heard();
      isOver = done;
      yield decoder.decode(value, { stream: !done });
    }
  } finally {
    // Left early, the rest is not wanted.
    if (!isOver) reader.cancel().catch(() => undefined);
  }
}

/** The beginning of what a server said, for a message. */
export function shown(text: string): string {
  const short = text.trim().slice(0, SHOWN_CHARACTERS);
  return short === '' ? 'an empty answer.' : short;
}

class Reply {
  readonly #answer: AnswerBuilder;
  readonly #clean: (text: string) => string;
  readonly #events = new SseEvents();
  #isStream: boolean;
  #whole = '';
  #numCharacters = 0;
  #isDone = false;
  #finishReason: string | null = null;
  #numTokens: number | null = null;
  #fault: Fault | null = null;

  constructor(answer: AnswerBuilder, isStream: boolean, clean: (text: string) => string) {
    this.#answer = answer;
    this.#isStream = isStream;
    this.#clean = clean;
  }

  /** @returns whether nothing more is wanted */
  push(part: string): boolean {
    this.#numCharacters += part.length;
    if (this.#numCharacters > MAX_CHARACTERS) this.#fault = { reason: 'what it sends does not end.', isFinal: true };
    // Not every server says what it sends.
    else if (this.#isStream || (this.#whole === '' && /^\s*(?:data|event|id|retry)?:/.test(part))) {
      this.#isStream = true;
      for (const data of this.#events.push(part)) this.#read(data);
    } else this.#whole += part;
    return this.#fault !== null || this.#isDone || this.#answer.isStopped;
  }

  finish(): ChatAnswer | Fault {
    for (const data of this.#isStream ? this.#events.finish() : [this.#whole]) this.#read(data);
    const { numCharacters, isStopped } = this.#answer;
    const isWhole = this.#finishReason !== null || isStopped || !this.#isStream || (this.#isDone && numCharacters > 0);
    if (this.#fault !== null) return this.#fault;
    if (!isWhole)
      return numCharacters > 0
        ? { reason: 'the connection ended too early.', isFinal: true }
        : { reason: 'this is no answer: an empty stream.', isFinal: false };
    const stopReason = this.#finishReason === 'length' ? 'length' : 'stop';
    const answer = this.#answer.finish({ stopReason, numTokens: this.#numTokens });
    const { text, thinking } = answer;
    return { ...answer, text: this.#clean(text), thinking: thinking === null ? null : this.#clean(thinking) };
  }

  #read(data: string): void {
    if (this.#fault !== null || this.#isDone) return;
    if (data.trim() === '[DONE]') {
      this.#isDone = true;
      return;
    }
    const reply = readReply(this.#clean(data));
    if (reply === undefined || (!this.#isStream && reply.error === null && !reply.hasMessage)) {
      this.#fault = { reason: `this is no answer: ${shown(this.#clean(data))}`, isFinal: false };
      return;
    }
    if (reply.error !== null) {
      this.#fault = { reason: shown(reply.error), isFinal: false };
      return;
    }
    this.#finishReason ??= reply.finishReason;
    this.#numTokens = reply.numTokens ?? this.#numTokens;
    addReply(this.#answer, reply);
  }
}
