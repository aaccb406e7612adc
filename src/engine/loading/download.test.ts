import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoadProgress } from '@/protocol/model.ts';
import { openModelFile } from './cached-download.ts';
import type { DownloadOptions } from './download.ts';

// Node has no private file system: these are the network's cases, with the file in memory.
const URL_OF_MODEL = 'https://models.example/m.gguf';
const BYTES = Uint8Array.from({ length: 5000 }, (_, i) => ('GGUF'.charCodeAt(i) || i * 7) & 255);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

function serve(response: () => Response | Promise<Response>): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => response()),
  );
}

/** Sends pieces; `after` decides how the stream ends. */
function streamOf(pieces: readonly Uint8Array[], after: 'close' | 'break' | 'hang' = 'close'): ReadableStream {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = pieces[next++];
      if (piece !== undefined) controller.enqueue(piece);
      else if (after === 'close') controller.close();
      else if (after === 'break') controller.error(new TypeError('network error'));
    },
  });
}

const inPieces = (size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(BYTES.length / size) }, (_, i) => BYTES.slice(i * size, (i + 1) * size));

async function expectFailure(options: DownloadOptions, code: string, ...parts: readonly string[]): Promise<void> {
  const error: unknown = await openModelFile(URL_OF_MODEL, options).catch((reason: unknown) => reason);
  expect(error).toHaveProperty('code', code);
  for (const part of parts) expect(error).toHaveProperty('message', expect.stringContaining(part));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a good answer', () => {
  test.each([1, 3, 1000, 5000])('in pieces of %i bytes', async (size) => {
    serve(() => new Response(streamOf(inPieces(size))));
    using file = await openModelFile(URL_OF_MODEL, { expectedSha256: SHA256, expectedBytes: BYTES.length });
    expect(file).toMatchObject({ name: 'm.gguf', sizeBytes: BYTES.length, sha256: SHA256 });
    expect(await file.read(0, BYTES.length)).toEqual(BYTES);
    expect(await file.read(7, 3)).toEqual(BYTES.slice(7, 10));
    await expect(file.read(4999, 2)).rejects.toHaveProperty('code', 'invalidFile');
  });

  test('reports progress up to the end', async () => {
    serve(() => new Response(streamOf(inPieces(1000)), { headers: { 'content-length': '5000' } }));
    const events: LoadProgress[] = [];
    await openModelFile(URL_OF_MODEL, { onProgress: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ phase: 'download', totalBytes: 5000 });
    expect(events.at(-1)).toEqual({ phase: 'download', loadedBytes: 5000, totalBytes: 5000, secondsLeft: 0 });
  });

  test('of unknown length has no time left to report', async () => {
    serve(
      () => new Response(streamOf(inPieces(1000)), { headers: { 'content-length': '9', 'content-encoding': 'br' } }),
    );
    const events: LoadProgress[] = [];
    await openModelFile(URL_OF_MODEL, { onProgress: (event) => events.push(event) });
    expect(events.at(-1)).toEqual({ phase: 'download', loadedBytes: 5000, totalBytes: 0, secondsLeft: null });
  });
});

describe('a bad answer', () => {
  test('HTTP errors name the address and the status', async () => {
    serve(() => new Response('gone', { status: 404, statusText: 'Not Found' }));
    await expectFailure({}, 'downloadFailed', URL_OF_MODEL, '404');
  });

  test('an unreachable server', async () => {
    serve(() => Promise.reject(new TypeError('fetch failed')));
    await expectFailure({}, 'downloadFailed', URL_OF_MODEL, 'cannot be reached');
  });

  test('a web page in place of the file', async () => {
    serve(() => new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }));
    await expectFailure({}, 'downloadFailed', 'web page');
  });

  test.each(['', 'GG', '<!doctype html>'])('something else: "%s"', async (text) => {
    serve(() => new Response(streamOf([new TextEncoder().encode(text)].filter(({ length }) => length > 0))));
    await expectFailure({}, 'invalidFile', 'GGUF');
  });

  test('a short answer', async () => {
    serve(() => new Response(streamOf([BYTES.slice(0, 4000)]), { headers: { 'content-length': '5000' } }));
    await expectFailure({}, 'downloadFailed', '4000 of 5000');
  });

  test('a connection that breaks', async () => {
    serve(() => new Response(streamOf(inPieces(1000).slice(0, 2), 'break')));
    await expectFailure({}, 'downloadFailed', 'broke');
  });

  test('another hash than the catalogue’s', async () => {
    serve(() => new Response(streamOf(inPieces(1000))));
    await expectFailure({ expectedSha256: '0'.repeat(64) }, 'integrityFailed', SHA256);
  });

  test('more bytes than the catalogue’s end the transfer', async () => {
    const stream = streamOf(inPieces(1000), 'hang');
    serve(() => new Response(stream));
    await expectFailure({ expectedBytes: 1500 }, 'integrityFailed', '1500');
  });
});

describe('cancelling', () => {
  test('before the request', async () => {
    serve(() => new Response(streamOf(inPieces(1000))));
    await expectFailure({ signal: AbortSignal.abort() }, 'cancelled');
    expect(fetch).not.toHaveBeenCalled();
  });

  test('between two pieces ends the transfer', async () => {
    const cancel = vi.fn();
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(BYTES.slice(0, 100));
        if (++sent === 3) abort.abort();
      },
      cancel,
    });
    const abort = new AbortController();
    serve(() => new Response(stream));
    await expectFailure({ signal: abort.signal }, 'cancelled');
    expect(cancel).toHaveBeenCalled();
  });
});
