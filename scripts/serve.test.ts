import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStaticServer, listen, parseRange, requestedPath } from './serve.mjs';

const PAGE = '<!doctype html><title>page</title>';
const DOCUMENTS = '<!doctype html><title>documents</title>';
const MODEL = 'GGUF0123456789abcdef';
const NAVIGATION = { accept: 'text/html,*/*' };

let folder = '';
let origin = '';
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'duet-serve-'));
  const root = path.join(folder, 'dist');
  mkdirSync(path.join(root, 'assets'), { recursive: true });
  mkdirSync(path.join(root, 'models'));
  mkdirSync(path.join(root, 'docs'));
  writeFileSync(path.join(root, 'docs', 'index.html'), DOCUMENTS);
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  writeFileSync(path.join(root, 'index.html'), PAGE);
  writeFileSync(path.join(root, 'assets', 'index-Ab3_x9Yz.js'), 'export {};');
  writeFileSync(path.join(root, 'assets', 'code-Ab3_x9Yz.wasm'), '');
  writeFileSync(path.join(root, 'models', 'tiny.gguf'), MODEL);
  symlinkSync(path.join(folder, 'secret.txt'), path.join(root, 'models', 'link.txt'));
  server = createStaticServer(root);
  origin = await listen(server, { port: 0, host: '127.0.0.1' });
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends the path as it stands, which `fetch` would normalise. */
function ask(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path: target, method, headers }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (text: string) => (body += text));
      incoming.on('end', () => resolve({ status: incoming.statusCode, headers: incoming.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('files', () => {
  test('the page is at /, with security headers, and is never cached unseen', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body).toBe(PAGE);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });

  test('hashed assets are immutable', async () => {
    const { headers } = await ask('/assets/index-Ab3_x9Yz.js?v=1');
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  test('an empty WebAssembly file has its type and length 0', async () => {
    const { status, headers, body } = await ask('/assets/code-Ab3_x9Yz.wasm');
    expect([status, headers['content-type'], headers['content-length'], body]).toEqual([
      200,
      'application/wasm',
      '0',
      '',
    ]);
  });

  test('a model is a stream of bytes that is revalidated', async () => {
    const { headers, body } = await ask('/models/tiny.gguf');
    expect(body).toBe(MODEL);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-length']).toBe(String(MODEL.length));
    expect(headers['accept-ranges']).toBe('bytes');
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('HEAD has the headers of GET and no body', async () => {
    const { status, headers, body } = await ask('/models/tiny.gguf', {}, 'HEAD');
    expect([status, headers['content-length'], body]).toEqual([200, String(MODEL.length), '']);
  });

  test('other methods are refused with 405', async () => {
    const { status, headers } = await ask('/', {}, 'POST');
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('validators', () => {
  test('If-None-Match with the current tag gives 304 without a body', async () => {
    const { headers } = await ask('/');
    const again = await ask('/', { 'if-none-match': `"other", ${headers.etag ?? ''}` });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test('If-None-Match with another tag gives the file', async () => {
    expect((await ask('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('If-Modified-Since with the file time gives 304', async () => {
    const { headers } = await ask('/');
    expect((await ask('/', { 'if-modified-since': headers['last-modified'] ?? '' })).status).toBe(304);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-3', 'GGUF', 'bytes 0-3/20'],
    ['bytes=4-', '0123456789abcdef', 'bytes 4-19/20'],
    ['bytes=-6', 'abcdef', 'bytes 14-19/20'],
    ['bytes=18-99', 'ef', 'bytes 18-19/20'],
    ['bytes=-99', MODEL, 'bytes 0-19/20'],
  ])('%s', async (range, text, contentRange) => {
    const { status, headers, body } = await ask('/models/tiny.gguf', { range });
    expect([status, body, headers['content-range'], headers['content-length']]).toEqual([
      206,
      text,
      contentRange,
      String(text.length),
    ]);
  });

  test.each(['bytes=20-', 'bytes=-0'])('%s cannot be satisfied', async (range) => {
    const { status, headers } = await ask('/models/tiny.gguf', { range });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */20']);
  });

  test.each(['bytes=0-1,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=-'])('%s is answered with the whole file', (range) => {
    expect(parseRange(range, 20)).toBe('whole');
  });

  test('If-Range with an old tag gives the whole file', async () => {
    const { status, body } = await ask('/models/tiny.gguf', { range: 'bytes=0-3', 'if-range': '"old"' });
    expect([status, body]).toEqual([200, MODEL]);
  });

  test('If-Range with the current tag gives the range', async () => {
    const { headers } = await ask('/models/tiny.gguf');
    const part = await ask('/models/tiny.gguf', { range: 'bytes=0-3', 'if-range': headers.etag ?? '' });
    expect([part.status, part.body]).toEqual([206, 'GGUF']);
  });
});

describe('a folder with a page', () => {
  test.each([
    ['/docs', './docs/'],
    ['/docs?a=1', './docs/?a=1'],
  ])('%s leads to %s', async (target, location) => {
    const { status, headers } = await ask(target, NAVIGATION);
    expect([status, headers.location, new URL(headers.location ?? '', `${origin}x`).pathname]).toEqual([
      301,
      location,
      '/docs/',
    ]);
  });

  test('is that page with the slash', async () => {
    expect(await ask('/docs/', NAVIGATION)).toMatchObject({ status: 200, body: DOCUMENTS });
  });
});

describe('unknown addresses', () => {
  test('a navigation gets the page', async () => {
    expect(await ask('/chat', NAVIGATION)).toMatchObject({ status: 200, body: PAGE });
  });

  test('any other request gets 404', async () => {
    expect((await ask('/chat', { accept: '*/*' })).status).toBe(404);
  });

  test.each(['/models/absent.gguf', '/assets/absent.js', '/models', '/models/', '/docs/absent.html'])(
    '%s is 404 even for a navigation',
    async (target) => {
      expect((await ask(target, NAVIGATION)).status).toBe(404);
    },
  );
});

describe('paths that leave the folder', () => {
  test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/models/..%2f..%2fsecret.txt', '/..%5csecret.txt'])(
    '%s is refused',
    async (target) => {
      expect(await ask(target, NAVIGATION)).toMatchObject({ status: 403 });
    },
  );

  test.each(['/%00', '/%zz', 'index.html'])('%s is malformed', (target) => {
    expect(requestedPath(target)).toBe(400);
  });

  test('a symbolic link that leads outside is absent', async () => {
    expect((await ask('/models/link.txt')).status).toBe(404);
  });
});

test('a busy port is named in the error', async () => {
  const port = Number(new URL(origin).port);
  const second = createStaticServer(folder);
  await expect(listen(second, { port, host: '127.0.0.1' })).rejects.toThrow(`Port ${port} is in use`);
});

test('with more tries the next free port is taken', async () => {
  const port = Number(new URL(origin).port);
  const second = createStaticServer(folder);
  const url = await listen(second, { port, host: '127.0.0.1', tries: 20 });
  second.close();
  expect(Number(new URL(url).port)).toBeGreaterThan(port);
});
