import { readFile } from 'node:fs/promises';
import { startRangeServer } from '../src/testing/range-server.ts';
import { duet, expect, test } from './fixtures.ts';

const TINY_URL = new URL('../src/testing/golden/tiny/llama/tiny-llama-F32.gguf', import.meta.url);

test.describe('stored models', () => {
  // The connections that the server breaks.
  test.use({ allowedErrors: [/net::ERR_/] });

  test('a download breaks off, goes on, is checked, damaged, found out and deleted', async ({ page }) => {
    const bytes = await readFile(TINY_URL);
    const server = await startRangeServer({ bytes, etag: '"v1"' });
    const source = `${server.origin}/tiny.gguf`;
    const id = `duet:${source}`;
    try {
      await page.goto('/?model=none');
      const api = await duet(page);
      expect(await api.evaluate((d) => d.storage.report())).toMatchObject({ models: [], workBytes: 0 });

      server.cuts.push(20_000, 100, 100);
      const failure = await api.evaluate(
        (d, url) =>
          d.loadModel(url).then(
            () => null,
            ({ code, details }: { code: string; details: object }) => ({ code, details }),
          ),
        source,
      );
      expect(failure).toMatchObject({ code: 'downloadFailed', details: { reason: 'connection' } });
      const report = await api.evaluate((d) => d.storage.report());
      expect(report.models).toEqual([
        {
          id,
          backend: 'duet',
          name: 'tiny.gguf',
          source,
          numFiles: 1,
          sizeBytes: 20_200,
          state: 'partial',
          expectedBytes: bytes.length,
        },
      ]);
      expect(report.quotaBytes).toBeGreaterThan(report.usageBytes ?? Infinity);
      expect(await api.evaluate((d, model) => d.storage.verify(model), id)).toMatchObject({ isIntact: false });

      const model = await api.evaluate((d, url) => d.loadModel(url, { kernelShape: 'threadPerRows' }), source);
      expect(model.fileBytes).toBe(bytes.length);
      expect(server.asked.map(({ range }) => range)).toEqual([
        undefined,
        'bytes=20000-',
        'bytes=20100-',
        'bytes=20200-',
      ]);
      expect(await api.evaluate((d) => d.generate({ tokenIds: [1], maxNewTokens: 2 }))).toHaveProperty('tokenIds');
      expect(await api.evaluate((d, copy) => d.storage.verify(copy), id)).toMatchObject({ isIntact: true });

      await page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('duet-models');
        for await (const name of folder.keys()) {
          if (!name.endsWith('.data')) continue;
          const writable = await (await folder.getFileHandle(name)).createWritable({ keepExistingData: true });
          await writable.write({ type: 'write', position: 30_000, data: new Uint8Array([1, 2, 3, 4]) });
          await writable.close();
        }
      });
      expect(await api.evaluate((d, copy) => d.storage.verify(copy), id)).toMatchObject({ isIntact: false });
      expect(await api.evaluate((d) => d.storage.report())).toMatchObject({ models: [{ id, state: 'damaged' }] });

      await api.evaluate((d, copy) => d.storage.remove([copy]), id);
      expect(await api.evaluate((d) => d.storage.report())).toMatchObject({ models: [] });
    } finally {
      await server.close();
    }
  });
});

test('a repository’s files are asked for when its name is given, not before', async ({ page }) => {
  const asked: string[] = [];
  await page.route('https://huggingface.co/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({
      json: [{ type: 'file', path: 'm.gguf', size: 7, lfs: { oid: 'a'.repeat(64), size: 7 } }],
      headers: { 'access-control-allow-origin': '*' },
    });
  });
  await page.goto('/?model=none');
  const api = await duet(page);
  expect(await api.evaluate((d) => d.storage.requestPersistence())).toEqual(expect.any(Boolean));
  expect(asked).toEqual([]);
  expect(await api.evaluate((d) => d.listRepository('example/tiny-GGUF'))).toEqual([
    { path: 'm.gguf', sizeBytes: 7, sha256: 'a'.repeat(64) },
  ]);
  expect(asked).toEqual(['https://huggingface.co/api/models/example/tiny-GGUF/tree/main?recursive=true']);
});
