import type { ChatAnswer, ChatDelta, ChatModelKind, ChatRequest } from '@/protocol/chat.ts';

export interface ChatIo {
  /** Gets the answer as it comes; left out, a server is asked for the whole answer at once. */
  readonly onDelta?: (delta: ChatDelta) => void;
  readonly signal?: AbortSignal;
}

/** Anything that answers chat messages: a server, another engine, the loaded model. */
export interface ChatModel {
  readonly name: string;
  /** Says what can be asked of it: `CHAT_CAPABILITIES`. */
  readonly kind: ChatModelKind;
  /**
   * @throws {Failure} 'endpointFailed' if there is no answer to be had; what was told to `onDelta` stays told
   * @throws {DOMException} 'AbortError' once the signal has fired
   */
  chat(request: ChatRequest, io?: ChatIo): Promise<ChatAnswer>;
}
