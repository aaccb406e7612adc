/** What differs between two texts, word by word. */
import { at } from '@/lib/assert.ts';

export interface DiffPart {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** A slot, a word, white space, or one other sign. */
const PIECE = /\{[a-z][a-z0-9_]*\}|[\p{L}\p{N}]+|\s+|[^\s]/gu;

/** Pairs of pieces that are compared; of longer differences the whole is one removal and one addition. */
const MAX_PAIRS = 4_000_000;

/** The parts in order: those of `before` are the same and the removed ones, those of `after` the same and the added. */
export function diffTexts(before: string, after: string): readonly DiffPart[] {
  const a = before.match(PIECE) ?? [];
  const b = after.match(PIECE) ?? [];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const parts: DiffPart[] = [];
  const push = (kind: DiffPart['kind'], text: string): void => {
    const last = parts.at(-1);
    if (text === '') return;
    if (last?.kind === kind) parts[parts.length - 1] = { kind, text: last.text + text };
    else parts.push({ kind, text });
  };
  push('same', a.slice(0, head).join(''));
  diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail), push);
  push('same', a.slice(a.length - tail).join(''));
  return parts;
}

/** By the longest common subsequence. */
function diffMiddle(
  a: readonly string[],
  b: readonly string[],
  push: (kind: DiffPart['kind'], text: string) => void,
): void {
  if (a.length * b.length > MAX_PAIRS) {
    push('removed', a.join(''));
    push('added', b.join(''));
    return;
  }
  const width = b.length + 1;
  // [i, j]: how many pieces a[i..] and b[j..] have in common, in order.
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const diagonal = at(common, (i + 1) * width + j + 1);
      const best = Math.max(at(common, (i + 1) * width + j), at(common, i * width + j + 1));
      common[i * width + j] = a[i] === b[j] ? diagonal + 1 : best;
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      push('same', at(a, i));
      i += 1;
      j += 1;
    } else if (at(common, (i + 1) * width + j) >= at(common, i * width + j + 1)) push('removed', at(a, i++));
    else push('added', at(b, j++));
  }
  push('removed', a.slice(i).join(''));
  push('added', b.slice(j).join(''));
}
