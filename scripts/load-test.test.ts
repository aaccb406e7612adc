import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadServer, type LoadResult } from './load-test.mjs';

const LIMIT_MS = 120_000;

function expectWhole(
  { hashes, expected, idle, after, peakGrowthBytes, fileBytes }: LoadResult,
  numClients: number,
): void {
  expect(hashes).toEqual(Array.from({ length: numClients }, () => expected));
  // Whatever is sent to all of them together, the server never holds even one file.
  expect(peakGrowthBytes).toBeLessThan(0.8 * fileBytes);
  expect(after.openFiles).toBe(idle.openFiles);
  if (existsSync('/dev/fd')) expect(idle.openFiles).toBeGreaterThan(0);
}

test(
  'thirty clients fetch the embedded model at once: nothing is corrupted, memory is flat, nothing stays open',
  { timeout: LIMIT_MS },
  async () => expectWhole(await loadServer({ numClients: 30 }), 30),
);

test('the same over https', { timeout: LIMIT_MS }, async () =>
  expectWhole(await loadServer({ numClients: 4, isSecure: true }), 4),
);
