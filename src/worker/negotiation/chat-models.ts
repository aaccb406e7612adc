/** The chat models that a judge or the generator may be. */
import { generate } from '@/engine/generation/generate.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import { assertNever } from '@/lib/assert.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { AskPage, ChatModelConfig, ChatReply } from '@/protocol/chat.ts';
import type { ChatModel, ChatOptions } from '@/research/negotiation/chat-model.ts';
import { promptTokens } from '@/research/negotiation/prompt-tokens.ts';
import { EndpointChat } from '@/research/negotiation/endpoint-chat.ts';
import { chatTokenizerOf } from './chat-tokenizer-of.ts';

/** What negotiation needs of the loaded model. */
export interface NegotiatingModel {
  readonly gpuModel: GpuModel;
  readonly opened: Pick<OpenedModel, 'tokenizer' | 'chatTemplate'>;
  readonly name: string;
  /** Tells models apart. */
  readonly key: string;
  readonly training: { readonly current: { readonly id: string; readonly blend: number } | null };
}

/** @throws {Failure} 'invalidConfig' for an endpoint without a valid address; 'unsupportedModel' without a chat template */
export function createChatModel(config: ChatModelConfig, model: NegotiatingModel, ask: AskPage): ChatModel {
  switch (config.kind) {
    case 'engine':
      return new EngineChat(model);
    case 'endpoint':
      // Called bare: a browser's fetch refuses to be another object's method.
      return new EndpointChat(config, { fetch: (url, init) => fetch(url, init) });
    case 'webLlm':
      return new PageChat(config.model, ask);
    default:
      return assertNever(config);
  }
}

/** The loaded model without its adapter. */
class EngineChat implements ChatModel {
  readonly name: string;
  readonly #model: NegotiatingModel;
  readonly #tokenizer: ReturnType<typeof chatTokenizerOf>;
  /** So that the same question at a temperature above 0 may have another answer. */
  #numCalls = 0;

  constructor(model: NegotiatingModel) {
    this.name = model.name;
    this.#model = model;
    this.#tokenizer = chatTokenizerOf(model.opened);
  }

  async complete(
    messages: readonly ChatMessage[],
    { maxTokens, temperature = 0, signal }: ChatOptions,
  ): Promise<ChatReply> {
    const tokenizer = this.#tokenizer;
    const request = {
      // Contents as plain text: none of them can open another turn.
      tokenIds: promptTokens(tokenizer, messages, []).ids,
      maxNewTokens: maxTokens,
      temperature,
      topP: 0.95,
      seed: this.#numCalls++,
      stopTokenIds: tokenizer.stopTokenIds,
      adapter: 'off',
    } as const;
    const { decoder } = this.#model.gpuModel;
    const running = signal ?? new AbortController().signal;
    const { text } = await generate(decoder, this.#model.opened.tokenizer, request, () => undefined, running);
    return { text };
  }
}

/** A model that lives on the page's side. */
class PageChat implements ChatModel {
  readonly name: string;
  readonly #model: string;
  readonly #ask: AskPage;

  constructor(model: string, ask: AskPage) {
    this.name = `web-llm ${model}`;
    this.#model = model;
    this.#ask = ask;
  }

  async complete(
    messages: readonly ChatMessage[],
    { maxTokens, temperature = 0, topLogProbs = 0, signal }: ChatOptions,
  ): Promise<ChatReply> {
    signal?.throwIfAborted();
    const asked = this.#ask(this.#model, messages, { maxTokens, temperature, topLogProbs });
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
