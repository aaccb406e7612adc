/**
 * The thread of web-llm, the page's second engine. It holds one model for as long as it lives. Only here is web-llm's code
 * (6 MB) loaded, and errors leave as failures, not as texts.
 */
import { MLCEngine } from '@mlc-ai/web-llm';
import { expose } from 'comlink';
import { registerFailureTransfer, serveRun } from '@/lib/stream.ts';
import type { ChatAnswer, ChatDelta } from '@/protocol/chat.ts';
import type { WebLlmThread } from './web-llm-thread.ts';
import { readWebLlmAnswer, toWebLlmFailure, toWebLlmRequest } from './web-llm-messages.ts';

const engine = new MLCEngine({ logLevel: 'SILENT' });

const thread: WebLlmThread = {
  async load(model, onProgress) {
    engine.setInitProgressCallback(({ progress, text }) => onProgress({ share: progress, text }));
    try {
      await engine.reload(model);
    } catch (error) {
      throw toWebLlmFailure(error, model);
    }
  },
  chat: (model, request, onDelta) =>
    Promise.resolve(
      serveRun<ChatAnswer, ChatDelta>(async (signal, emit) => {
        // A flag that is looked at between tokens.
        const interrupt = (): void => void engine.interruptGenerate();
        signal.addEventListener('abort', interrupt);
        try {
          signal.throwIfAborted();
          const chunks = await engine.chat.completions.create(toWebLlmRequest(model, request));
          return await readWebLlmAnswer(chunks, request, emit, signal);
        } catch (error) {
          signal.throwIfAborted();
          throw toWebLlmFailure(error, model);
        } finally {
          signal.removeEventListener('abort', interrupt);
        }
      }, onDelta),
    ),
};

registerFailureTransfer();
expose(thread);
