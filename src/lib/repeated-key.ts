/**
 * First key that stands twice in one object of a JSON text. `JSON.parse` keeps the last of them and says nothing.
 *
 * @param json  valid JSON
 * @returns     null if every key is unique in its object
 */
export function repeatedKey(json: string): string | null {
  // One entry an open bracket: the keys so far, or null in an array.
  const open: (Set<string> | null)[] = [];
  for (const { 0: token, groups } of json.matchAll(/[[\]{}]|(?<string>"(?:[^"\\]|\\.)*")(?<colon>\s*:)?/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (groups?.['colon'] !== undefined) {
      const key = JSON.parse(groups['string'] ?? '""') as string;
      const keys = open.at(-1);
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
  }
  return null;
}
