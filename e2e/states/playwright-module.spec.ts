/** How calls of duet/playwright cross into a page. The page here is a small one; real ones are in `examples/`. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { duetIn, DuetFailure, expect as expectDuet } from '../../playwright/index.mjs';
import { expect, test } from '../fixtures.ts';

const FILE = fileURLToPath(new URL('../../src/testing/golden/tiny/llama/tiny-llama-F32.gguf', import.meta.url));

/** Answers in the shapes of `window.duet`. */
const SMALL_PAGE = `<script>{
  const failure = (code, message, details) => Object.assign(new Error(message), { code, details });
  window.duet = {
    memory: async () => ({ weights: 8, kvCache: 0, activations: 0, training: 0, other: 0, total: 8 }),
    logits: async (ids) => [Float32Array.from(ids), new Float32Array([Infinity, NaN])],
    loadModel: async (source, { onProgress }) => {
      for (const file of [source].flat()) onProgress({ phase: 'upload', name: file.name, loadedBytes: (await file.arrayBuffer()).byteLength });
      return { name: [source].flat().map(({ name }) => name).join() };
    },
    generate: async ({ maxNewTokens, onToken, signal }) => {
      if (maxNewTokens < 0) throw failure('invalidConfig', 'generate: maxNewTokens: too small.', { field: 'maxNewTokens' });
      for (let tokenId = 0; tokenId < maxNewTokens; tokenId++) {
        if (signal?.aborted) throw failure('cancelled', 'It was cancelled.', {});
        onToken?.({ tokenId });
        await new Promise((resolve) => setTimeout(resolve, tokenId < 100 ? 0 : 20));
      }
      return { tokenIds: [maxNewTokens] };
    },
    negotiation: { pause: async () => undefined, step: async (unit = 'turn') => unit },
  };
}</script>`;

async function smallPage(page: Page): Promise<ReturnType<typeof duetIn>> {
  await page.setContent(SMALL_PAGE);
  return duetIn(page);
}

test('calls cross with their arguments and results, at any depth', async ({ page }) => {
  const duet = await smallPage(page);
  expect(await duet.logits([1, 2])).toEqual([Float32Array.from([1, 2]), Float32Array.from([Infinity, Number.NaN])]);
  expect(await duet.negotiation.step('utterance')).toBe('utterance');
  expect(await duet.negotiation.step()).toBe('turn');
  expect(await duet.inPage((api, factor) => api.memory().then(({ total }) => total * factor), 3)).toBe(24);
  await expectDuet(duet).not.toHaveReleasedGpuMemory();
});

test('every event arrives, in order and in front of the result', async ({ page }) => {
  const duet = await smallPage(page);
  const seen: number[] = [];
  await duet.generate({ tokenIds: [1], maxNewTokens: 50, onToken: ({ tokenId }) => seen.push(tokenId) });
  expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index));
});

test('a signal ends its call, and no other; one that was aborted before, at once', async ({ page }) => {
  const duet = await smallPage(page);
  const abort = new AbortController();
  const other = duet.generate({ tokenIds: [1], maxNewTokens: 50, signal: new AbortController().signal });
  const ended = duet.generate({
    tokenIds: [1],
    maxNewTokens: 100_000,
    signal: abort.signal,
    onToken: () => abort.abort(),
  });
  await expectDuet(ended).toFailWith('cancelled');
  expect(await other).toMatchObject({ tokenIds: [50] });
  const late = duet.generate({ tokenIds: [1], maxNewTokens: 5, signal: AbortSignal.abort() });
  await expectDuet(late).toFailWith('cancelled');
});

test('a signal that is aborted while the page is waited for ends the call', async ({ page }) => {
  const abort = new AbortController();
  const ended = duetIn(page).generate({ tokenIds: [1], maxNewTokens: 100_000, signal: abort.signal });
  const isCancelled = expectDuet(ended).toFailWith('cancelled');
  await page.waitForFunction(() => 'duetTestCallback' in globalThis);
  abort.abort();
  await smallPage(page);
  await isCancelled;
});

test('a failure keeps its code, message and details, and toFailWith says what came instead', async ({ page }) => {
  const duet = await smallPage(page);
  const error: unknown = await duet.generate({ tokenIds: [1], maxNewTokens: -1 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DuetFailure);
  expect(error).toMatchObject({ code: 'invalidConfig', details: { field: 'maxNewTokens' } });
  const other = expectDuet(duet.generate({ tokenIds: [1], maxNewTokens: -1 })).toFailWith('noModel');
  await expect(other).rejects.toThrow(/Expected {2}noModel\nReceived {2}invalidConfig: generate: maxNewTokens/);
  const none = expectDuet(() => duet.generate({ tokenIds: [1], maxNewTokens: 1 })).toFailWith('noModel');
  await expect(none).rejects.toThrow('the call did not fail');
});

test('what does not cross is refused: files, and functions that the page does not have', async ({ page }) => {
  const duet = await smallPage(page);
  await expect(duet.loadModel(new File([], 'model.gguf'))).rejects.toThrow('loadModelFile');
  await expect(duet.unload()).rejects.toThrow('no function duet.unload');
});

test('a model file of this machine reaches the page whole, and several together', async ({ page }) => {
  const duet = await smallPage(page);
  const loaded: number[] = [];
  const onProgress = ({ loadedBytes }: { readonly loadedBytes: number }): unknown => loaded.push(loadedBytes);
  expect(await duet.loadModelFile(FILE, { onProgress })).toEqual({ name: 'tiny-llama-F32.gguf' });
  await duet.loadModelFile([FILE, FILE], { onProgress });
  expect(loaded).toHaveLength(3);
  expect(new Set(loaded).size).toBe(1);
  expect(loaded[0]).toBeGreaterThan(1000);
  await expect(page.locator('input')).toHaveCount(0);
});

test('a handle on a frame calls the interface of that frame, also after it was loaded anew', async ({ page }) => {
  await page.setContent('<iframe name="inner"></iframe>');
  const frame = page.frame({ name: 'inner' });
  if (frame === null) throw new Error('The page has no frame.');
  const duet = duetIn(frame);
  await frame.setContent(SMALL_PAGE);
  expect(await duet.negotiation.step()).toBe('turn');
  await frame.setContent(SMALL_PAGE.replace("unit = 'turn'", "unit = 'other'"));
  expect(await duet.negotiation.step()).toBe('other');
});
