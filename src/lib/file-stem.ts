/**
 * A name as part of a file's name: its letters, of any script, and digits, in lower case, with dashes between.
 *
 * @param otherwise      where the name has none
 * @param maxCharacters  default 60
 */
export function fileStem(name: string, otherwise: string, maxCharacters = 60): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-/, '');
  const stem = Array.from(words).slice(0, maxCharacters).join('').replace(/-$/, '');
  return stem === '' ? otherwise : stem;
}
