/** Where the last complete sentence of `text` ends; 0 when there is none. */
export function endOfLastSentence(text: string): number {
  let end = 0;
  for (const match of text.matchAll(/[.!?](?=\s)|\n{2,}/g)) end = match.index + match[0].length;
  return end;
}
