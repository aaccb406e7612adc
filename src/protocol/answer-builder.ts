/** An answer out of what a chat model says piece by piece: thoughts apart, stop strings cut off, tokens placed. */
import { overlap } from '@/lib/overlap.ts';
import { ThinkSplitter, THINK_MARKS, type ThoughtPiece } from '@/lib/think-splitter.ts';
import type { ChatAnswer, ChatDelta, ChatToken } from './chat.ts';

export type RawToken = Omit<ChatToken, 'isThinking'>;

export interface AnswerOptions {
  /** The answer ends in front of the first of these. Default: none. */
  readonly stop?: readonly string[];
  /** Whether the prompt has opened a thought. Default false. */
  readonly startsInside?: boolean;
  readonly onDelta?: ((delta: ChatDelta) => void) | undefined;
}

/** Tokens that stand for the same stretch of the answer. */
interface Stretch {
  length: number;
  used: number;
  isAnswer: boolean;
  readonly tokens: RawToken[];
}

export class AnswerBuilder {
  readonly #options: AnswerOptions;
  readonly #splitter: ThinkSplitter;
  readonly #begun = performance.now();
  #firstMs: number | null = null;
  /** All that came, for a second reading. */
  readonly #log: (readonly [kind: 'text' | 'thinking', text: string, tokens: readonly RawToken[]])[] = [];
  /** Text in which a stop string may have begun. */
  #held = '';
  #isStopped = false;
  #isServerThinking = false;
  #hasTokens = false;
  readonly #stretches: Stretch[] = [];
  #text = '';
  #thinking = '';
  readonly #tokens: ChatToken[] = [];

  constructor(options: AnswerOptions = {}) {
    this.#options = options;
    this.#splitter = new ThinkSplitter(options.startsInside ?? false);
  }

  /** Whether a stop string has come: what follows is no part of the answer. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Characters that came, thoughts included. */
  get numCharacters(): number {
    return this.#log.reduce((sum, [, text]) => sum + text.length, 0);
  }

