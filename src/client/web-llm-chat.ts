/** web-llm, the page's second engine. Nothing of it is loaded before it is asked for. */
import type { AskPage } from '@/protocol/chat.ts';
import { WebLlm } from './web-llm.ts';
import { startWebLlmThread } from './web-llm-thread.ts';

/** The one of this page. */
export const webLlm = new WebLlm(startWebLlmThread);

/** Asks web-llm; a model that is not loaded is loaded first. */
export const askWebLlm: AskPage = (model, request, stop) => {
  const controller = new AbortController();
  stop.addEventListener('message', () => controller.abort());
  stop.start();
  return webLlm.chat(model, request, { signal: controller.signal }).finally(() => stop.close());
};
