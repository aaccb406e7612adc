/** Messages of a chat, as Hugging Face and OpenAI name them. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** How the next token is chosen. Filters act in the order temperature, topK, topP, minP, as in transformers. */
export interface SamplingSettings {
  /** 0 = greedy. Default 0. */
  readonly temperature?: number;
  /** 0 = off. Default 0. Ties with the k-th logit are kept. */
  readonly topK?: number;
  /** 1 = off. Default 1. */
  readonly topP?: number;
  /** 0 = off. Default 0. */
  readonly minP?: number;
  /** Any 32-bit unsigned integer. Default 0. The same seed gives the same tokens on one adapter. */
  readonly seed?: number;
}

export interface GenerateRequest extends SamplingSettings {
  /** Exactly one of `tokenIds` and `messages`. */
  readonly tokenIds?: readonly number[];
  readonly messages?: readonly ChatMessage[];
  readonly maxNewTokens: number;
  /** Default: the model's end-of-turn token when `messages` are given, else none. */
  readonly stopTokenIds?: readonly number[];
  /** Generation ends when the text contains one of these; the text is cut in front of it. */
  readonly stopStrings?: readonly string[];
  /** Added to the logits, by token id. -Infinity is written as -1e30. */
  readonly logitBias?: Readonly<Record<number, number>>;
  /** Tokens per readback. Default 4. */
  readonly burst?: number;
}

export interface GeneratedToken {
  readonly tokenId: number;
  /** New text; empty while a character is incomplete. */
  readonly text: string;
  /** Natural log of the probability under the temperature-scaled distribution before filters. */
  readonly logProb: number;
}

export interface GenerationTiming {
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly timeToFirstTokenMs: number;
  readonly tokensPerSecond: number;
}

export interface GenerateResult {
  readonly tokenIds: readonly number[];
  readonly text: string;
  readonly logProbs: readonly number[];
  readonly stopReason: 'stopToken' | 'stopString' | 'maxNewTokens' | 'contextFull';
  readonly timing: GenerationTiming;
}

/** Milliseconds on the GPU by kernel label, and exact counts, of the profiled work. */
export interface ProfileReport {
  readonly supported: boolean;
  readonly kernels: readonly { readonly label: string; readonly dispatches: number; readonly gpuMs: number }[];
  readonly dispatches: number;
  readonly submits: number;
  readonly readbacks: number;
  readonly readbackBytes: number;
  readonly bindGroupsCreated: number;
  readonly wallMs: number;
}
