import type { ChatMessage } from '@/protocol/generation.ts';

/** What negotiation needs of a model's text side: a tokenizer and its chat template. */
export interface ChatTokenizer {
  /** @param options.parseSpecial  whether `<|im_start|>` and the like become control tokens */
  encode(text: string, options: { readonly parseSpecial: boolean }): number[];
  /** Control tokens have no text. */
  createTextStream(): { push(tokenId: number): string; flush(): string };
  /**
   * The chat template's text, with the head of the assistant's turn at its end; without thinking, where the template has
   * a switch for it. Contents are put in as they are.
   */
  renderChat(messages: readonly ChatMessage[]): string;
  /** Ids that end an utterance: the end of a turn, and every other control token that a model might choose. */
  readonly stopTokenIds: readonly number[];
}
