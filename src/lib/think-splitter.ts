/**
 * What a model thinks aloud, apart from what it answers: text between `<think>` and `</think>` as it streams in, cut
 * anywhere. The same text gives the same result however it is cut.
 *
 * White space around thoughts belongs to neither side, and an empty pair of marks, which templates put where thinking is
 * off, leaves nothing. A thought that does not end is all thought.
 */

import { overlap } from './overlap.ts';

export const THINK_MARKS = { start: '<think>', end: '</think>' } as const;
/** Between two thoughts of one answer. */
const SEPARATOR = '\n\n';

/** A stretch of the text, in its order. */
export interface ThoughtPiece {
  /** 'mark': a mark, or white space around it. */
  readonly kind: 'text' | 'thinking' | 'mark';
  /** What is to be shown of it. */
  readonly text: string;
  /** Characters of the input that it stands for. */
  readonly length: number;
}

export interface SplitText {
  readonly text: string;
  /** Empty if there was none. */
  readonly thinking: string;
}

export class ThinkSplitter {
  /** What is not decided yet. */
  #rest = '';
  #isInside: boolean;
  /** Whether white space at this place may still turn out to stand around a thought. */
  #isAtEdge = true;
  #isBehindMark = false;
  #hasThought = false;
  #hasUnopenedEnd = false;
  #pieces: ThoughtPiece[] = [];

  /** @param startsInside  whether the prompt has opened a thought already, as DeepSeek's template does */
  constructor(startsInside = false) {
    this.#isInside = startsInside;
    this.#isBehindMark = startsInside;
  }

  /** Whether a thought ended that nothing had opened: what stood in front of it was one, begun in a prompt unseen. */
  get hasUnopenedEnd(): boolean {
    return this.#hasUnopenedEnd;
  }

  /** @returns what is decided now, in order; what might still become a mark waits */
  push(text: string): readonly ThoughtPiece[] {
    this.#rest += text;
    while (this.#takeMark()) {
      // One mark after the other.
    }
    this.#take(this.#rest.length - this.#heldBack());
    return this.#taken();
  }

  /** @returns what was waiting, at the end of the text */
  finish(): readonly ThoughtPiece[] {
    const held = this.#isInside ? this.#rest.trimEnd().length : this.#rest.length;
    this.#take(held);
    this.#add('mark', '', this.#rest.length);
    this.#rest = '';
    return this.#taken();
  }

  /** The first mark in what is left, with everything in front of it. */
  #takeMark(): boolean {
    const { start, end } = THINK_MARKS;
    const startAt = this.#isInside ? -1 : this.#rest.indexOf(start);
    const endAt = this.#rest.indexOf(end);
    const isStart = startAt >= 0 && (endAt < 0 || startAt < endAt);
    const at = isStart ? startAt : endAt;
    if (at < 0) return false;
    const before = this.#rest.slice(0, at);
    const kept = this.#isInside || (this.#isAtEdge && before.trim() === '') ? before.trimEnd().length : at;
    this.#take(kept);
    if (!isStart && !this.#isInside) this.#hasUnopenedEnd = true;
    const length = at - kept + (isStart ? start : end).length;
    this.#add('mark', '', length);
    this.#rest = this.#rest.slice(length);
    this.#isInside = isStart;
    this.#isAtEdge = true;
    this.#isBehindMark = true;
    return true;
  }

  /** The next characters, none of which belongs to a mark. */
  #take(count: number): void {
    const taken = this.#rest.slice(0, Math.max(0, count));
    this.#rest = this.#rest.slice(taken.length);
    if (taken === '') return;
    if (this.#isInside) {
      this.#takeThought(taken);
      return;
    }
    // Behind a thought white space is dropped; in front of the first one it may still be part of the answer.
    const shown = this.#isAtEdge && this.#isBehindMark ? taken.trimStart() : taken;
    this.#add('mark', '', taken.length - shown.length);
    this.#add('text', shown, shown.length);
    if (shown !== '') this.#isAtEdge = false;
  }

  #takeThought(taken: string): void {
    const shown = this.#isAtEdge ? taken.trimStart() : taken;
    this.#add('mark', '', taken.length - shown.length);
    if (shown === '') return;
    if (this.#isAtEdge && this.#hasThought) this.#add('thinking', SEPARATOR, 0);
    this.#add('thinking', shown, shown.length);
    this.#isAtEdge = false;
    this.#hasThought = true;
  }

  /** How many of the last characters may still become, or stand around, a mark. */
  #heldBack(): number {
    const mark = this.#isInside ? [THINK_MARKS.end] : [THINK_MARKS.start, THINK_MARKS.end];
    const partial = Math.max(...mark.map((each) => overlap(this.#rest, each)));
    const before = this.#rest.slice(0, this.#rest.length - partial);
    const waits = this.#isInside || (this.#isAtEdge && before.trim() === '');
    return waits ? this.#rest.length - before.trimEnd().length : partial;
  }

  #add(kind: ThoughtPiece['kind'], text: string, length: number): void {
    if (length > 0 || text !== '') this.#pieces.push({ kind, text, length });
  }

  #taken(): readonly ThoughtPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/** Of a whole text. An end that nothing has opened makes everything in front of it a thought. */
export function splitThoughts(text: string, startsInside = false): SplitText {
  const splitter = new ThinkSplitter(startsInside);
  const pieces = [...splitter.push(text), ...splitter.finish()];
  if (splitter.hasUnopenedEnd && !startsInside) return splitThoughts(text, true);
  const of = (kind: ThoughtPiece['kind']): string =>
    pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  return { text: of('text'), thinking: of('thinking') };
}
