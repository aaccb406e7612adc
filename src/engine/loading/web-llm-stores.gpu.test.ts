// The suffix means "in a real browser": the stores that browsers have are what these tests are about.
import { deleteModelAllInfoInCache, hasModelInCache, MLCEngine, type AppConfig } from '@mlc-ai/web-llm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebLlmStore } from './web-llm-store.ts';
import { openWebLlmStores } from './web-llm-stores.ts';

const BASE = 'https://huggingface.co/example/tiny-MLC/resolve/main/';
const WASM = 'https://raw.example/tiny-webgpu.wasm';
const SCOPES = ['webllm/model', 'webllm/config', 'webllm/wasm'];
const SHARDS = ['params_shard_0.bin', 'params_shard_1.bin'];
const INDEX = { metadata: { ParamSize: 2 }, records: SHARDS.map((dataPath) => ({ dataPath, nbytes: 4, records: [] })) };

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A model as it lies on a server; the shards have zeros and bytes that are no text. */
const FILES: Readonly<Record<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>> = {
  [`${BASE}tensor-cache.json`]: { bytes: bytesOf(JSON.stringify(INDEX)), type: 'application/json' },
  [`${BASE}params_shard_0.bin`]: { bytes: new Uint8Array([0, 255, 1, 128]), type: 'application/octet-stream' },
  [`${BASE}params_shard_1.bin`]: { bytes: new Uint8Array([9, 0, 0, 7]), type: 'application/octet-stream' },
  [`${BASE}tokenizer.json`]: { bytes: bytesOf('{"version":"1.0"}'), type: 'application/json' },
  [`${BASE}mlc-chat-config.json`]: { bytes: bytesOf('{"model_type":"llama"}'), type: 'application/json' },
  [WASM]: { bytes: new Uint8Array([0, 97, 115, 109]), type: 'application/wasm' },
};

const BACKENDS = [
  ['webLlmCache', 'cache'],
  ['webLlmIndexedDb', 'indexeddb'],
  ['webLlmOpfs', 'opfs'],
] as const;

const appConfigOf = (cacheBackend: AppConfig['cacheBackend']): AppConfig => ({
  model_list: [{ model: 'https://huggingface.co/example/tiny-MLC', model_id: 'tiny', model_lib: WASM }],
  ...(cacheBackend === undefined ? {} : { cacheBackend }),
});

beforeEach(clear);

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await clear();
});

async function clear(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('tvmjs-opfs-store', { recursive: true }).catch(() => {});
  for (const scope of SCOPES) await caches.delete(scope);
  // Emptied, not deleted: web-llm never closes a database, and a deletion would wait for that.
  for (const store of await openWebLlmStores()) for (const { url } of await store.list()) await store.remove(url);
}

/** The server that web-llm fetches from. @returns addresses that were asked for */
function serve(): string[] {
  const asked: string[] = [];
  const answer = async (input: string | URL | Request): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    const file = FILES[url];
    return file === undefined
      ? new Response('', { status: 404 })
      : new Response(file.bytes, { headers: { 'content-type': file.type } });
  };
  vi.stubGlobal('fetch', answer);
  // The browser's own fetch, which cannot be replaced; it puts what it gets.
  vi.spyOn(Cache.prototype, 'add').mockImplementation(async function add(this: Cache, request) {
    await this.put(request, await answer(request));
  });
  return asked;
}

/** Loads as far as a program that is none allows. */
async function reload(appConfig: AppConfig): Promise<void> {
  await expect(new MLCEngine({ appConfig, logLevel: 'SILENT' }).reload('tiny')).rejects.toThrow(/wasm|WebAssembly/i);
}

async function openStore(backend: WebLlmStore['backend']): Promise<WebLlmStore> {
  const store = (await openWebLlmStores()).find((each) => each.backend === backend);
  if (store === undefined) throw new Error(`There is no ${backend}.`);
  return store;
}

async function writeModel(store: WebLlmStore): Promise<void> {
  for (const [url, { bytes, type }] of Object.entries(FILES)) await store.write(url, bytes, type);
}

async function contentOf(store: WebLlmStore, url: string): Promise<number[] | null> {
  const blob = await store.read(url);
  return blob === null ? null : [...new Uint8Array(await blob.arrayBuffer())];
}

