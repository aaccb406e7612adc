import { afterEach, describe, expect, test, vi } from 'vitest';
import { rangeSource } from './range-source.ts';

const URL = 'https://x.example/model.gguf';
const FILE = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i * 31) % 251);

interface Served {
  readonly asked: string[];
}

/** A server of one file. `answer` changes what a good server would say. */
function serve(
  file: Uint8Array<ArrayBuffer> = FILE,
  answer: (good: Response, range: string | null, method: string) => Response | Promise<Response> = (good) => good,
): Served {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (_url: string, { method = 'GET', headers, signal }: RequestInit = {}) => {
    signal?.throwIfAborted();
    const range = new Headers(headers).get('range');
    asked.push(`${method} ${range ?? ''}`.trim());
    const [, from = '0', to = '0'] = /bytes=(\d+)-(\d+)/.exec(range ?? '') ?? [];
    const part = file.slice(Number(from), Number(to) + 1);
    const last = Number(from) + part.length - 1;
    const good = new Response(part, {
      status: 206,
      headers: { 'Content-Range': `bytes ${from}-${last}/${file.length}` },
    });
    return answer(good, range, method);
  });
  return { asked };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a file on a server', () => {
  test('is read by parts, and its beginning only once', async () => {
    const { asked } = serve();
    const source = await rangeSource(URL, 'model.gguf');
    expect(source).toMatchObject({ name: 'model.gguf', sizeBytes: FILE.length });
    expect(await source.read(0, 100)).toEqual(FILE.slice(0, 100));
    expect(await source.read(0, 1 << 20)).toEqual(FILE.slice(0, 1 << 20));
    expect(await source.read(600_000, 10)).toEqual(FILE.slice(600_000, 600_010));
    expect(await source.read(1_499_990, 10)).toEqual(FILE.slice(-10));
    expect(asked).toEqual(['GET bytes=0-524287', 'GET bytes=524288-1048575', 'GET bytes=1499990-1499999']);
  });

  test('that is shorter than the first part is whole after it', async () => {
    const { asked } = serve(FILE.slice(0, 1000));
    const source = await rangeSource(URL, 'model.gguf');
    expect(source.sizeBytes).toBe(1000);
    expect(await source.read(0, 1000)).toEqual(FILE.slice(0, 1000));
    expect(asked).toHaveLength(1);
    await expect(source.read(990, 11)).rejects.toMatchObject({ code: 'invalidFile' });
  });

  test('has the length of a HEAD request where the range does not tell it', async () => {
    const { asked } = serve(FILE, (good, _range, method) =>
      method === 'HEAD'
        ? new Response(null, { headers: { 'Content-Length': String(FILE.length) } })
        : new Response(good.body, { status: 206 }),
    );
    expect((await rangeSource(URL, 'model.gguf')).sizeBytes).toBe(FILE.length);
    expect(asked).toEqual(['GET bytes=0-524287', 'HEAD']);
  });
});

describe('a server that cannot serve', () => {
  test.each([
    ['sends the whole file', () => new Response(FILE), 'sends files only as a whole'],
    ['has no file', () => new Response('', { status: 404, statusText: 'Not Found' }), 'answered 404 Not Found'],
    [
      'has a page for every address',
      () => new Response('<p>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } }),
      'a web page',
    ],
    ['hides the length', (good: Response) => new Response(good.body, { status: 206 }), 'how long the file is'],
    [
      'sends more than was asked for',
      () => new Response(FILE, { status: 206, headers: { 'Content-Range': 'bytes 0-1/1500000' } }),
      'more than the part',
    ],
    ['is not there', () => Promise.reject(new TypeError('offline')), 'cannot be reached (offline)'],
  ])('%s', async (_what, answer, message) => {
    serve(FILE, answer);
    await expect(rangeSource(URL, 'model.gguf')).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['a shorter part', FILE.slice(600_000, 600_005), FILE.length],
    ['another file', FILE.slice(600_000, 600_010), FILE.length + 1],
  ])('sends %s than it began with', async (_what, part, total) => {
    serve(FILE, (good, range) =>
      range === 'bytes=0-524287'
        ? good
        : new Response(part, { status: 206, headers: { 'Content-Range': `bytes 600000-600009/${total}` } }),
    );
    const source = await rangeSource(URL, 'model.gguf');
    await expect(source.read(600_000, 10)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining('while its header was read'),
    });
  });

  test('is left alone after an abort', async () => {
    serve();
    await expect(rangeSource(URL, 'model.gguf', AbortSignal.abort())).rejects.toHaveProperty('code', 'cancelled');
    const controller = new AbortController();
    const source = await rangeSource(URL, 'model.gguf', controller.signal);
    controller.abort();
    await expect(source.read(700_000, 10)).rejects.toHaveProperty('code', 'cancelled');
  });
});
