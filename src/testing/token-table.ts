/** Words of a token in the token table. */
export const TOKEN_WORDS = 4;

/** A prompt that stands once, followed by its completions. Without a prompt: rows of their own. */
export interface TokenGroup {
  readonly promptLength: number;
  readonly completionLengths: readonly number[];
}

/**
 * Token table of packed groups.
 *
 * @returns  [N, 4] words: first token and length of the shared prompt that token n sees, first token of n's own part, and
 *           the end of the tokens n .. end - 1 that see n as a key
 */
export function tokenTable(groups: readonly TokenGroup[]): Uint32Array<ArrayBuffer> {
  const words: number[] = [];
  const add = (count: number, entry: readonly number[]): void => {
    for (let i = 0; i < count; i++) words.push(...entry);
  };
  for (const { promptLength, completionLengths } of groups) {
    const start = words.length / TOKEN_WORDS;
    const end = completionLengths.reduce((sum, length) => sum + length, start + promptLength);
    add(promptLength, [start, 0, start, end]);
    for (const length of completionLengths) {
      const own = words.length / TOKEN_WORDS;
      add(length, [start, promptLength, own, own + length]);
    }
  }
  return Uint32Array.from(words);
}
