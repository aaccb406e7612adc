/** Where the last complete sentence of `text` ends; 0 when there is none. */
export function endOfLastSentence(text: string): number {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  return end;
}

const SENTENCE_END = /[.!?](?=\s)|\n{2,}/g;

/** Longest piece that a screen reader is given at once: about twenty seconds of speech. */
const MAX_ANNOUNCED = 400;
/** A screen reader should finish one announcement before the next comes. */
const MIN_QUIET_MS = 2500;
/** Of quick synthetic speech. */
const MS_PER_CHARACTER = 40;

/**
 * The part of a growing text that is announced next: whole sentences, as many as there are by now, up to `MAX_ANNOUNCED`
 * characters; one longer sentence alone. The parts of a text add up to it.
 *
 * @param from        what was announced before, in UTF-16 units
 * @param isComplete  nothing more comes: the last words count as a sentence without a full stop
 * @returns           where the part ends; `from` when there is nothing to say yet
 */
export function announcedEnd(text: string, from: number, isComplete: boolean): number {
  const end = isComplete ? text.length : endOfLastSentence(text);
  if (end <= from) return from;
  if (end - from <= MAX_ANNOUNCED) return end;
  const rest = text.slice(from, end);
  const within = endOfLastSentence(rest.slice(0, MAX_ANNOUNCED));
  if (within > 0) return from + within;
  const [first] = rest.matchAll(SENTENCE_END);
  return first === undefined ? end : from + first.index + first[0].length;
}

/** How long nothing else is announced after `part`. */
export function quietMsAfter(part: string): number {
  return Math.max(MIN_QUIET_MS, part.length * MS_PER_CHARACTER);
}

/** One piece for a screen reader. @see Announcements */
export interface Announcement {
  /** Tells it from an equal one before it. */
  readonly id: number;
  readonly part: string;
}

/** What of a growing text is announced when. What is there at first is not; a text that becomes shorter is another one. */
export class Announcements {
  #text: string;
  #isComplete = false;
  #saidUpTo: number;
  #quietUntilMs = 0;
  #count = 0;

  constructor(text: string) {
    this.#text = text;
    this.#saidUpTo = text.length;
  }

  /** The first sentences come together too: a stream has only begun. @param nowMs  of any steady clock */
  begin(nowMs: number): void {
    this.#quietUntilMs = nowMs + quietMsAfter('');
  }

  changed(text: string, isComplete: boolean): void {
    this.#text = text;
    this.#isComplete = isComplete;
    if (text.length < this.#saidUpTo) this.#saidUpTo = 0;
  }

  /** @returns null while there is nothing to say, or the last one is being spoken */
  next(nowMs: number): Announcement | null {
    if (nowMs < this.#quietUntilMs) return null;
    const from = this.#saidUpTo;
    this.#saidUpTo = announcedEnd(this.#text, from, this.#isComplete);
    const part = this.#text.slice(from, this.#saidUpTo).trim();
    if (part === '') return null;
    this.#quietUntilMs = nowMs + quietMsAfter(part);
    this.#count += 1;
    return { id: this.#count, part };
  }
}
