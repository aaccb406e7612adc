/** A file that begins like a model and has no two equal pieces; the bytes from `start` on. */
export function patternBytes(start: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => ('GGUF'.charCodeAt(start + i) || ((start + i) * 31) >> 3) & 255);
}
