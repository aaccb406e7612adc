import decodeQR from 'qr/decode.js';
import { expect, test } from 'vitest';
import { drawn, MAX_QR_CHARACTERS } from './qr-picture.tsx';

const SCALE = 4;

/** The path's squares as a camera would see them. */
function pixelsOf({ path, size }: ReturnType<typeof drawn>): { width: number; height: number; data: Uint8Array } {
  const width = size * SCALE;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < SCALE; dy++)
      for (let dx = 0; dx < SCALE; dx++) {
        const at = ((Number(y) * SCALE + dy) * width + Number(x) * SCALE + dx) * 4;
        data.fill(0, at, at + 3);
      }
  return { width, height: width, data };
}

test.each([1, 60, 400, MAX_QR_CHARACTERS])('a code of %i characters is read as what it says', (length) => {
  const start = 'https://example.org/#/thinking?share=1.';
  const text = `${start}${'n5M_sQ3K-QQrC'.repeat(100)}`.slice(0, length);
  expect(decodeQR(pixelsOf(drawn(text)))).toBe(text);
});

test('the longest one has 105 squares a side, and a white edge of four', () => {
  expect(drawn('x'.repeat(MAX_QR_CHARACTERS)).size).toBe(105 + 2 * 4);
});
