import type { TextStream } from './reasoning-tokenizer.ts';

/** What a stream holds after it was cut back. */
export interface StreamContent {
  readonly text: string;
  /** Tokens that were sampled. */
  readonly tokens: number;
}

/** Tokens of one stream and the text of those that were sampled; prefixes, notes and end tokens have none. */
export class StreamLog {
  readonly #createTextStream: () => TextStream;
  #tokens: number[];
  /** Beside each token; null where it was given, not sampled. */
  #texts: (string | null)[];
  #textStream: TextStream;
  #newText = '';
  #startLength: number;

  /** @param start  prefix and first pending token */
  constructor(start: readonly number[], createTextStream: () => TextStream) {
    this.#createTextStream = createTextStream;
    this.#tokens = [...start];
    this.#texts = start.map(() => null);
    this.#textStream = createTextStream();
    this.#startLength = start.length;
  }

  /** All tokens: prefix, then what was sampled or injected; the last one is pending. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Tokens of the prefix, its pending token included. */
  get startLength(): number {
    return this.#startLength;
  }

  restart(start: readonly number[]): void {
    this.#tokens = [...start];
    this.#texts = start.map(() => null);
    this.#textStream = this.#createTextStream();
    this.#newText = '';
    this.#startLength = start.length;
  }

  give(tokenIds: readonly number[]): void {
    this.#tokens.push(...tokenIds);
    this.#texts.push(...tokenIds.map(() => null));
  }

  /** @param isEnd  whether the token ends the stream, so that it has no text */
  accept(tokenId: number, isEnd: boolean): void {
    const text = isEnd ? '' : this.#textStream.push(tokenId);
    this.#tokens.push(tokenId);
    this.#texts.push(text);
    this.#newText += text;
  }

  dropLast(): void {
    this.#tokens.pop();
    this.#texts.pop();
  }

  /** Keeps the first `length` tokens. */
  cut(length: number): void {
    this.#tokens.length = length;
    this.#texts.length = length;
    this.#newText = '';
    // A character may be incomplete at the cut: the stream is brought to where it stood then.
    this.#textStream = this.#createTextStream();
    this.#tokens.forEach((id, i) => {
      if (this.#texts[i] !== null) this.#textStream.push(id);
    });
  }

  content(): StreamContent {
    const sampled = this.#texts.filter((text) => text !== null);
    return { text: sampled.join(''), tokens: sampled.length };
  }

  /** Sampled tokens from index `from` on, and where their text begins and ends in the whole. */
  sampledFrom(from: number): {
    readonly tokens: number;
    readonly range: { readonly from: number; readonly to: number };
  } {
    const before = this.#texts.slice(0, from).join('').length;
    const after = this.#texts.slice(from).filter((text) => text !== null);
    return { tokens: after.length, range: { from: before, to: before + after.join('').length } };
  }

  /** Text sampled since the last call. */
  takeText(): string {
    const text = this.#newText;
    this.#newText = '';
    return text;
  }
}
