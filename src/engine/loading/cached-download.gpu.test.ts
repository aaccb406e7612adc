// The suffix means "in a real browser": the origin private file system is what these tests are about.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LoadProgress } from '@/protocol/model.ts';
import { patternBytes } from '@/testing/pattern-bytes.ts';
import {
  clearCopies,
  copyNames,
  damageCopy,
  openCopies,
  sha256Of,
  startDownloadWorker,
} from '@/testing/stored-copies.ts';
import { openModelFile } from './cached-download.ts';

const SIZE = 30_000;
const BYTES = patternBytes(0, SIZE);

let url: string;

beforeEach(async () => {
  await clearCopies();
  url = URL.createObjectURL(new Blob([BYTES]));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  URL.revokeObjectURL(url);
});

/** Opens the file, reads it whole and tells which phases there were. */
async function open(options: { expectedSha256?: string } = {}): Promise<{ phases: string[]; bytes: Uint8Array }> {
  const phases = new Set<string>();
  using file = await openModelFile(url, { ...options, onProgress: ({ phase }) => phases.add(phase) });
  expect(file.sha256).toBe(await sha256Of(BYTES));
  return { phases: [...phases], bytes: await file.read(0, file.sizeBytes) };
}

describe('download and cache', () => {
  test('the second time the copy is used, without the network', async () => {
    expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    expect(await open()).toEqual({ phases: ['verify'], bytes: BYTES });
    expect((await copyNames()).length).toBe(2);
  });

  test('the known hash of a model is accepted, from the network and from the copy', async () => {
    const options = { expectedSha256: await sha256Of(BYTES) };
    expect((await open(options)).phases).toEqual(['download']);
    expect((await open(options)).phases).toEqual(['verify']);
  });

  test('a copy of an earlier version of the page is used', async () => {
    await open();
    const copies = await openCopies();
    const name = (await copyNames()).find((each) => each.endsWith('.data')) ?? '';
    const old = await copies.getFileHandle(name.replace(/data$/, 'gguf'), { create: true });
    const writable = await old.createWritable();
    await writable.write(await (await copies.getFileHandle(name)).getFile());
    await writable.close();
    await copies.removeEntry(name);
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    expect(await open()).toEqual({ phases: ['verify'], bytes: BYTES });
    await damageCopy(url, (bytes) => bytes.slice(1));
    vi.unstubAllGlobals();
    expect((await open()).phases).toEqual(['download']);
    expect(await copyNames()).toEqual(expect.arrayContaining([name]));
    expect(await copyNames()).toHaveLength(2);
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
    using worker = startDownloadWorker();
    const expected = { sha256: await sha256Of(BYTES), bytes: BYTES };
    expect(await worker.remote.open(url)).toEqual(expected);
    expect(await worker.remote.open(url)).toEqual(expected);
    expect((await open()).phases).toEqual(['verify']);
  });

  test('the embedded model’s licence page shows that addresses of the page itself work', async () => {
    await expect(openModelFile('/models/smollm2-135m-instruct/LICENSE')).rejects.toHaveProperty('code', 'invalidFile');
    await expect(openModelFile('/models/no-such-model.gguf')).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await copyNames()).toEqual([]);
  });
});

describe('a bad copy is never used', () => {
  test('truncated', async () => {
    await open();
    await damageCopy(url, (bytes) => bytes.slice(0, SIZE - 1));
    expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
  });

  test('one bit flipped', async () => {
    await open();
    await damageCopy(url, (bytes) => bytes.map((byte, i) => (i === 12_345 ? byte ^ 1 : byte)));
    expect(await open()).toEqual({ phases: ['verify', 'download'], bytes: BYTES });
    expect((await open()).phases).toEqual(['verify']);
  });

  test.each(['', '{"url":', '{"url":"https://other.example","sizeBytes":1,"sha256":""}'])(
    'its record is damaged: "%s"',
    async (text) => {
      await open();
      const record = (await copyNames()).find((name) => name.endsWith('.json'));
      const writable = await (await (await openCopies()).getFileHandle(record ?? '')).createWritable();
      await writable.write(text);
      await writable.close();
      expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
    },
  );

  test('data without a record, as a killed tab leaves them', async () => {
    await open();
    const record = (await copyNames()).find((name) => name.endsWith('.json'));
    await (await openCopies()).removeEntry(record ?? '');
    expect((await open()).phases).toEqual(['download']);
  });

  test('a bad copy that cannot be fetched again is an error', async () => {
    await open();
    await damageCopy(url, (bytes) => bytes.slice(0, 100));
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await expect(openModelFile(url)).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await copyNames()).toEqual([]);
  });

  test('a copy with another hash than the one now known is fetched again', async () => {
    await open();
    const other = Uint8Array.from(BYTES, (byte, i) => (i === 50 ? byte ^ 1 : byte));
    vi.stubGlobal('fetch', async () => new Response(other));
    using file = await openModelFile(url, { expectedSha256: await sha256Of(other) });
    expect(await file.read(0, SIZE)).toEqual(other);
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
    expect(await copyNames()).toEqual([]);
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
    expect(await copyNames()).toEqual([]);
  });

  test('cancelled and with a wrong hash in a worker', async () => {
    using worker = startDownloadWorker();
    expect(await worker.remote.cancel(url)).toBe('cancelled');
    expect(await copyNames()).toEqual([]);
    expect(await worker.remote.openOther(url)).toBe('integrityFailed');
    expect(await copyNames()).toEqual([]);
  });

  test('a broken connection', async () => {
    const half = new Response(BYTES.slice(0, 1000), { headers: { 'content-length': String(SIZE) } });
    vi.stubGlobal('fetch', async () => half);
    await expect(openModelFile(url)).rejects.toHaveProperty('code', 'downloadFailed');
    expect(await copyNames()).toEqual([]);
  });

  test('no room, known before the transfer', async () => {
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ quota: 1000, usage: 900 });
    await expect(openModelFile(url)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining('storage'),
    });
    expect(await copyNames()).toEqual([]);
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
    expect(await copyNames()).toEqual([]);
  });
});

test('without a private file system the file stays in memory', async () => {
  vi.spyOn(navigator.storage, 'getDirectory').mockRejectedValue(new DOMException('private window', 'SecurityError'));
  expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
  expect(await open()).toEqual({ phases: ['download'], bytes: BYTES });
});
