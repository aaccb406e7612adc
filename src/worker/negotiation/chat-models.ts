/** The chat models that a judge or the generator may be. */
import { assertNever } from '@/lib/assert.ts';
import type { AskPage, ChatAnswer, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type { ChatIo, ChatModel } from '@/research/chat/chat-model.ts';
import { type ChattingModel, EngineChat } from '../chat/engine-chat.ts';
import { createEndpointChat } from '../chat/start-chat.ts';
import { chatTokenizerOf } from './chat-tokenizer-of.ts';

/** What negotiation needs of the loaded model. */
export interface NegotiatingModel extends ChattingModel {
  /** Tells models apart. */
  readonly key: string;
  readonly training: { readonly current: { readonly id: string; readonly blend: number } | null };
}

/** @throws {Failure} 'invalidConfig' for an endpoint without a valid address; 'unsupportedModel' without a chat template */
export function createChatModel(config: ChatModelConfig, model: NegotiatingModel, ask: AskPage): ChatModel {
  switch (config.kind) {
    case 'engine':
      return new BareEngineChat(model);
    case 'endpoint':
      return createEndpointChat(config);
    case 'webLlm':
      return new PageChat(config.model, ask);
    default:
      return assertNever(config);
  }
}

/** The loaded model without its adapter and without thoughts. */
class BareEngineChat implements ChatModel {
  readonly name: string;
  readonly kind = 'engine';
  readonly #chat: EngineChat;
  /** So that the same question at a temperature above 0 may have another answer. */
  #numCalls = 0;

  constructor(model: NegotiatingModel) {
    // Found out now, not at the first question.
    chatTokenizerOf(model.opened);
    this.name = model.name;
    this.#chat = new EngineChat(model);
  }

  chat(request: ChatRequest, io?: ChatIo): Promise<ChatAnswer> {
    const own = { topP: 0.95, seed: this.#numCalls++, enableThinking: false };
    return this.#chat.chat({ ...own, ...request, adapter: 'off' }, io);
  }
}

/** A model that lives on the page's side; without thoughts. */
class PageChat implements ChatModel {
  readonly name: string;
  readonly kind = 'webLlm';
  readonly #model: string;
  readonly #ask: AskPage;

  constructor(model: string, ask: AskPage) {
    this.name = `web-llm ${model}`;
    this.#model = model;
    this.#ask = ask;
  }

  async chat(request: ChatRequest, { signal }: ChatIo = {}): Promise<ChatAnswer> {
    signal?.throwIfAborted();
    const asked = this.#ask(this.#model, { enableThinking: false, ...request });
    if (signal === undefined) return asked;
    // The page cannot be told to stop in the middle of an answer; it is not waited for.
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('The judge was stopped.', 'AbortError')), {
        once: true,
      });
    });
    asked.catch(() => undefined);
    return Promise.race([asked, stopped]);
  }
}
