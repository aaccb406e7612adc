/** `window.duet.chat`: one interface to the loaded model, servers and web-llm. Documented in docs/automation.md. */
import { followRun } from '@/lib/stream.ts';
import { checkChat } from '@/protocol/chat-schema.ts';
import type { ChatAnswer, ChatDelta } from '@/protocol/chat.ts';
import type { RemoteEngine } from './connect-engine.ts';
import type { DuetApi } from './duet-api.ts';
import { webLlm } from './web-llm-chat.ts';

export function createChat(engine: Pick<RemoteEngine, 'chat'>): DuetApi['chat'] {
  return async (model, { onDelta = () => undefined, signal, ...request }) => {
    if (model.kind === 'webLlm') {
      checkChat(model, request);
      return webLlm.chat(model.model, request, { onDelta, ...(signal && { signal }) });
    }
    return followRun<ChatAnswer, ChatDelta>((emit) => engine.chat(model, request, emit), onDelta, signal);
  };
}
