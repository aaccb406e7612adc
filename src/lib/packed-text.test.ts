import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { expect, test } from 'vitest';
import { fnv1a32OfBytes } from './fnv1a.ts';
import { packText, unpackText } from './packed-text.ts';

const LIMIT = 100_000;

/** As `packText` would have it, of any bytes. */
function packed(deflated: Uint8Array): string {
  const bytes = new Uint8Array(4 + deflated.length);
  new DataView(bytes.buffer).setUint32(0, fnv1a32OfBytes(deflated));
  bytes.set(deflated, 4);
  return Buffer.from(bytes).toString('base64url');
}

test('what is packed is unpacked again, in letters of an address', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const made = packText(text);
      expect(made).toMatch(/^[\w-]+$/);
      // What is no text, half a pair of surrogates, cannot be written in UTF-8.
      expect(unpackText(made, LIMIT)).toEqual({ text: text.toWellFormed() });
    }),
    { numRuns: 50 },
  );
});

test('one letter that is missing or another one is always noticed', () => {
  const made = packText(JSON.stringify({ question: 'Why is the sky blue?', settings: { budget: 300 } }));
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The last letter has bits that belong to no byte.
  for (let at = 0; at < made.length - 1; at++) {
    const other = letters[(letters.indexOf(made[at] ?? '') + 1) % letters.length];
    expect(unpackText(`${made.slice(0, at)}${other}${made.slice(at + 1)}`, LIMIT), `letter ${at}`).toEqual({
      fault: 'damaged',
    });
    expect(unpackText(made.slice(0, at), LIMIT).text, `cut at ${at}`).toBeUndefined();
  }
});

test('any text is taken', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
      const { text: unpacked } = unpackText(text, LIMIT);
      expect(unpacked === undefined || typeof unpacked === 'string').toBe(true);
    }),
  );
});

test('what would unfold to gigabytes is given up at the limit', () => {
  const bomb = packed(deflateSync(new Uint8Array(50_000_000)));
  expect(bomb.length).toBeLessThan(100_000);
  expect(unpackText(bomb, LIMIT)).toEqual({ fault: 'tooLarge' });
  expect(unpackText(bomb.slice(0, -1), LIMIT)).toEqual({ fault: 'damaged' });
});

test('exactly the limit is taken', () => {
  const text = 'x'.repeat(LIMIT);
  expect(unpackText(packText(text), LIMIT)).toEqual({ text });
  expect(unpackText(packText(`${text}x`), LIMIT)).toEqual({ fault: 'tooLarge' });
});

test('a stream that ends too early, and bytes that are no UTF-8, are faults though the checksum is right', () => {
  const deflated = deflateSync(new TextEncoder().encode('Some words that are long enough to be cut off.'));
  expect(unpackText(packed(deflated.subarray(0, -3)), LIMIT)).toEqual({ fault: 'damaged' });
  expect(unpackText(packed(deflateSync(new Uint8Array([0xff, 0xfe, 0x80]))), LIMIT)).toEqual({ fault: 'damaged' });
  expect(unpackText(packed(new Uint8Array([0x07, 0xff])), LIMIT)).toEqual({ fault: 'damaged' });
});
