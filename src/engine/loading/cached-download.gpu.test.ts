// The suffix means "in a real browser": the origin private file system is what these tests are about.
import { wrap, type Remote } from 'comlink';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadProgress } from '@/protocol/model.ts';
import type { DownloadWorkerApi } from '@/testing/download-worker.ts';
import { patternBytes } from '@/testing/pattern-bytes.ts';
import { openModelFile } from './cached-download.ts';
import { openModelStore } from './model-store.ts';

const SIZE = 30_000;
const BYTES = Uint8Array.from({ length: SIZE }, (_, i) => ('GGUF'.charCodeAt(i) || (i * 31) >> 3) & 255);
const FOLDER = 'duet-models';

let url: string;

beforeEach(async () => {
  await clear();
  url = URL.createObjectURL(new Blob([BYTES]));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  URL.revokeObjectURL(url);
});

async function folder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}

async function clear(): Promise<void> {
  for (const name of await names()) await (await folder()).removeEntry(name);
}

async function names(): Promise<string[]> {
  const found: string[] = [];
  for await (const name of (await folder()).keys()) found.push(name);
  return found;
}

/** Replaces the cached copy's data behind the engine's back. */
async function damage(change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Promise<void> {
  const store = await openModelStore();
  const handle = await store?.dataFile(url);
  if (!handle) throw new Error('There is no copy to damage.');
  const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
  const writable = await handle.createWritable();
  await writable.write(change(bytes));
  await writable.close();
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The engine's usual place: a dedicated worker. */
function startWorker(): Disposable & { readonly remote: Remote<DownloadWorkerApi> } {
  const worker = new Worker(new URL('../../testing/download-worker.ts', import.meta.url), { type: 'module' });
  return { remote: wrap<DownloadWorkerApi>(worker), [Symbol.dispose]: () => worker.terminate() };
}

/** Opens the file, reads it whole and tells which phases there were. */
async function open(options: { expectedSha256?: string } = {}): Promise<{ phases: string[]; bytes: Uint8Array }> {
  const phases = new Set<string>();
  using file = await openModelFile(url, { ...options, onProgress: ({ phase }) => phases.add(phase) });
  expect(file.sha256).toBe(await sha256(BYTES));
  return { phases: [...phases], bytes: await file.read(0, file.sizeBytes) };
}

describe('download and cache', () => {
  test('the second time the copy is used, without the network', async () => {
    expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    expect(await open()).toEqual({ phases: ['verify'], bytes: BYTES });
    expect((await names()).length).toBe(2);
  });

  test('the known hash of a model is accepted, from the network and from the copy', async () => {
    const options = { expectedSha256: await sha256(BYTES) };
    expect((await open(options)).phases).toEqual(['download']);
    expect((await open(options)).phases).toEqual(['verify']);
  });

  test('ranges are read from the copy', async () => {
    using file = await openModelFile(url);
    expect(await file.read(1000, 64)).toEqual(BYTES.slice(1000, 1064));
    await expect(file.read(SIZE - 1, 2)).rejects.toHaveProperty('code', 'invalidFile');
  });

  test('two calls at once download once', async () => {
    const fetchSpy = vi.spyOn(globalThis, 'fetch');
    const [a, b] = await Promise.all([open(), open()]);
    expect(a.bytes).toEqual(b.bytes);
    expect(fetchSpy).toHaveBeenCalledTimes(1);
  });

  test('a worker reads through a synchronous handle and shares the copy with the page', async () => {
    using worker = startWorker();
    const expected = { sha256: await sha256(BYTES), bytes: BYTES };
    expect(await worker.remote.open(url)).toEqual(expected);
    expect(await worker.remote.open(url)).toEqual(expected);
    expect((await open()).phases).toEqual(['verify']);
  });

  test('the embedded model’s licence page shows that addresses of the page itself work', async () => {
    await expect(openModelFile('/models/smollm2-135m-instruct/LICENSE')).rejects.toHaveProperty('code', 'invalidFile');
    await expect(openModelFile('/models/no-such-model.gguf')).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await names()).toEqual([]);
  });
});

describe('a bad copy is never used', () => {
  test('truncated', async () => {
    await open();
    await damage((bytes) => bytes.slice(0, SIZE - 1));
    expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
  });

  test('one bit flipped', async () => {
    await open();
    await damage((bytes) => bytes.map((byte, i) => (i === 12_345 ? byte ^ 1 : byte)));
    expect(await open()).toEqual({ phases: ['verify', 'download'], bytes: BYTES });
    expect((await open()).phases).toEqual(['verify']);
  });

  test.each(['', '{"url":', '{"url":"https://other.example","sizeBytes":1,"sha256":""}'])(
    'its record is damaged: "%s"',
    async (text) => {
      await open();
      const record = (await names()).find((name) => name.endsWith('.json'));
      const writable = await (await (await folder()).getFileHandle(record ?? '')).createWritable();
      await writable.write(text);
      await writable.close();
      expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
    },
  );

  test('data without a record, as a killed tab leaves them', async () => {
    await open();
    const record = (await names()).find((name) => name.endsWith('.json'));
    await (await folder()).removeEntry(record ?? '');
    expect((await open()).phases).toEqual(['download']);
  });

  test('a bad copy that cannot be fetched again is an error', async () => {
    await open();
    await damage((bytes) => bytes.slice(0, 100));
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await expect(openModelFile(url)).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await names()).toEqual([]);
  });

  test('a copy with another hash than the one now known is fetched again', async () => {
    await open();
    const other = Uint8Array.from(BYTES, (byte, i) => (i === 50 ? byte ^ 1 : byte));
    vi.stubGlobal('fetch', async () => new Response(other));
    using file = await openModelFile(url, { expectedSha256: await sha256(other) });
    expect(await file.read(0, SIZE)).toEqual(other);
  });
});

