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
