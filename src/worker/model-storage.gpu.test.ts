// The suffix means "in a real browser": the stores that browsers have are what these tests are about.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openModelFile } from '@/engine/loading/cached-download.ts';
import { copyLockName } from '@/engine/loading/model-store.ts';
import { openPrivateFolder } from '@/engine/loading/opfs.ts';
import type { WebLlmStore } from '@/engine/loading/web-llm-store.ts';
import { openWebLlmStores } from '@/engine/loading/web-llm-stores.ts';
import type { StorageCheck, StoredModel } from '@/protocol/model-storage.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import { patternBytes } from '@/testing/pattern-bytes.ts';
import { damageCopy } from '@/testing/stored-copies.ts';
import { ModelStorage } from './model-storage.ts';

const URL_OF_MODEL = 'https://models.example/m.gguf';
const BYTES = patternBytes(0, 5000);
const BASE = 'https://huggingface.co/example/tiny-MLC/resolve/main/';

let storage: ModelStorage;

beforeEach(async () => {
  storage = new ModelStorage();
  await storage.remove((await models()).map(({ id }) => id));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

async function models(): Promise<readonly StoredModel[]> {
  return (await storage.report()).models;
}

async function verify(id: string): Promise<StorageCheck> {
  return (await storage.verify(id, () => {})).done();
}

describe('our copies', () => {
  const id = `duet:${URL_OF_MODEL}`;

  beforeEach(async () => {
    vi.stubGlobal('fetch', async () => new Response(BYTES));
    using file = await openModelFile(URL_OF_MODEL);
    expect(file.sizeBytes).toBe(BYTES.length);
  });

  test('are found intact', async () => {
    const events: LoadProgress[] = [];
    const check = await (await storage.verify(id, (event) => events.push(event))).done();
    expect(check).toMatchObject({ isIntact: true, finding: expect.stringContaining('SHA-256') });
    expect(events.at(-1)).toMatchObject({ phase: 'verify', loadedBytes: BYTES.length, totalBytes: BYTES.length });
    expect(await models()).toMatchObject([{ id, state: 'complete' }]);
  });

  test('that are damaged stay so until they are downloaded again', async () => {
    await damageCopy(URL_OF_MODEL, (bytes) => bytes.fill(0, 2000, 2002));
    expect(await models()).toMatchObject([{ id, state: 'complete' }]);
    expect(await verify(id)).toMatchObject({ isIntact: false, finding: expect.stringContaining('m.gguf') });
    expect(await models()).toMatchObject([{ id, state: 'damaged' }]);
    expect(await new ModelStorage().report()).toMatchObject({ models: [{ id, state: 'damaged' }] });
    const phases = new Set<string>();
    using file = await openModelFile(URL_OF_MODEL, { onProgress: ({ phase }) => phases.add(phase) });
    expect(await file.read(0, BYTES.length)).toEqual(BYTES);
    expect([...phases]).toEqual(['download']);
    expect(await models()).toMatchObject([{ id, state: 'complete' }]);
  });

  test('are removed, but not while they are loaded or read', async () => {
    await navigator.locks.request(copyLockName(URL_OF_MODEL), async () => {
      await expect(storage.remove([id])).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining('m.gguf'),
      });
    });
    // A text in place of a list has every id in it that it contains.
    await expect(storage.remove(`${id}/more` as never)).rejects.toHaveProperty('code', 'invalidConfig');
    expect(await models()).toHaveLength(1);
    await storage.remove([id, 'duet:https://models.example/other.gguf']);
    expect(await models()).toEqual([]);
  });

  test('a check can be cancelled, and asks for a copy that is there', async () => {
    const run = await storage.verify(id, () => {});
    run.cancel();
    await expect(run.done()).rejects.toHaveProperty('code', 'cancelled');
    await expect(verify('duet:other')).rejects.toHaveProperty('code', 'invalidConfig');
  });
});

describe('copies of web-llm', () => {
  // MD5 from RFC 1321.
  const INDEX = {
    records: [
      { dataPath: 'params_shard_0.bin', nbytes: 3, md5sum: '900150983cd24fb0d6963f7d28e17f72' },
      { dataPath: 'params_shard_1.bin', nbytes: 14, md5sum: 'f96b697d7cb7938d525a2f31aaf161d0' },
    ],
  };
  const FILES = {
    'tensor-cache.json': JSON.stringify(INDEX),
    'mlc-chat-config.json': '{}',
    'params_shard_0.bin': 'abc',
    'params_shard_1.bin': 'message digest',
  };

  async function write(store: WebLlmStore, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files))
      await store.write(BASE + name, new TextEncoder().encode(text), 'application/octet-stream');
  }

  test.each(['webLlmCache', 'webLlmIndexedDb', 'webLlmOpfs'])('are found, checked and removed: %s', async (backend) => {
    const store = (await openWebLlmStores()).find((each) => each.backend === backend);
    if (store === undefined) throw new Error(`There is no ${backend}.`);
    const id = `${backend}:${BASE}`;
    await write(store, FILES);
    expect(await models()).toMatchObject([{ id, backend, name: 'tiny-MLC', numFiles: 4, state: 'complete' }]);
    expect(await verify(id)).toEqual({ isIntact: true, finding: expect.stringContaining('2 have an MD5') });

    await write(store, { 'params_shard_1.bin': 'massage digest' });
    expect(await verify(id)).toMatchObject({ isIntact: false, finding: expect.stringContaining('params_shard_1.bin') });
    expect(await models()).toMatchObject([{ id, state: 'damaged' }]);
    await write(store, { 'params_shard_1.bin': 'message digest' });
    expect(await verify(id)).toMatchObject({ isIntact: true });
    expect(await models()).toMatchObject([{ id, state: 'complete' }]);

    await store.remove(`${BASE}params_shard_0.bin`);
    expect(await models()).toMatchObject([{ id, state: 'partial' }]);
    expect(await verify(id)).toMatchObject({ isIntact: false, finding: expect.stringContaining('missing') });
    await storage.remove([id]);
    expect(await models()).toEqual([]);
    expect(await store.list()).toEqual([]);
  });
});

test('what the user has made counts, and models do not', async () => {
  const before = await storage.report();
  expect(before.quotaBytes).toBeGreaterThan(0);
  const folder = await openPrivateFolder('duet-storage-test');
  const writable = await (await folder?.getFileHandle('a.data', { create: true }))?.createWritable();
  await writable?.write(new Uint8Array(1234));
  await writable?.close();
  vi.stubGlobal('fetch', async () => new Response(BYTES));
  using file = await openModelFile(URL_OF_MODEL);
  expect((await storage.report()).workBytes - before.workBytes).toBe(1234);
  expect(file.sizeBytes).toBe(BYTES.length);
  await (await navigator.storage.getDirectory()).removeEntry('duet-storage-test', { recursive: true });
});
