/** A prompt in parts: its slots, what is quoted from the paper, and the rest. */

export interface MarkedPart {
  readonly kind: 'plain' | 'slot' | 'quote';
  readonly text: string;
  /** In the whole text; the part's name in a list. */
  readonly begin: number;
}

/** The longer of two quotes that begin in the same place. */
export function markedParts(text: string, quotes: readonly string[]): readonly MarkedPart[] {
  const found = quotes
    .toSorted((a, b) => b.length - a.length)
    .map((quote) => quote.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp([...found, String.raw`\{[a-z][a-z0-9_]*\}`].join('|'), 'g');
  const parts: MarkedPart[] = [];
  let end = 0;
  const plainUntil = (begin: number): void => {
    if (begin > end) parts.push({ kind: 'plain', text: text.slice(end, begin), begin: end });
  };
  for (const match of text.matchAll(pattern)) {
    const [part] = match;
    plainUntil(match.index);
    parts.push({ kind: quotes.includes(part) ? 'quote' : 'slot', text: part, begin: match.index });
    end = match.index + part.length;
  }
  plainUntil(text.length);
  return parts;
}
