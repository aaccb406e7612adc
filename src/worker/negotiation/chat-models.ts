/** The chat models that a judge or the generator may be. */
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import { transfer } from 'comlink';
import { assertNever } from '@/lib/assert.ts';
import { unlessAborted } from '@/lib/unless-aborted.ts';
import type { AskPage, ChatAnswer, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type { MadeByModel } from '@/protocol/made-by-model.ts';
import type { ChatIo, ChatModel } from '@/research/chat/chat-model.ts';
import { type ChattingModel, EngineChat } from '../chat/engine-chat.ts';
import { createEndpointChat } from '../chat/start-chat.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';

/** What negotiation needs of the loaded model. */
export interface NegotiatingModel extends ChattingModel {
  readonly gpuModel: GpuModel;
  readonly madeBy: MadeByModel;
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

  async chat(request: ChatRequest, { signal = new AbortController().signal }: ChatIo = {}): Promise<ChatAnswer> {
    signal.throwIfAborted();
    const { port1, port2 } = new MessageChannel();
    const stop = (): void => port1.postMessage('stop');
    signal.addEventListener('abort', stop);
    const asked = this.#ask(this.#model, { enableThinking: false, ...request }, transfer(port2, [port2]));
    try {
      // The token under way is not waited for.
      return await unlessAborted(
        asked.finally(() => port1.close()),
        signal,
      );
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
