import type { PromptCache } from './prompt-cache.ts';
import type { TextStream } from './reasoning-tokenizer.ts';

/** What a run needs beside its decoder. */
export interface ReasoningIo {
  /** Bytes of a token, for the paragraph rule. */
  readonly tokenBytes: (tokenId: number) => Uint8Array;
  readonly createTextStream: () => TextStream;
  /** Where prompts that stand alone are kept between runs. Default: they are encoded anew. */
  readonly prompts?: PromptCache;
  /** Ends the run between two forwards. */
  readonly signal?: AbortSignal;
  /** Milliseconds of any steady clock. Default `performance.now`. */
  readonly now?: () => number;
}

/** Thrown by a session in front of a forward once its signal has fired; never leaves this folder. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
}
