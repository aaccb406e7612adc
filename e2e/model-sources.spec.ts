/** Every place that models come from, with tiny ones: another origin, web-llm's caches, and servers that are no good. */
import { readFile } from 'node:fs/promises';
import type { JSHandle, Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import { writeTinyMlcFolder } from '../src/testing/tiny-mlc-folder.ts';
import { duet, expect, test } from './fixtures.ts';
import { type ModelServer, startModelServer } from './model-server.ts';
import { ModelPage } from './pages/model-page.ts';
import { splitGguf } from './split-gguf.ts';
import { fillWebLlmCache, keysInCache, WEB_LLM_CACHES } from './web-llm-caches.ts';

// What a browser prints of requests that fail, whoever deals with them.
test.use({ allowedErrors: [/Failed to load resource/, /net::ERR_/] });

const LLAMA = new URL('../src/testing/golden/tiny/llama/tiny-llama-F32.gguf', import.meta.url);

type Outcome = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

/** A load with its phases; what fails is an outcome. */
function load(api: JSHandle<DuetApi>, source: string): Promise<Outcome & { readonly phases: readonly string[] }> {
  return api.evaluate(async (d, from) => {
    const phases = new Set<string>();
    const onProgress = ({ phase }: { readonly phase: string }): unknown => phases.add(phase);
    return d.loadModel(from, { kernelShape: 'threadPerRows', contextLength: 256, onProgress }).then(
      () => ({ ok: true, phases: [...phases] }) as const,
      ({ code, message }: { code: string; message: string }) =>
        ({ ok: false, code, message, phases: [...phases] }) as const,
    );
  }, source);
}

const logitsNow = (api: JSHandle<DuetApi>): Promise<number[]> =>
  api.evaluate(async (d) => [...((await d.logits([5, 6, 7]))[0] ?? [])]);

async function openPage(page: Page): Promise<{ api: JSHandle<DuetApi>; model: ModelPage }> {
  await page.goto('/?model=none&kernels=threadPerRows');
  return { api: await duet(page), model: new ModelPage(page) };
}

async function withServer(
  files: Iterable<readonly [string, Uint8Array]>,
  body: (server: ModelServer) => Promise<void>,
): Promise<void> {
  const server = await startModelServer(files);
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

const under = (folder: string, files: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] =>
  [...files].map(([name, bytes]) => [`${folder}${name}`, bytes]);

test('GGUF files of another origin: one, and all shards by the first one’s address', async ({ page }) => {
  const whole = await readFile(LLAMA);
  const [first, second] = splitGguf(whole, 'token_embd.weight');
  const files = [
    ['/tiny.gguf', whole],
    ['/tiny-00001-of-00002.gguf', first],
    ['/tiny-00002-of-00002.gguf', second],
  ] as const;
  await withServer(files, async (server) => {
    const { api, model } = await openPage(page);
    // What the file is, loaded from the disk.
    await model.openChooser();
    await model.fileInput.setInputFiles({ name: 'tiny.gguf', mimeType: 'application/octet-stream', buffer: whole });
    await model.waitUntilReady();
    const expected = await logitsNow(api);
    expect(expected).toHaveLength(320);

    expect(await load(api, `${server.origin}/tiny.gguf`)).toMatchObject({
      ok: true,
      phases: expect.arrayContaining(['download', 'upload']),
    });
    expect(await logitsNow(api)).toEqual(expected);
    await model.unloadButton.click();
    await expect(model.modelChip).toContainText('no model');

    await model.showTab('Hugging Face');
    await model.loadAddress(`${server.origin}/tiny-00001-of-00002.gguf`);
    await model.waitUntilReady();
    expect(await logitsNow(api)).toEqual(expected);
    expect(server.asked).toEqual(files.map(([path]) => path));
  });
});

test('an MLC folder at any address, and at one of web-llm, which finds it there; both without the server too', async ({
  page,
}) => {
  const { files } = await writeTinyMlcFolder('qwen3');
  const hub = '/duet/tiny-MLC/resolve/main/';
  const server = await startModelServer([...under('/tiny-MLC/', files), ...under(hub, files)]);
  let isUp = true;
  try {
    const { api, model } = await openPage(page);
    const plainUrl = `${server.origin}/tiny-MLC/`;
    const hubUrl = `${server.origin}${hub}`;
    expect(await load(api, plainUrl)).toMatchObject({ ok: true, phases: expect.arrayContaining(['download']) });
    const expected = await logitsNow(api);
    expect(await keysInCache(page)).toEqual([]);

    await model.openChooser('Hugging Face');
    await model.loadAddress(hubUrl);
    await expect(model.chooser).toContainText('Loaded: duet/tiny-MLC');
    expect(await logitsNow(api)).toEqual(expected);
    const scopeOf = (name: string): string => (name === 'mlc-chat-config.json' ? 'webllm/config' : 'webllm/model');
    expect((await keysInCache(page)).toSorted()).toEqual(
      [...files.keys()].map((name) => `${scopeOf(name)} ${hubUrl}${name}`).toSorted(),
    );

    await server.close();
    isUp = false;
    for (const url of [plainUrl, hubUrl]) {
      const { ok, phases } = await load(api, url);
      expect({ url, ok, hasDownloaded: phases.includes('download') }).toEqual({ url, ok: true, hasDownloaded: false });
      expect(await logitsNow(api)).toEqual(expected);
    }
  } finally {
    if (isUp) await server.close();
  }
});

test('what web-llm has fetched into any of its caches is loaded from there; damage is found', async ({ page }) => {
  const { files } = await writeTinyMlcFolder('qwen3');
  const { api } = await openPage(page);
  expect((await load(api, 'https://models.example/nothing/resolve/main/')).ok).toBe(false);
  let expected: number[] | undefined;
  for (const cache of WEB_LLM_CACHES) {
    const url = `https://models.example/${cache}/resolve/main/`;
    await fillWebLlmCache(page, cache, url, files);
    expect({ cache, ...(await load(api, url)) }).toMatchObject({
      cache,
      ok: true,
      phases: expect.not.arrayContaining(['download']),
    });
    expected ??= await logitsNow(api);
    expect(expected).toHaveLength(320);
    expect(await logitsNow(api)).toEqual(expected);

    const shard = 'params_shard_1.bin';
    const damaged = files.get(shard)?.slice() ?? new Uint8Array(0);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    const damagedUrl = `https://models.example/${cache}-damaged/resolve/main/`;
    await fillWebLlmCache(page, cache, damagedUrl, new Map([...files, [shard, damaged]]));
    expect({ cache, ...(await load(api, damagedUrl)) }).toMatchObject({
      cache,
      ok: false,
      code: 'downloadFailed',
      message: expect.stringMatching(/^params_shard_1\.bin: the copy .* is damaged/),
    });
    // The loaded model stays.
    expect(await logitsNow(api)).toEqual(expected);
  }
});

test('quantised at load by the chooser: smaller on the GPU, and the error is told', async ({ page }) => {
  const { api, model } = await openPage(page);
  const file = { name: 'tiny.gguf', mimeType: 'application/octet-stream', buffer: await readFile(LLAMA) };
  const weightsOf = async (): Promise<number> => (await api.evaluate((d) => d.memory())).weights;
  await model.openChooser();
  await model.fileInput.setInputFiles(file);
  await model.waitUntilReady();
  const asItIs = await weightsOf();
  await model.unloadButton.click();
  await expect(model.modelChip).toContainText('no model');
  await model.quantiseTo('8 bits');
  await model.fileInput.setInputFiles(file);
  await model.waitUntilReady();
  expect(await weightsOf()).toBeLessThan(asItIs / 2);
  await page.keyboard.press('Escape');
  await model.openDeviceReport();
  await expect(model.gpuMemory).toContainText(/quantised to q8 at load.*0\.\d+ % over all matrices/);
});

test('servers that are no good: the chooser says what to do, and what was fetched is not lost', async ({ page }) => {
  const whole = await readFile(LLAMA);
  const names = ['slow', 'breaks', 'page', 'gated', 'forbidden'];
  await withServer(
    names.map((name) => [`/${name}.gguf`, whole] as const),
    async (server) => {
      const { api, model } = await openPage(page);
      const urlOf = (name: string): string => `${server.origin}/${name}.gguf`;
      server.troubles.set('/slow.gguf', [{ kind: 'stalls', afterBytes: 20_000 }]);
      server.troubles.set('/breaks.gguf', [{ kind: 'breaks', afterBytes: 30_000 }]);
      server.troubles.set('/page.gguf', [{ kind: 'webPage' }]);
      server.troubles.set('/gated.gguf', [{ kind: 'status', status: 401 }]);
      server.troubles.set('/forbidden.gguf', [{ kind: 'status', status: 403 }]);
      await model.openChooser('Hugging Face');

      await model.loadAddress(urlOf('slow'));
      await expect(model.chooser.getByTestId('load-progress')).toContainText(/Downloading.*20\.0 kB of/);
      await model.chooser.getByRole('button', { name: 'Cancel loading' }).click();
      await expect(model.modelChip).toContainText('cancelled');
      await expect.poll(server.numGivenUp).toBe(1);
      const left = await api.evaluate(async (d) => ({ memory: await d.memory(), report: await d.storage.report() }));
      expect(left.memory.total).toBe(0);
      expect(left.report.models).toMatchObject([{ name: 'slow.gguf', state: 'partial', sizeBytes: 20_000 }]);

      await model.loadAddress(urlOf('slow'));
      await model.waitUntilReady();
      const expected = await logitsNow(api);
      await model.loadAddress(urlOf('breaks'));
      await expect(model.chooser).toContainText('Loaded: ');
      await expect.poll(() => server.asked.filter((path) => path.startsWith('/breaks')).length).toBe(2);
      await model.waitUntilReady();
      expect(await logitsNow(api)).toEqual(expected);
      expect(server.asked).toEqual([
        '/slow.gguf',
        '/slow.gguf bytes=20000-',
        '/breaks.gguf',
        '/breaks.gguf bytes=30000-',
      ]);

      const alert = model.chooser.getByRole('alert');
      for (const [name, why, remedy] of [
        ['absent', 'answered 404', 'Check the address'],
        ['page', 'a web page, not a model file', 'Check the address'],
        ['gated', 'answered 401', 'downloaded with your own account'],
        ['forbidden', 'answered 403', 'downloaded with your own account'],
      ] as const) {
        await model.loadAddress(urlOf(name));
        await expect(alert).toContainText(`${name}.gguf`);
        await expect(alert).toContainText(why);
        await expect(alert).toContainText(remedy);
      }
      // The loaded model stays, and nothing of these counts as one.
      expect(await logitsNow(api)).toEqual(expected);
      const { models } = await api.evaluate((d) => d.storage.report());
      expect(models.map(({ name, state }) => `${name} ${state}`).toSorted()).toEqual([
        'breaks.gguf complete',
        'slow.gguf complete',
      ]);
    },
  );
});
