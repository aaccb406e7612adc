/** How a growing text is cut into paragraphs, and a paragraph into marked and plain pieces. */

/** A part of a text, in UTF-16 units. */
export interface TextSpan {
  readonly from: number;
  readonly to: number;
}

export interface StreamParagraph {
  readonly text: string;
  /** Where it begins in the whole text. */
  readonly from: number;
}

/** Paragraphs of the part [from, to) of a text. Models open a turn with line ends; they mean nothing to a reader. */
export function paragraphsOf(text: string, { from, to }: TextSpan): readonly StreamParagraph[] {
  const part = text.slice(from, to);
  const paragraphs: StreamParagraph[] = [];
  let begin = part.length - part.trimStart().length;
  const add = (end: number): void => {
    if (end > begin) paragraphs.push({ text: part.slice(begin, end), from: from + begin });
  };
  for (const gap of part.matchAll(/\n{2,}/g)) {
    if (gap.index < begin) continue;
    add(gap.index);
    begin = gap.index + gap[0].length;
  }
  add(part.length);
  return paragraphs;
}

/** A text cut at the given places, which ascend; one part more than there are places. */
export function partsOf(text: string, places: readonly number[]): readonly TextSpan[] {
  const cuts = [0, ...places.map((place) => Math.min(place, text.length)), text.length];
  return cuts.slice(1).map((to, index) => ({ from: cuts[index] ?? 0, to }));
}

/** A part that stands out by so much, 0 to 1. */
export interface TextTint extends TextSpan {
  readonly share: number;
}

/** A paragraph cut into pieces that stand out and pieces that do not (share 0). @param tints  ascending, apart */
export function tintedPiecesOf(
  { text, from }: StreamParagraph,
  tints: readonly TextTint[],
): readonly (StreamParagraph & { readonly share: number })[] {
  let offset = from;
  return piecesOf({ text, from }, tints).map((piece) => {
    const start = offset;
    offset += piece.text.length;
    const tint = piece.isMarked
      ? tints.find((candidate) => start >= candidate.from && start < candidate.to)
      : undefined;
    return { text: piece.text, from: start, share: tint?.share ?? 0 };
  });
}

export interface TextPiece {
  readonly text: string;
  readonly isMarked: boolean;
}

/** @param marks  of the whole text; ascending, apart from each other */
export function piecesOf({ text, from }: StreamParagraph, marks: readonly TextSpan[]): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let done = 0;
  const add = (end: number, isMarked: boolean): void => {
    if (end > done) pieces.push({ text: text.slice(done, end), isMarked });
    done = Math.max(done, end);
  };
  for (const mark of marks) {
    add(Math.min(text.length, mark.from - from), false);
    add(Math.min(text.length, mark.to - from), true);
  }
  add(text.length, false);
  return pieces;
}
