/** One model of web-llm at a time: its load, its state, and what is asked of it. */
import { proxy } from 'comlink';
import { Failure } from '@/lib/failure.ts';
import { followRun } from '@/lib/stream.ts';
import { Turns } from '@/lib/turns.ts';
import { unlessAborted } from '@/lib/unless-aborted.ts';
import type { ChatAnswer, ChatDelta, ChatRequest } from '@/protocol/chat.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { toWebLlmFailure } from './web-llm-messages.ts';
import type { StartedThread, WebLlmProgress } from './web-llm-thread.ts';

export type WebLlmStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly model: string; readonly progress: WebLlmProgress }
  | { readonly kind: 'ready'; readonly model: string }
  | { readonly kind: 'failed'; readonly model: string; readonly why: string };

interface Held extends StartedThread {
  readonly model: string;
  readonly loaded: Promise<void>;
  readonly turns: Turns;
  /** Ends it before its time: everything under way is rejected. */
  readonly stop: () => void;
  /** Rejects when it was stopped or has died. */
  readonly ended: Promise<never>;
}

export interface ChatOptions {
  readonly onDelta?: (delta: ChatDelta) => void;
  readonly signal?: AbortSignal;
}

const NONE: WebLlmStatus = { kind: 'none' };

export class WebLlm {
  readonly #start: () => StartedThread;
  readonly #listeners = new Set<() => void>();
  #status: WebLlmStatus = NONE;
  #held: Held | undefined;

  constructor(start: () => StartedThread) {
    this.#start = start;
  }

  readonly status = (): WebLlmStatus => this.#status;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Loads a model in the place of the one that is there; one that is there or on its way is waited for.
   *
   * @throws {Failure} 'cancelled' when the signal fires or another one takes its place, else 'endpointFailed'
   */
  async load(model: string, onProgress?: (progress: WebLlmProgress) => void, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw cancelled(model);
    const held = this.#held?.model === model ? this.#held : this.#begin(model);
    const follow = (): void => {
      if (this.#status.kind === 'loading' && this.#held === held) onProgress?.(this.#status.progress);
    };
    const stop = (): void => held.stop();
    const unfollow = this.subscribe(follow);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await held.loaded;
    } finally {
      unfollow();
      signal?.removeEventListener('abort', stop);
    }
  }

  /**
   * Answers with the model, which is loaded first where that was not done. Questions wait for each other: web-llm
   * answers one at a time, and one that was stopped goes on up to its next token.
   *
   * @throws {Failure} 'cancelled' as soon as the signal fires, else 'endpointFailed'
   */
  async chat(
    model: string,
    request: ChatRequest,
    { onDelta, signal = new AbortController().signal }: ChatOptions = {},
  ): Promise<ChatAnswer> {
    const tell = (delta: ChatDelta): void => {
      if (!signal.aborted) onDelta?.(delta);
    };
    try {
      return await unlessAborted(this.#answer(model, request, tell, signal), signal);
    } catch (error) {
      if (signal.aborted) throw new Failure<FailureCode>('cancelled', 'The answer was stopped.');
      throw toWebLlmFailure(error, model);
    }
  }

  async #answer(
    model: string,
    request: ChatRequest,
    onDelta: (delta: ChatDelta) => void,
    signal: AbortSignal,
  ): Promise<ChatAnswer> {
    await this.load(model);
    const held = this.#held;
    if (held?.model !== model) throw cancelled(model);
    const { remote, turns, ended } = held;
    return turns.take(() =>
      Promise.race([
        followRun<ChatAnswer, ChatDelta>((emit) => remote.chat(model, request, emit), onDelta, signal),
        ended,
      ]),
    );
  }

  /** Cancels a load under way, or gives the model's memory back. */
  unload(): void {
    this.#held?.stop();
    this.#set(NONE);
  }

  #begin(model: string): Held {
    this.#held?.stop();
    const thread = this.#start();
    let reject: (error: Failure) => void = () => undefined;
    const stopped = new Promise<never>((_resolve, fail) => {
      reject = fail;
    });
    const release = (): void => {
      thread.end();
      if (this.#held === held) this.#held = undefined;
    };
    const ended = Promise.race([thread.died, stopped]);
    const onProgress = proxy((progress: WebLlmProgress) => {
      if (this.#held === held) this.#set({ kind: 'loading', model, progress });
    });
    const loaded = Promise.race([thread.remote.load(model, onProgress), ended]);
    const stop = (): void => {
      const wasHeld = this.#held === held;
      release();
      reject(cancelled(model));
      if (wasHeld) this.#set(NONE);
    };
    const held: Held = { ...thread, model, ended, stop, turns: new Turns(), loaded: loaded.catch(rethrow) };
    function rethrow(error: unknown): never {
      throw error instanceof Failure && error.code === 'cancelled' ? error : toWebLlmFailure(error, model);
    }
    const fail = (error: Error): void => {
      if (this.#held !== held) return;
      release();
      this.#set({ kind: 'failed', model, why: error.message });
    };
    this.#held = held;
    this.#set({ kind: 'loading', model, progress: { share: 0, text: '' } });
    held.loaded.then(() => {
      if (this.#held === held) this.#set({ kind: 'ready', model });
    }, fail);
    // A thread can also die later, with nobody waiting.
    ended.catch((error: unknown) => fail(toWebLlmFailure(error, model)));
    return held;
  }

  #set(status: WebLlmStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener();
  }
}

function cancelled(model: string): Failure<FailureCode> {
  return new Failure<FailureCode>('cancelled', `Loading ${model} was cancelled.`);
}
