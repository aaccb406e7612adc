import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import { startRangeServer, type RangeServer } from '@/testing/range-server.ts';
import { MemoryTarget, openModelFile } from './cached-download.ts';
import { download, type DownloadOptions } from './download.ts';

// Against a real server, with the file in memory: what is asked for, and what is made of the answer.
const SIZE = 20_000;
const BYTES = bytesOf(0);
const OTHER = bytesOf(1);
const SHA256 = hashOf(BYTES);
const ETAG = '"v1"';

let server: RangeServer;

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function bytesOf(seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: SIZE }, (_, i) => ('GGUF'.charCodeAt(i) || (i * 31 + seed) >> 3) & 255);
}

beforeEach(async () => {
  server = await startRangeServer({ bytes: BYTES, etag: ETAG });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** @returns the SHA-256 of the bytes, which is also what the file says of itself */
async function load(options: DownloadOptions = {}): Promise<string> {
  using file = await openModelFile(`${server.origin}/m.gguf`, { retryDelaysMs: [0, 0], ...options });
  const digest = hashOf(await file.read(0, file.sizeBytes));
  expect(file.sha256).toBe(digest);
  return digest;
}

const ranges = (): (string | undefined)[] => server.asked.map(({ range }) => range);

test('a full storage is no reason to refuse a file that stays in memory', async () => {
  vi.stubGlobal('navigator', { storage: { estimate: async () => ({ quota: 100, usage: 100 }) } });
  expect(await load()).toBe(hashOf(BYTES));
});

test('an answer for which there is no room is not left open', async () => {
  const cancel = vi.fn();
  vi.stubGlobal('fetch', async () => new Response(new ReadableStream({ cancel })));
  const full = { checkRoom: () => Promise.reject(new Failure<FailureCode>('downloadFailed', 'full')) };
  const target = Object.assign(new MemoryTarget(), full);
  await expect(download('https://x.example/m.gguf', target, {})).rejects.toThrow('full');
  expect(cancel).toHaveBeenCalledTimes(1);
});

describe('a connection that breaks', () => {
  test('is made again for what is missing, as often as needed', async () => {
    server.cuts.push(1000, 2000);
    const events: LoadProgress[] = [];
    expect(await load({ onProgress: (event) => events.push(event) })).toBe(hashOf(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=1000-', 'bytes=3000-']);
    const loaded = events.map(({ loadedBytes }) => loadedBytes);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ loadedBytes: SIZE, totalBytes: SIZE });
  });

  test('is given up after three attempts that bring little', async () => {
    server.cuts.push(1000, 1000, 1000, 1000);
    await expect(load()).rejects.toMatchObject({ code: 'downloadFailed', details: { reason: 'connection' } });
    expect(server.asked).toHaveLength(3);
  });

  test('counts anew after an attempt that brought a lot', async () => {
    const large = new Uint8Array(3 << 20);
    large.set(BYTES);
    server.file = { bytes: large, etag: ETAG };
    server.cuts.push(1000, 1000, (1 << 20) + 1000, 1000);
    expect(await load()).toBe(hashOf(large));
    expect(server.asked).toHaveLength(5);
  });

  test('is not waited for once the load is cancelled', async () => {
    const abort = new AbortController();
    const body = new ReadableStream(
      {
        start: (controller) => controller.enqueue(BYTES.slice(0, 1000)),
        pull(controller) {
          controller.error(new TypeError('lost'));
          // The wait for the next attempt has begun by then.
          setTimeout(() => abort.abort());
        },
      },
      { highWaterMark: 0 },
    );
    vi.stubGlobal('fetch', async () => new Response(body, { headers: { etag: ETAG, 'content-length': String(SIZE) } }));
    const loading = load({ retryDelaysMs: [3_600_000], signal: abort.signal });
    await expect(loading).rejects.toHaveProperty('code', 'cancelled');
  });

  test('is not made again where the whole file would come again', async () => {
    server.file = { bytes: BYTES };
    server.cuts.push(1000);
    await expect(load()).rejects.toHaveProperty('code', 'downloadFailed');
    expect(server.asked).toHaveLength(1);
  });

  test('needs no version of the file where its hash is known', async () => {
    server.file = { bytes: BYTES };
    server.cuts.push(1000);
    expect(await load({ expectedSha256: SHA256 })).toBe(hashOf(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=1000-']);
  });

  test('can be known by its date', async () => {
    server.file = { bytes: BYTES, lastModified: 'Fri, 27 Nov 2026 08:00:00 GMT' };
    server.cuts.push(1000);
    expect(await load()).toBe(hashOf(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=1000-']);
  });

  test('a weak ETag does not name bytes', async () => {
    server.file = { bytes: BYTES, etag: 'W/"v1"' };
    server.cuts.push(1000);
    await expect(load()).rejects.toHaveProperty('code', 'downloadFailed');
  });
});

describe('what begins anew', () => {
  /** The file changes between the first request and the second. */
  async function loadThroughChange(change: () => void, options: DownloadOptions = {}): Promise<string> {
    server.cuts.push(1000);
    const { fetch } = globalThis;
    let numRequests = 0;
    vi.stubGlobal('fetch', (...request: Parameters<typeof fetch>) => {
      if (++numRequests === 2) change();
      return fetch(...request);
    });
    return load(options);
  }

  test('another version, found out by comparing on other origins', async () => {
    const loaded = await loadThroughChange(() => (server.file = { bytes: OTHER, etag: '"v2"' }));
    expect(loaded).toBe(hashOf(OTHER));
    expect(server.asked).toEqual([
      { range: undefined, ifRange: undefined },
      { range: 'bytes=1000-', ifRange: undefined },
      { range: undefined, ifRange: undefined },
    ]);
  });

  test('another version, found out by the server on the page’s own origin', async () => {
    vi.stubGlobal('location', new URL(`${server.origin}/page`));
    const loaded = await loadThroughChange(() => (server.file = { bytes: OTHER, etag: '"v2"' }));
    expect(loaded).toBe(hashOf(OTHER));
    expect(server.asked.slice(1)).toEqual([{ range: 'bytes=1000-', ifRange: ETAG }]);
  });

  test('another length under the same name', async () => {
    const longer = new Uint8Array([...BYTES, 1]);
    expect(await loadThroughChange(() => (server.file = { bytes: longer, etag: ETAG }))).toBe(hashOf(longer));
  });

  test('a file that became shorter than what is there (416)', async () => {
    const shorter = BYTES.slice(0, 500);
    expect(await loadThroughChange(() => (server.file = { bytes: shorter, etag: ETAG }))).toBe(hashOf(shorter));
    expect(ranges()).toEqual([undefined, 'bytes=1000-', undefined]);
  });

  test('a server without ranges (200)', async () => {
    server.file = { bytes: BYTES, etag: ETAG, hasRanges: false };
    server.cuts.push(1000);
    expect(await load()).toBe(hashOf(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=1000-']);
  });

  test('a server that refuses the request for a range', async () => {
    server.cuts.push(1000);
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
      new Headers(init.headers).has('range') ? Promise.reject(new TypeError('refused')) : fetch(url, init),
    );
    expect(await load()).toBe(hashOf(BYTES));
    expect(ranges()).toEqual([undefined, undefined]);
  });

  test('the same bytes are never trusted without their hash', async () => {
    const change = (): void => {
      server.file = { bytes: OTHER };
    };
    server.file = { bytes: BYTES };
    await expect(loadThroughChange(change, { expectedSha256: SHA256 })).rejects.toHaveProperty(
      'code',
      'integrityFailed',
    );
  });
});

describe('lengths', () => {
  test('a compressed answer is read, and its length is not believed', async () => {
    server.file = { bytes: BYTES, etag: ETAG, isCompressed: true };
    expect(await load({ expectedBytes: SIZE, expectedSha256: SHA256 })).toBe(hashOf(BYTES));
  });

  test('a compressed answer that breaks is not gone on from by its version', async () => {
    server.file = { bytes: BYTES, etag: ETAG, isCompressed: true };
    server.cuts.push(50);
    await expect(load()).rejects.toHaveProperty('code', 'downloadFailed');
    expect(server.asked).toHaveLength(1);
  });

  test('a file that is shorter than is known is not asked for again', async () => {
    await expect(load({ expectedBytes: SIZE + 1 })).rejects.toHaveProperty('code', 'integrityFailed');
    expect(server.asked).toHaveLength(1);
  });

  test('an error in place of the rest names the status', async () => {
    server.cuts.push(1000);
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
      new Headers(init.headers).has('range') ? Promise.resolve(new Response('', { status: 503 })) : fetch(url, init),
    );
    await expect(load()).rejects.toMatchObject({ code: 'downloadFailed', details: { status: 503 } });
  });
});
