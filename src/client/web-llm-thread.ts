import { wrap } from 'comlink';
import { registerFailureTransfer, type RunHandle } from '@/lib/stream.ts';
import type { ChatAnswer, ChatDelta, ChatRequest } from '@/protocol/chat.ts';

export interface WebLlmProgress {
  /** Of the whole load, 0 to 1. */
  readonly share: number;
  /** What web-llm says that it is doing. */
  readonly text: string;
}

/** What the worker offers. */
export interface WebLlmThread {
  load(model: string, onProgress: (progress: WebLlmProgress) => void): Promise<void>;
  /** One at a time; a cancelled one ends with the token under way, and not before. */
  chat(model: string, request: ChatRequest, onDelta: (delta: ChatDelta) => void): Promise<RunHandle<ChatAnswer>>;
}

/** The worker as the page sees it. */
export interface StartedThread {
  readonly remote: WebLlmThread;
  /** Rejects when the thread dies of itself: nothing that was asked of it is answered any more. */
  readonly died: Promise<never>;
  /** Frees all that it has, on the GPU too. */
  readonly end: () => void;
}

export function startWebLlmThread(): StartedThread {
  registerFailureTransfer();
  const worker = new Worker(new URL('./web-llm-worker.ts', import.meta.url), { type: 'module' });
  const died = new Promise<never>((_resolve, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
  });
  return { remote: wrap<WebLlmThread>(worker), died, end: () => worker.terminate() };
}
