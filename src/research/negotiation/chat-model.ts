import type { ChatMessage } from '@/protocol/generation.ts';
import type { ChatReply } from '@/protocol/chat.ts';

export interface ChatOptions {
  readonly maxTokens: number;
  /** Default 0. */
  readonly temperature?: number;
  /** Likeliest tokens that are wanted for each token of the answer; a model that has none leaves them out. Default 0. */
  readonly topLogProbs?: number;
  readonly signal?: AbortSignal;
}

/** Anything that answers chat messages: a server, another engine, the loaded model. */
export interface ChatModel {
  readonly name: string;
  /**
   * @throws {Failure} 'endpointFailed' if there is no answer to be had
   * @throws {DOMException} 'AbortError' once the signal has fired
   */
  complete(messages: readonly ChatMessage[], options: ChatOptions): Promise<ChatReply>;
}