describe('a download that broke off', () => {
  const ETAG = '"v1"';

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
    serve(BYTES);
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
    await damage(change);
    const ranges = serve(BYTES);
    expect((await open()).bytes).toEqual(BYTES);
    expect(ranges).toEqual([null]);
  });

  test('and turns out wrong at its end is removed', async () => {
    const options = { expectedSha256: '0'.repeat(64), retryDelaysMs: [0] };
    serve(BYTES, { breakAfter: 20_000 });
    await expect(openModelFile(url, options)).rejects.toHaveProperty('code', 'integrityFailed');
    expect(await names()).toEqual([]);
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
    expect(await names()).toEqual([]);
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
    const worker = startWorker();
    const ended = worker.remote.openUntil(url, size, size - 1000).catch(() => {});
    const store = await openModelStore();
    await vi.waitFor(async () => expect(await store?.readPartial(url)).toMatchObject({ sizeBytes: recorded }), {
      timeout: 60_000,
    });
    worker[Symbol.dispose]();
    void ended;
    expect(await store?.readRecord(url)).toBeNull();
    const ranges = serve(whole);
    using file = await openModelFile(url, { expectedSha256: await sha256(whole) });
    expect(file.sizeBytes).toBe(size);
    expect(ranges).toEqual([`bytes=${recorded}-`]);
  });
});

describe('failures leave nothing behind', () => {
  test('cancelled in the middle', async () => {
    const abort = new AbortController();
    const stream = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.enqueue(BYTES.slice(0, 1000));
      },
    });
    vi.stubGlobal('fetch', async () => new Response(stream));
    const onProgress = vi.fn(({ loadedBytes }: LoadProgress) => {
      if (loadedBytes > 2000) abort.abort();
    });
    await expect(openModelFile(url, { signal: abort.signal, onProgress })).rejects.toHaveProperty('code', 'cancelled');
    expect(onProgress).toHaveBeenCalled();
    expect(await names()).toEqual([]);
    vi.unstubAllGlobals();
    expect((await open()).phases).toEqual(['download']);
  });

  test('cancelled while another call holds the file', async () => {
    const abort = new AbortController();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holder = navigator.locks.request(`duet-model ${url}`, () => held);
    const waiting = openModelFile(url, { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toHaveProperty('code', 'cancelled');
    release();
    await holder;
  });

  test('wrong hash', async () => {
    await expect(openModelFile(url, { expectedSha256: '0'.repeat(64) })).rejects.toHaveProperty(
      'code',
      'integrityFailed',
    );
    expect(await names()).toEqual([]);
  });

  test('cancelled and with a wrong hash in a worker', async () => {
    using worker = startWorker();
    expect(await worker.remote.cancel(url)).toBe('cancelled');
    expect(await names()).toEqual([]);
    expect(await worker.remote.openOther(url)).toBe('integrityFailed');
    expect(await names()).toEqual([]);
  });

  test('a broken connection', async () => {
    const half = new Response(BYTES.slice(0, 1000), { headers: { 'content-length': String(SIZE) } });
    vi.stubGlobal('fetch', async () => half);
    await expect(openModelFile(url)).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await names()).toEqual([]);
  });

  test('no room, known before the transfer', async () => {
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 1000, usage: 900 });
    await expect(openModelFile(url)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining('storage'),
    });
    expect(await names()).toEqual([]);
  });

  test('no room, found out while writing', async () => {
    vi.spyOn(FileSystemWritableFileStream.prototype, 'write').mockRejectedValue(
      new DOMException('full', 'QuotaExceededError'),
    );
    await expect(openModelFile(url)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining('storage'),
    });
    vi.restoreAllMocks();
    expect(await names()).toEqual([]);
  });
});

test('without a private file system the file stays in memory', async () => {
  vi.spyOn(navigator.storage, 'getDirectory').mockRejectedValue(new DOMException('private window', 'SecurityError'));
  expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
  expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
});
