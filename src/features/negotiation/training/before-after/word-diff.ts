/** Where two texts part, and which words are not in the other one. */

export interface Word {
  /** With the blanks behind it. */
  readonly text: string;
  readonly isOther: boolean;
}

/** Above it the search for words in common would take too long, and everything behind the parting is marked. */
const MAX_WORDS = 1500;

/**
 * Words of both texts. In front of the first word that differs nothing is marked; from there on, what is not part of the
 * longest sequence of words that both have.
 */
export function diffWords(first: string, second: string): readonly [readonly Word[], readonly Word[]] {
  const [a, b] = [wordsOf(first), wordsOf(second)];
  const same = commonStart(a, b);
  const [restA, restB] = [a.slice(same), b.slice(same)];
  const [keptA, keptB] = commonWords(restA, restB);
  const mark = (words: readonly string[], kept: ReadonlySet<number>): Word[] =>
    words.map((text, index) => ({ text, isOther: index >= same && !kept.has(index - same) }));
  return [mark(a, keptA), mark(b, keptB)];
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+\s*|\s+/gu) ?? [];
}

function isSame(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.trim() === b.trim();
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && isSame(a[count], b[count])) count++;
  return count;
}

/** Places of a longest common subsequence in both lists. */
function commonWords(a: readonly string[], b: readonly string[]): readonly [ReadonlySet<number>, ReadonlySet<number>] {
  const [keptA, keptB] = [new Set<number>(), new Set<number>()];
  if (a.length > MAX_WORDS || b.length > MAX_WORDS) return [keptA, keptB];
  const width = b.length + 1;
  // [i][j]: how many words a[i..] and b[j..] have in common.
  const lengths = new Uint16Array((a.length + 1) * width);
  const lengthAt = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = isSame(a[i], b[j])
        ? lengthAt(i + 1, j + 1) + 1
        : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (isSame(a[i], b[j])) {
      keptA.add(i++);
      keptB.add(j++);
    } else if (lengthAt(i + 1, j) >= lengthAt(i, j + 1)) i++;
    else j++;
  }
  return [keptA, keptB];
}