  /** @param tokens  what `text` is made of, as far as the model says */
  push(text: string, tokens: readonly RawToken[] = []): void {
    if (this.#isStopped || !this.#note('text', text, tokens)) return;
    // Tokens without text are of a character that is not whole yet, of the answer or of the thought.
    if (this.#isServerThinking && text !== '') {
      this.#isServerThinking = false;
      this.#mark(THINK_MARKS.end);
    }
    this.#addStretches(text, tokens);
    this.#held += text;
    this.#emit(this.#splitter.push(this.#release()));
  }

  /** Thoughts that the model gives apart from its answer. */
  pushThinking(text: string, tokens: readonly RawToken[] = []): void {
    if (this.#isStopped || !this.#note('thinking', text, tokens)) return;
    if (!this.#isServerThinking) {
      this.#isServerThinking = true;
      this.#emit(this.#splitter.push(this.#flush()));
      this.#mark(THINK_MARKS.start);
    }
    this.#addStretches(text, tokens);
    this.#emit(this.#splitter.push(text));
  }

  finish({
    stopReason,
    numTokens,
  }: Pick<ChatAnswer, 'stopReason'> & { readonly numTokens: number | null }): ChatAnswer {
    if (!this.#isStopped) this.#emit(this.#splitter.push(this.#flush()));
    this.#emit(this.#splitter.finish());
    this.#cutLastToken();
    const totalMs = performance.now() - this.#begun;
    const timing = { timeToFirstTokenMs: this.#firstMs ?? totalMs, totalMs, numTokens };
    const reason = this.#isStopped ? 'stop' : stopReason;
    if (this.#splitter.hasUnopenedEnd && this.#options.startsInside !== true)
      return { ...this.#readAgain(reason), timing };
    return {
      text: this.#text,
      thinking: this.#thinking === '' ? null : this.#thinking,
      tokens: this.#hasTokens ? this.#tokens : null,
      stopReason: reason,
      timing,
    };
  }

  #note(kind: 'text' | 'thinking', text: string, tokens: readonly RawToken[]): boolean {
    if (text === '' && tokens.length === 0) return false;
    this.#firstMs ??= performance.now() - this.#begun;
    this.#hasTokens ||= tokens.length > 0;
    this.#log.push([kind, text, tokens]);
    return true;
  }

  /** A thought ended that nobody had seen begin: the prompt had opened it. */
  #readAgain(stopReason: ChatAnswer['stopReason']): ChatAnswer {
    const again = new AnswerBuilder({ ...this.#options, startsInside: true, onDelta: undefined });
    for (const [kind, text, tokens] of this.#log)
      if (kind === 'text') again.push(text, tokens);
      else again.pushThinking(text, tokens);
    return again.finish({ stopReason, numTokens: null });
  }

  /** A mark that no token stands for. */
  #mark(mark: string): void {
    this.#addStretches(mark, []);
    this.#emit(this.#splitter.push(mark));
  }

  #addStretches(text: string, tokens: readonly RawToken[]): void {
    const areExact = tokens.length > 1 && tokens.map((token) => token.text).join('') === text;
    const parts = areExact ? tokens.map((token) => ({ length: token.text.length, tokens: [token] })) : undefined;
    for (const part of parts ?? [{ length: text.length, tokens: [...tokens] }]) {
      const last = this.#stretches.at(-1);
      // Tokens of a character that was not whole before this one.
      if (last?.length === 0) {
        last.length = part.length;
        last.tokens.push(...part.tokens);
      } else this.#stretches.push({ ...part, used: 0, isAnswer: false });
    }
  }

  /** What no stop string can begin in any more; a stop string ends it all. */
  #release(): string {
    const { stop = [] } = this.#options;
    const found = stop.map((each) => this.#held.indexOf(each)).filter((index) => index >= 0);
    if (found.length > 0) {
      this.#isStopped = true;
      this.#held = this.#held.slice(0, Math.min(...found));
      return this.#flush();
    }
    const waiting = Math.max(0, ...stop.map((each) => overlap(this.#held, each)));
    const released = this.#held.slice(0, this.#held.length - waiting);
    this.#held = this.#held.slice(released.length);
    return released;
  }

  #flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  #emit(pieces: readonly ThoughtPiece[]): void {
    let [text, thinking] = ['', ''];
    const tokens: ChatToken[] = [];
    for (const piece of pieces) {
      if (piece.kind === 'text') text += piece.text;
      if (piece.kind === 'thinking') thinking += piece.text;
      tokens.push(...this.#use(piece));
    }
    if (text === '' && thinking === '' && tokens.length === 0) return;
    this.#text += text;
    this.#thinking += thinking;
    this.#tokens.push(...tokens);
    this.#options.onDelta?.({ text, thinking, tokens });
  }

  /** The tokens whose place is known with this piece. */
  #use({ kind, length }: ThoughtPiece): ChatToken[] {
    const done: ChatToken[] = [];
    for (let left = length; left > 0;) {
      const stretch = this.#stretches[0];
      if (stretch === undefined) break;
      const used = Math.min(left, stretch.length - stretch.used);
      left -= used;
      stretch.used += used;
      stretch.isAnswer ||= kind === 'text';
      if (stretch.used < stretch.length) break;
      this.#stretches.shift();
      done.push(...stretch.tokens.map((token) => ({ ...token, isThinking: !stretch.isAnswer })));
    }
    return done;
  }

  /** Of a token in which a stop string begins, what stands in front. */
  #cutLastToken(): void {
    const [stretch] = this.#stretches;
    const [token] = stretch?.tokens ?? [];
    if (stretch === undefined || token === undefined || stretch.used === 0 || stretch.tokens.length > 1) return;
    const cut = { ...token, text: token.text.slice(0, stretch.used), isThinking: !stretch.isAnswer };
    this.#tokens.push(cut);
    this.#options.onDelta?.({ text: '', thinking: '', tokens: [cut] });
  }
}