/** Everything that lies in the browser under names of web-llm. */
async function traces(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const folders: string[] = [];
  for await (const name of root.keys()) if (name.startsWith('tvmjs')) folders.push(name);
  const databases = (await indexedDB.databases()).map(({ name = '' }) => name).filter((name) => SCOPES.includes(name));
  return [...folders, ...databases, ...(await caches.keys()).filter((name) => SCOPES.includes(name))];
}

test('looking creates nothing', async () => {
  const before = await traces();
  for (const store of await openWebLlmStores()) {
    expect(await store.list()).toEqual([]);
    expect(await store.read(`${BASE}tokenizer.json`)).toBeNull();
    expect(await store.remove(`${BASE}tokenizer.json`)).toBe(false);
  }
  expect(await traces()).toEqual(before);
});

describe.each(BACKENDS)('%s', (backend, cacheBackend) => {
  const appConfig = appConfigOf(cacheBackend);

  test('what we write, web-llm finds, reads and deletes', async () => {
    const store = await openStore(backend);
    const asked = serve();
    expect(await hasModelInCache('tiny', appConfig)).toBe(false);
    await writeModel(store);
    expect(await hasModelInCache('tiny', appConfig)).toBe(true);
    await reload(appConfig);
    expect(asked).toEqual([]);
    await deleteModelAllInfoInCache('tiny', appConfig);
    expect(asked).toEqual([]);
    // web-llm leaves the index behind.
    expect((await store.list()).map(({ url }) => url)).toEqual([`${BASE}tensor-cache.json`]);
  });

  test('what web-llm writes, we read', async () => {
    const store = await openStore(backend);
    const asked = serve();
    // Of its public functions these two write: the configuration and the program, and then the index.
    await reload(appConfig);
    await deleteModelAllInfoInCache('tiny', appConfig);
    await reload(appConfig);
    const written = [`${BASE}mlc-chat-config.json`, WASM, `${BASE}tensor-cache.json`];
    expect(new Set(asked)).toEqual(new Set(written));
    expect(new Set((await store.list()).map(({ url }) => url))).toEqual(new Set(written));
    for (const url of written) expect(await contentOf(store, url)).toEqual([...(FILES[url]?.bytes ?? [])]);
    expect((await store.list()).find(({ url }) => url === WASM)?.sizeBytes).toBe(4);
  });

  test('files are replaced and removed one by one', async () => {
    const store = await openStore(backend);
    await writeModel(store);
    const [url = ''] = Object.keys(FILES).slice(1);
    await store.write(url, new Uint8Array([5]), 'application/octet-stream');
    expect(await contentOf(store, url)).toEqual([5]);
    expect(await store.remove(url)).toBe(true);
    expect(await store.read(url)).toBeNull();
    expect(await store.list()).toHaveLength(Object.keys(FILES).length - 1);
    expect(await hasModelInCache('tiny', appConfigOf(cacheBackend))).toBe(false);
  });

  test('an empty file counts as none', async () => {
    const store = await openStore(backend);
    const url = `${BASE}params_shard_0.bin`;
    await store.write(url, new Uint8Array(0), 'application/octet-stream');
    expect(await store.read(url)).toBeNull();
    expect(await store.list()).toEqual([{ url, sizeBytes: 0 }]);
  });
});

test('a file in OPFS that is shorter than its record, or has none, counts as none', async () => {
  const store = await openStore('webLlmOpfs');
  const url = `${BASE}params_shard_0.bin`;
  await store.write(url, new Uint8Array([1, 2, 3, 4]), 'application/octet-stream');
  let folder = await navigator.storage.getDirectory();
  for (const part of ['tvmjs-opfs-store', 'webllm', 'model']) folder = await folder.getDirectoryHandle(part);
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  const data = names.find((name) => name.endsWith('.bin')) ?? '';
  const writable = await (await folder.getFileHandle(data)).createWritable();
  await writable.write(new Uint8Array([1, 2]));
  await writable.close();
  expect(await store.read(url)).toBeNull();
  expect(await store.list()).toEqual([{ url, sizeBytes: 2 }]);
  await folder.removeEntry(data.replace(/bin$/, 'record.json'));
  expect(await store.list()).toEqual([]);
});

test('an answer in the cache that was cut off counts as none', async () => {
  const url = `${BASE}params_shard_0.bin`;
  const cache = await caches.open('webllm/model');
  await cache.put(url, new Response(new Uint8Array([1, 2]), { headers: { 'content-length': '4' } }));
  expect(await (await openStore('webLlmCache')).read(url)).toBeNull();
});
