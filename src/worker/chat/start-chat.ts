/** `EngineApi.chat`: one answer of the model that was named. */
import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { type RunHandle, serveRun } from '@/lib/stream.ts';
import { checkChat } from '@/protocol/chat-schema.ts';
import type { ChatAnswer, ChatDelta, ChatModelConfig, ChatRequest } from '@/protocol/chat.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { EndpointExtra } from '@/research/chat/endpoint-body.ts';
import { EndpointChat } from '@/research/chat/endpoint-chat.ts';
import { type ChattingModel, EngineChat } from './engine-chat.ts';

/** Runs an operation on the loaded model. */
export type ServeModel = (
  start: (model: ChattingModel, signal: AbortSignal, emit: (delta: ChatDelta) => void) => Promise<ChatAnswer>,
  onDelta: (delta: ChatDelta) => void,
) => Promise<RunHandle<ChatAnswer>>;

/** What servers were found not to know, by address and model. */
const refusals = new Map<string, Set<EndpointExtra>>();

/** @throws {Failure} 'invalidConfig' for a request that is wrong or more than the model can; 'noModel' */
export async function startChat(
  serve: ServeModel,
  config: ChatModelConfig,
  request: ChatRequest,
  onDelta: (delta: ChatDelta) => void,
): Promise<RunHandle<ChatAnswer>> {
  checkChat(config, request);
  switch (config.kind) {
    case 'engine':
      return serve((model, signal, emit) => new EngineChat(model).chat(request, { onDelta: emit, signal }), onDelta);
    case 'endpoint': {
      const chat = createEndpointChat(config);
      return serveRun((signal, emit) => chat.chat(request, { onDelta: emit, signal }), onDelta);
    }
    case 'webLlm':
      throw new Failure<FailureCode>(
        'invalidConfig',
        'chat: model.kind: web-llm lives on the page, not in the worker.',
      );
    default:
      return assertNever(config);
  }
}

/** @throws {Failure} 'invalidConfig' for a wrong address */
export function createEndpointChat(config: Extract<ChatModelConfig, { readonly kind: 'endpoint' }>): EndpointChat {
  const key = `${config.model} ${config.url}`;
  const refused = refusals.get(key) ?? new Set();
  refusals.set(key, refused);
  // Called bare: a browser's fetch refuses to be another object's method.
  return new EndpointChat(config, { fetch: (url, init) => fetch(url, init) }, refused);
}
