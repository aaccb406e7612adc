import { at } from '@/lib/assert.ts';
import { createByteTextStream } from './text-stream.ts';

/**
 * A tokenizer for tests: the longest piece that fits, from left to right. Not byte-pair encoding, but decoding is exact.
 * The tiny models' vocabulary fits.
 */
export class PieceTokenizer {
  readonly vocabSize: number;
  readonly #pieces: readonly Uint8Array[];
  readonly #ids = new Map<string, number>();
  readonly #longest: number;

  /** @param pieces  bytes by token id; every single byte is among them. Pieces such as `<|im_end|>` are control tokens. */
  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.vocabSize = pieces.length;
    this.#longest = Math.max(...pieces.map((piece) => piece.length));
    pieces.forEach((piece, id) => this.#ids.set(keyOf(piece), id));
  }

  encode(text: string, { parseSpecial }: { readonly parseSpecial: boolean }): number[] {
    const bytes = new TextEncoder().encode(text);
    const ids: number[] = [];
    for (let start = 0; start < bytes.length;) {
      const id = this.#longestAt(bytes, start, parseSpecial);
      ids.push(id);
      start += this.tokenBytes(id).length;
    }
    return ids;
  }

  tokenBytes(tokenId: number): Uint8Array {
    return at(this.#pieces, tokenId);
  }

  idOf(piece: string): number | undefined {
    return this.#ids.get(keyOf(new TextEncoder().encode(piece)));
  }

  createTextStream(): ReturnType<typeof createByteTextStream> {
    return createByteTextStream((id) => this.tokenBytes(id));
  }

  #longestAt(bytes: Uint8Array, start: number, parseSpecial: boolean): number {
    for (let length = Math.min(this.#longest, bytes.length - start); length > 0; length--) {
      const key = keyOf(bytes.subarray(start, start + length));
      const id = this.#ids.get(key);
      if (id !== undefined && (parseSpecial || !isControl(key))) return id;
    }
    throw new Error(`Byte ${at(bytes, start)} has no piece.`);
  }
}

/** One character per byte. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function isControl(key: string): boolean {
  return key.startsWith('<|') && key.endsWith('|>');
}
