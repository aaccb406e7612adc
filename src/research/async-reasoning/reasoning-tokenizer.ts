/** What asynchronous reasoning needs of a tokenizer; the engine's `Tokenizer` is one. */
export interface ReasoningTokenizer {
  readonly vocabSize: number;
  /**
   * No token is added in front or behind.
   *
   * @param options.parseSpecial  whether `<|im_start|>` and the like become control tokens; false for what a user typed
   */
  encode(text: string, options: { readonly parseSpecial: boolean }): number[];
  /** Bytes that a token stands for; a control token's may be its name. */
  tokenBytes(tokenId: number): Uint8Array;
  /** Id of a piece as the vocabulary spells it, such as `<|im_end|>`; undefined if there is none. */
  idOf(piece: string): number | undefined;
  createTextStream(): TextStream;
}

/** Text of a growing list of tokens: whole characters only. */
export interface TextStream {
  /** New text; empty while a character is incomplete. */
  push(tokenId: number): string;
  /** What is left, an incomplete character as U+FFFD. */
  flush(): string;
}
