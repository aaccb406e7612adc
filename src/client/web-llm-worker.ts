/**
 * The thread of web-llm, the page's second engine. It holds one model for as long as it lives. Only here is web-llm's code
 * (6 MB) loaded, and errors leave as failures, not as texts.
 */
import { MLCEngine } from '@mlc-ai/web-llm';
import { expose } from 'comlink';
import { registerFailureTransfer } from '@/lib/stream.ts';
import type { ChatReply } from '@/protocol/chat.ts';
import type { WebLlmThread } from './web-llm-thread.ts';
import { toChatReply, toWebLlmFailure, toWebLlmRequest } from './web-llm-messages.ts';

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
  async ask(model, messages, options): Promise<ChatReply> {
    try {
      return toChatReply(await engine.chat.completions.create(toWebLlmRequest(model, messages, options)));
    } catch (error) {
      throw toWebLlmFailure(error, model);
    }
  },
};

registerFailureTransfer();
expose(thread);
