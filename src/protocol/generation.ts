/** Messages of a chat, as Hugging Face and OpenAI name them. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface TemplateOptions {
  /** Whether the text ends with the head of the assistant's turn. */
  readonly addGenerationPrompt: boolean;
  /** The template's switch, where it has one; left out, as the template has it. */
  readonly enableThinking?: boolean;
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
  /** Likeliest tokens wanted beside each token, 0 to 5. Default 0. */
  readonly topLogProbs?: number;
  /** 'off': without the attached adapter. Default 'on'. */
  readonly adapter?: 'on' | 'off';
}

export interface GeneratedToken {
  readonly tokenId: number;
  /** New text; empty while a character is incomplete. */
  readonly text: string;
  /** Natural log of the probability under the temperature-scaled distribution before filters. */
  readonly logProb: number;
  /** The likeliest on the same scale, best first; empty unless `topLogProbs` asked for them. */
  readonly top: readonly { readonly tokenId: number; readonly logProb: number }[];
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

/** Time, operations and bytes of one pass over matrix products alone. */
export interface LinearRate {
  readonly tokens: number;
  readonly ms: number;
  readonly gigaflopsPerSecond: number;
  /** Packed weights read per second. */
  readonly gigabytesPerSecond: number;
}

/** Exact counts of one decode step. */
export interface StepCounts {
  readonly dispatches: number;
  readonly submits: number;
  readonly readbacks: number;
  readonly readbackBytes: number;
  readonly bindGroupsCreated: number;
}

/** Forwards of one shape. */
export interface ForwardProfile {
  /** New tokens of each row. */
  readonly rowTokens: readonly number[];
  /** Whether the attention of the last row was read too. */
  readonly readsAttention: boolean;
  /** Wall time of each forward, readback included. */
  readonly ms: readonly number[];
  /** Of one forward. */
  readonly counts: StepCounts;
}

/** What `profile` measured. Times are medians of this run; counts are exact and repeatable. */
export interface ProfileReport {
  readonly rows: number;
  readonly promptTokens: number;
  readonly prefillMs: number;
  /** Wall time of each decode step, readback included. */
  readonly stepMs: readonly number[];
  /** Wall time per token when four tokens share a readback; null for more than one row. */
  readonly burstTokenMs: number | null;
  readonly stepCounts: StepCounts;
  readonly dispatchesPerLayer: number;
  /** The q4 gate-and-up product alone, one token. */
  readonly matvec: LinearRate;
  /** All matrix products of one decode step, the head included, and nothing else. */
  readonly stepLinears: LinearRate;
  /** All matrix products of the prefill. */
  readonly prefillLinears: LinearRate;
  /** GPU time by kernel over one decode step, the dearest first; empty without `timestamp-query`. */
  readonly kernels: readonly { readonly label: string; readonly dispatches: number; readonly gpuMs: number }[];
  /** One for each shape asked for, in that order, those that are read at the end; measured by turns. */
  readonly forwards: readonly ForwardProfile[];
}

export interface ProfileSettings {
  /** Up to one chunk. */
  readonly promptTokens: number;
  readonly decodeSteps: number;
  /** Rows decoded together. */
  readonly rows: number;
  /** Shapes of forwards to time beside each other: new tokens of each row. */
  readonly forwards?: readonly (readonly number[])[];
  /** Shapes as in `forwards`, with the attention of the last row read. */
  readonly readForwards?: readonly (readonly number[])[];
}
