/** Formulas in boxes, as LaTeX writes final answers. */

const MARKS = /\\(?:boxed|fbox)\s*\{|\\(?:boxed|fbox)\s+(?<bare>-?[\d.,/]+|[A-Za-z])|\\.|[{}]/gs;

/**
 * What the last complete box holds; braces within it are matched. `\boxed 5` is a box too. Takes time linear in the text.
 *
 * @returns null if there is no complete box, or nothing in it
 */
export function boxedAnswer(text: string): string | null {
  /** Braces that are open: where the content of a box begins, -1 for any other. */
  const open: number[] = [];
  let last = { begin: -1, content: '' };
  for (const match of text.matchAll(MARKS)) {
    const [mark] = match;
    const end = match.index + mark.length;
    const bare = match.groups?.['bare'];
    if (bare !== undefined) last = { begin: match.index, content: bare.replace(/[.,]+$/, '') };
    else if (mark === '}') {
      const begin = open.pop() ?? -1;
      if (begin > last.begin) last = { begin, content: text.slice(begin, match.index) };
    } else if (mark === '{') open.push(-1);
    else if (mark.endsWith('{') && mark.length > 2) open.push(end);
  }
  const content = last.content.trim();
  return content === '' ? null : content;
}
