import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openModelFile } from './cached-download.ts';
import { listRepositoryFiles, parseTree, Publisher } from './hugging-face.ts';
import { urlFolder } from './model-folder.ts';

const HUB = 'https://huggingface.co';
const REPOSITORY = 'example/Some-1B-GGUF';
const TREE = `${HUB}/api/models/${REPOSITORY}/tree/main?recursive=true`;
const MODEL = `${HUB}/${REPOSITORY}/resolve/main/q4/some%201b.gguf`;
const BYTES = Uint8Array.from({ length: 5000 }, (_, i) => ('GGUF'.charCodeAt(i) || i * 7) & 255);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

const OID = '0123456789012345678901234567890123456789';
const ENTRIES = [
  { type: 'directory', oid: OID, size: 0, path: 'q4' },
  { type: 'file', oid: OID, size: 1519, path: 'README.md' },
  {
    type: 'file',
    oid: OID,
    size: 5000,
    path: 'q4/some 1b.gguf',
    lfs: { oid: SHA256, size: 5000, pointerSize: 134 },
    xetHash: 'f'.repeat(64),
  },
];
const FILES = [
  { path: 'README.md', sizeBytes: 1519, sha256: null },
  { path: 'q4/some 1b.gguf', sizeBytes: 5000, sha256: SHA256 },
];

/** Answers by address; what is not there is 404. */
function serve(answers: Readonly<Record<string, () => Response>>): ReturnType<typeof vi.fn> {
  const fake = vi.fn(async (url: string) => answers[url]?.() ?? new Response('', { status: 404 }));
  vi.stubGlobal('fetch', fake);
  return fake;
}

const json = (value: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(value), { headers });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a repository’s files', () => {
  test('with sizes, and hashes where they are listed', async () => {
    serve({ [TREE]: () => json(ENTRIES) });
    expect(await listRepositoryFiles(REPOSITORY)).toEqual(FILES);
  });

  test('on several pages', async () => {
    const second = `${HUB}/api/models/${REPOSITORY}/tree/main?recursive=true&cursor=x`;
    serve({
      [TREE]: () => json(ENTRIES.slice(0, 2), { link: `<${second}>; rel="next"` }),
      [second]: () => json(ENTRIES.slice(2), { link: '<https://elsewhere.example/api/>; rel="next"' }),
    });
    expect(await listRepositoryFiles(REPOSITORY)).toEqual(FILES);
  });

  test('of a revision, from another server', async () => {
    const fake = serve({ 'https://hub.example/api/models/a/b/tree/refs%2Fpr%2F1?recursive=true': () => json([]) });
    expect(await listRepositoryFiles('a/b', 'refs/pr/1', { hub: 'https://hub.example' })).toEqual([]);
    expect(fake).toHaveBeenCalledTimes(1);
  });

  test.each(['', 'name', 'a/b/c', '../secret', 'a/b?x', 'https://huggingface.co/a/b'])(
    '"%s" is no repository, and nothing is asked',
    async (repository) => {
      const fake = serve({});
      await expect(listRepositoryFiles(repository)).rejects.toHaveProperty('code', 'invalidConfig');
      expect(fake).not.toHaveBeenCalled();
    },
  );

  test.each([
    ['is not there', () => new Response('', { status: 401 }), 'no such public repository'],
    ['fails', () => new Response('', { status: 500 }), '500'],
    ['is no list', () => json({ error: 'x' }), 'no list'],
    ['is no JSON', () => new Response('<html>'), 'no list'],
    ['never ends', () => new Response(endless()), 'too long'],
  ])('an answer that %s', async (_name, answer, part) => {
    serve({ [TREE]: answer });
    await expect(listRepositoryFiles(REPOSITORY)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining(part),
    });
  });

  test('no answer names the repository', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
    await expect(listRepositoryFiles(REPOSITORY)).rejects.toMatchObject({
      code: 'downloadFailed',
      message: expect.stringContaining(REPOSITORY),
    });
  });
});

/** Pieces of a text without an end; the test fails by its time limit if it is read on. */
function endless(): ReadableStream {
  const piece = new TextEncoder().encode('['.repeat(1 << 20));
  return new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
}

describe('what is published of a file', () => {
  test('is found by its decoded path, whatever stands behind it', async () => {
    serve({ [TREE]: () => json(ENTRIES) });
    expect(await new Publisher().fileAt(`${MODEL}?download=true`, undefined)).toEqual(FILES[1]);
  });

  test('is not asked for files elsewhere', async () => {
    const fake = serve({});
    for (const url of [
      'https://models.example/a/b/resolve/main/m.gguf',
      `${HUB}/a/b/blob/main/m.gguf`,
      `${HUB}.evil/a`,
    ])
      expect(await new Publisher().fileAt(url, undefined)).toBeNull();
    expect(fake).not.toHaveBeenCalled();
  });

  test('is the measure of a download', async () => {
    serve({ [TREE]: () => json(ENTRIES), [MODEL]: () => new Response(BYTES) });
    using file = await openModelFile(MODEL);
    expect(file.sha256).toBe(SHA256);
    const other = BYTES.map((byte, i) => (i === 4000 ? byte ^ 1 : byte));
    serve({ [TREE]: () => json(ENTRIES), [MODEL]: () => new Response(other) });
    await expect(openModelFile(MODEL)).rejects.toMatchObject({
      code: 'integrityFailed',
      message: expect.stringContaining(SHA256),
    });
  });

  test('is asked once for a whole folder', async () => {
    const readme = `${HUB}/${REPOSITORY}/resolve/main/README.md`;
    const fake = serve({
      [TREE]: () => json(ENTRIES),
      [MODEL]: () => new Response(BYTES),
      [readme]: () => new Response(new Uint8Array(1519)),
    });
    const folder = urlFolder(`${HUB}/${REPOSITORY}/resolve/main/`);
    for (const name of ['README.md', 'q4/some%201b.gguf']) {
      using file = await folder.open(name);
      expect(file?.sizeBytes).toBeGreaterThan(0);
    }
    expect(await folder.open('config.json')).toBeNull();
    expect(fake.mock.calls.filter(([url]) => url === TREE)).toHaveLength(1);
  });

  test('is no condition of it', async () => {
    serve({ [MODEL]: () => new Response(BYTES) });
    using file = await openModelFile(MODEL);
    expect(file.sizeBytes).toBe(BYTES.length);
  });

  test('can be cancelled', async () => {
    serve({ [TREE]: () => json(ENTRIES) });
    await expect(new Publisher().fileAt(MODEL, AbortSignal.abort())).rejects.toHaveProperty('code', 'cancelled');
  });
});

test('any answer is a list of sound files or a failure', () => {
  const value = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.jsonValue());
  const entry = fc.record(
    {
      type: fc.oneof(fc.constantFrom('file', 'directory'), value),
      path: value,
      size: value,
      lfs: fc.oneof(value, fc.record({ oid: fc.oneof(value, fc.constant(SHA256)), size: value })),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.array(fc.oneof(entry, value)).map((list) => JSON.stringify(list)),
    fc.json(),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (answer) => {
      let files;
      try {
        files = parseTree(answer, REPOSITORY);
      } catch (error) {
        expect(error).toHaveProperty('code', 'downloadFailed');
        return;
      }
      for (const { path, sizeBytes, sha256 } of files) {
        expect(path).not.toBe('');
        expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true);
        expect(sha256 ?? SHA256).toMatch(/^[0-9a-f]{64}$/);
      }
    }),
  );
});
