/**
 * A text in the letters of an address: base64url (RFC 4648) of a checksum and the text's deflated UTF-8 bytes (RFC 1951).
 * The checksum tells an address that was cut off or changed on its way from a whole one.
 */
import { deflateSync, Inflate } from 'fflate';
import { fnv1a32OfBytes } from './fnv1a.ts';

const CHECKSUM_BYTES = 4;
/** Deflate grows a byte to 1032 at most, so one slice makes half a megabyte before it is looked at. */
const SLICE_BYTES = 512;

export type UnpackedText =
  | { readonly text: string }
  | { readonly fault: 'letters' | 'damaged' | 'tooLarge'; readonly text?: never };

export function packText(text: string): string {
  const deflated = deflateSync(new TextEncoder().encode(text), { level: 9 });
  const packed = new Uint8Array(CHECKSUM_BYTES + deflated.length);
  new DataView(packed.buffer).setUint32(0, fnv1a32OfBytes(deflated));
  packed.set(deflated, CHECKSUM_BYTES);
  return toBase64Url(packed);
}

/**
 * Takes anything. What unfolds to more than `maxBytes` is given up in the middle: no more memory is taken than that and
 * one slice.
 */
export function unpackText(packed: string, maxBytes: number): UnpackedText {
  const bytes = fromBase64Url(packed);
  if (bytes === null) return { fault: 'letters' };
  if (bytes.length <= CHECKSUM_BYTES) return { fault: 'damaged' };
  const deflated = bytes.subarray(CHECKSUM_BYTES);
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (checksum !== fnv1a32OfBytes(deflated)) return { fault: 'damaged' };
  return inflated(deflated, maxBytes);
}

function inflated(deflated: Uint8Array, maxBytes: number): UnpackedText {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const inflate = new Inflate((piece) => {
    size += piece.length;
    if (size <= maxBytes) pieces.push(piece);
  });
  try {
    for (let from = 0; from < deflated.length; from += SLICE_BYTES) {
      const until = from + SLICE_BYTES;
      inflate.push(deflated.subarray(from, until), until >= deflated.length);
      if (size > maxBytes) return { fault: 'tooLarge' };
    }
    return { text: decoded(pieces, size) };
  } catch {
    return { fault: 'damaged' };
  }
}

/** @throws {TypeError} if it is no UTF-8 */
function decoded(pieces: readonly Uint8Array[], size: number): string {
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(all);
}

function toBase64Url(bytes: Uint8Array): string {
  const letters = Array.from(bytes, (byte) => String.fromCodePoint(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    return Uint8Array.from(
      atob(text.replaceAll('-', '+').replaceAll('_', '/')),
      (letter) => letter.codePointAt(0) ?? 0,
    );
  } catch {
    return null;
  }
}
