// The suffix means "in a real browser": the origin private file system is what these tests are about.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadProgress } from '@/protocol/model.ts';
import { patternBytes } from '@/testing/pattern-bytes.ts';
import { clearCopies, copyNames, damageCopy, sha256Of, startDownloadWorker } from '@/testing/stored-copies.ts';
import { openModelFile } from './cached-download.ts';
import { openModelStore } from './model-store.ts';

const SIZE = 30_000;
const BYTES = patternBytes(0, SIZE);
const ETAG = '"v1"';

const url = 'https://models.example/m.gguf';

beforeEach(clearCopies);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A server with ranges and versions in the place of the network. @returns the ranges that were asked for */
function serve(
  bytes: Uint8Array<ArrayBuffer>,
  version: { etag?: string; breakAfter?: number } = {},
): (string | null)[] {
  const { etag = ETAG, breakAfter = Infinity } = version;
  const ranges: (string | null)[] = [];
  vi.stubGlobal('fetch', async (_url: string, { headers }: RequestInit) => {
    const range = new Headers(headers).get('range');
    ranges.push(range);
    const start = Number(range?.slice('bytes='.length, -1) ?? 0);
    const body = streamOf(bytes.slice(start), breakAfter);
    const length = { etag, 'content-length': String(bytes.length - start) };
    return range === null
      ? new Response(body, { headers: length })
      : new Response(body, {
          status: 206,
          headers: { ...length, 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` },
        });
  });
  return ranges;
}

function streamOf(bytes: Uint8Array<ArrayBuffer>, breakAfter: number): ReadableStream {
  let isSent = false;
  return new ReadableStream({
    pull(controller) {
      if (!isSent) controller.enqueue(bytes.slice(0, breakAfter));
      else if (breakAfter < bytes.length) controller.error(new TypeError('network error'));
      else controller.close();
      isSent = true;
    },
  });
}

async function breakOff(): Promise<void> {
  serve(BYTES, { breakAfter: 10_000 });
  await expect(openModelFile(url, { retryDelaysMs: [] })).rejects.toHaveProperty('code', 'downloadFailed');
}

/** Opens the file, reads it whole and tells which phases there were. */
async function open(): Promise<{ phases: string[]; bytes: Uint8Array }> {
  const phases = new Set<string>();
  using file = await openModelFile(url, { onProgress: ({ phase }) => phases.add(phase) });
  return { phases: [...phases], bytes: await file.read(0, file.sizeBytes) };
}

describe('a download that broke off', () => {
  test('is no model, and the next load goes on with it', async () => {
    await breakOff();
    const store = await openModelStore();
    expect(await store?.list()).toMatchObject([
      { url, sizeBytes: 10_000, record: null, partial: { sizeBytes: 10_000, totalBytes: SIZE, validator: ETAG } },
    ]);
    const ranges = serve(BYTES);
    const first: LoadProgress[] = [];
    using file = await openModelFile(url, { onProgress: (event) => first.push(event) });
    expect(await file.read(0, SIZE)).toEqual(BYTES);
    expect(ranges).toEqual(['bytes=10000-']);
    expect(Math.min(...first.filter(({ phase }) => phase === 'download').map((event) => event.loadedBytes))).toBe(SIZE);
    expect(await store?.list()).toMatchObject([{ sizeBytes: SIZE, record: { sizeBytes: SIZE }, partial: null }]);
  });

  test('breaks off again further on', async () => {
    await breakOff();
    await breakOff();
    expect(await (await openModelStore())?.list()).toMatchObject([{ sizeBytes: 20_000, record: null }]);
    serve(BYTES);
    expect(await open()).toEqual({ phases: ['verify', 'download'], bytes: BYTES });
  });

  test('is kept by Cancel', async () => {
    const abort = new AbortController();
    const onProgress = ({ phase }: LoadProgress): void => (phase === 'download' ? abort.abort() : undefined);
    await breakOff();
    serve(BYTES, { breakAfter: 5_000 });
    await expect(openModelFile(url, { signal: abort.signal, onProgress })).rejects.toHaveProperty('code', 'cancelled');
    const [file] = (await (await openModelStore())?.list()) ?? [];
    expect(file).toMatchObject({ record: null, partial: { sizeBytes: file?.sizeBytes } });
    expect(file?.sizeBytes).toBeGreaterThanOrEqual(10_000);
    serve(BYTES);
    expect((await open()).bytes).toEqual(BYTES);
  });

  test('is kept while the server cannot be reached', async () => {
    await breakOff();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await expect(openModelFile(url, { retryDelaysMs: [] })).rejects.toHaveProperty('code', 'downloadFailed');
    const ranges = serve(BYTES);
    expect((await open()).bytes).toEqual(BYTES);
    expect(ranges).toEqual(['bytes=10000-']);
  });

  test('of another version begins anew', async () => {
    await breakOff();
    const ranges = serve(BYTES, { etag: '"v2"' });
    expect((await open()).bytes).toEqual(BYTES);
    expect(ranges).toEqual(['bytes=10000-', null]);
  });

  test('of which another length is known begins anew', async () => {
    await breakOff();
    const ranges = serve(BYTES.slice(0, SIZE - 1));
    using file = await openModelFile(url, { expectedBytes: SIZE - 1 });
    expect(file.sizeBytes).toBe(SIZE - 1);
    expect(ranges).toEqual([null]);
  });

  test.each([
    ['a bit flipped', (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte))],
    ['cut off', (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, 9_999)],
  ])('and then was damaged begins anew: %s', async (_name, change) => {
    await breakOff();
    await damageCopy(url, change);
    const ranges = serve(BYTES);
    expect((await open()).bytes).toEqual(BYTES);
    expect(ranges).toEqual([null]);
  });

  test('and turns out wrong at its end is removed', async () => {
    const options = { expectedSha256: '0'.repeat(64), retryDelaysMs: [0] };
    serve(BYTES, { breakAfter: 20_000 });
    await expect(openModelFile(url, options)).rejects.toHaveProperty('code', 'integrityFailed');
    expect(await copyNames()).toEqual([]);
  });

  test('because the storage is full leaves the room to others', async () => {
    await breakOff();
    serve(BYTES);
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 5e6, usage: 4e6 });
    vi.spyOn(FileSystemWritableFileStream.prototype, 'write').mockRejectedValue(
      new DOMException('full', 'QuotaExceededError'),
    );
    await expect(openModelFile(url)).rejects.toMatchObject({
      code: 'downloadFailed',
      details: { reason: 'storageFull', neededBytes: SIZE - 10_000, freeBytes: 1e6 },
    });
    vi.restoreAllMocks();
    expect(await copyNames()).toEqual([]);
  });

  test('for which there is no room now is kept', async () => {
    await breakOff();
    const estimate = vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 5e6, usage: 5e6 - 1000 });
    serve(BYTES);
    await expect(openModelFile(url)).rejects.toMatchObject({ details: { reason: 'storageFull' } });
    estimate.mockRestore();
    const ranges = serve(BYTES);
    expect((await open()).bytes).toEqual(BYTES);
    expect(ranges).toEqual(['bytes=10000-']);
  });

  test('because its tab was closed goes on behind the last point that was recorded', async () => {
    const size = 10 << 20;
    const recorded = 8 << 20;
    const whole = patternBytes(0, size);
    const worker = startDownloadWorker();
    // Its thread ends before it does.
    void worker.remote.openUntil(url, size, size - 1000).catch(() => {});
    const store = await openModelStore();
    await vi.waitFor(async () => expect(await store?.readPartial(url)).toMatchObject({ sizeBytes: recorded }), {
      timeout: 60_000,
    });
    // Also while the worker writes.
    expect(await store?.list()).toMatchObject([{ url, record: null, partial: { totalBytes: size } }]);
    worker[Symbol.dispose]();
    expect(await store?.readRecord(url)).toBeNull();
    const ranges = serve(whole);
    using file = await openModelFile(url, { expectedSha256: await sha256Of(whole) });
    expect(file.sizeBytes).toBe(size);
    expect(ranges).toEqual([`bytes=${recorded}-`]);
  });
});
