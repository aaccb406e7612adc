/**
 * GPT-2's printable alphabet for bytes: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onwards.
 *
 * @see Radford et al. 2019 (GPT-2), bytes_to_unicode in its encoder
 */
const PRINTABLE_RANGES = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
] as const;

const byteOfCharacter = new Map<string, number>();
let nextCodePoint = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const isPrintable = PRINTABLE_RANGES.some(([first, last]) => byte >= first && byte <= last);
  byteOfCharacter.set(String.fromCodePoint(isPrintable ? byte : nextCodePoint++), byte);
}

const encoder = new TextEncoder();

/** Bytes of a vocabulary piece. A character outside the alphabet, which only odd files have, stands for its UTF-8. */
export function bytesOfPiece(piece: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of piece) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) bytes.push(...encoder.encode(character));
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
