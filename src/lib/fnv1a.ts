/**
 * FNV-1a hash of a text's UTF-8 bytes: tells names apart, not for secrets.
 *
 * @returns 32 bits, unsigned
 * @see Fowler, Noll, Vo; RFC 9923
 */
export function fnv1a32(text: string): number {
  return fnv1a32OfBytes(new TextEncoder().encode(text));
}

/** The same of bytes; another value in one of them always gives another hash. */
export function fnv1a32OfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
