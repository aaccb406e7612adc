/** How a changed draft becomes a change of the input block. */
import type { Draft } from '@/protocol/reasoning.ts';

export interface DraftEdit {
  /** Tokens of the input block that stay. */
  readonly keep: number;
  /** Ids to append behind them. */
  readonly appendIds: readonly number[];
  /** Tokens of the unfinished last word, which is not encoded yet. */
  readonly heldBackTokens: number;
}

/**
 * Splits a draft in front of its last word and the white space before it. The word may still grow, and byte-pair
 * encoding joins a space with the word behind it, so neither would keep its ids.
 */
export function splitDraft(text: string): { readonly settled: string; readonly heldBack: string } {
  let end = text.length;
  while (end > 0 && !isSpace(text, end - 1)) end--;
  while (end > 0 && isSpace(text, end - 1)) end--;
  return { settled: text.slice(0, end), heldBack: text.slice(end) };
}

/**
 * The part of a draft that is to be read: all of it and a closing newline once it was sent, its last word too once the
 * typing rests.
 */
export function readableText(draft: Draft): string {
  if (draft.sent) return `${draft.text.trimEnd()}\n`;
  return draft.settled === true ? draft.text.trimEnd() : splitDraft(draft.text).settled;
}

/**
 * The change that turns the encoded ids into those of a draft: keep the longest common prefix of ids, append the rest.
 * The whole draft is encoded anew, because merges change at a seam.
 *
 * @param encodedIds  what the input block holds
 * @param encode      ids of a text; control tokens stay text
 * @param readable    the part of the draft that is to be read
 */
export function planDraftEdit(
  encodedIds: readonly number[],
  draft: Draft,
  encode: (text: string) => readonly number[],
  readable: string = readableText(draft),
): DraftEdit {
  const ids = encode(readable);
  const keep = commonPrefixLength(encodedIds, ids);
  const heldBack = draft.text.slice(readable.length);
  return { keep, appendIds: ids.slice(keep), heldBackTokens: heldBack.trim() === '' ? 0 : encode(heldBack).length };
}

/** Of two texts, or of two lists of ids. */
export function commonPrefixLength<T extends string | readonly number[]>(a: T, b: T): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return shorter;
}

function isSpace(text: string, index: number): boolean {
  return text.charAt(index).trim() === '';
}
