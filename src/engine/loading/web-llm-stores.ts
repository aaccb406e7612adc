/**
 * The three stores that web-llm can be set to, read and written as its version 0.2.86 does (tvmjs: ArtifactCache,
 * ArtifactIndexedDBCache, OPFSStore). Each is divided into the same scopes, and keeps files by whole URLs:
 *
 *   cache      one Cache per scope, requests to responses
 *   IndexedDB  one database per scope, version 1, object store `urls` of `{ url, data }`; data is an ArrayBuffer, or
 *              for the index of tensors the parsed JSON
 *   OPFS       `tvmjs-opfs-store/` and the scope's parts; `HASH.bin`, and written after it `HASH.record.json`
 *
 * Nothing is created by reading: a store that web-llm has never used is not there afterwards either.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { openDB, type IDBPDatabase } from 'idb';
import { z } from 'zod';
import { MLC_CONFIG_NAME } from './mlc-config.ts';
import { fileIfPresent, removeIfPresent, writeFile } from './opfs.ts';
import { MAX_INDEX_BYTES, TENSOR_INDEX } from './web-llm-index.ts';
import type { WebLlmStore } from './web-llm-store.ts';

type Scope = 'webllm/model' | 'webllm/config' | 'webllm/wasm';

const SCOPES: readonly Scope[] = ['webllm/model', 'webllm/config', 'webllm/wasm'];
const OPFS_ROOT = 'tvmjs-opfs-store';
const OBJECT_STORE = 'urls';

/** Where web-llm looks for a file: its configuration and its program have scopes of their own. */
function scopeOf(url: string): Scope {
  const { pathname } = new URL(url);
  if (pathname.endsWith(`/${MLC_CONFIG_NAME}`)) return 'webllm/config';
  return pathname.endsWith('.wasm') ? 'webllm/wasm' : 'webllm/model';
}

/** The file's own scope first. */
const scopesFor = (url: string): readonly Scope[] => [...new Set([scopeOf(url), ...SCOPES])];

/** The stores that this browser has, used or not. */
export async function openWebLlmStores(): Promise<WebLlmStore[]> {
  const { caches, indexedDB, navigator } = globalThis as Partial<WindowOrWorkerGlobalScope> & { navigator?: Navigator };
  const stores: WebLlmStore[] = [];
  // Without HTTPS there are no caches; old browsers do not list their databases.
  if (caches !== undefined) stores.push(new CacheStore(caches));
  if (typeof indexedDB?.databases === 'function') stores.push(new IndexedDbStore(indexedDB));
  const root = await navigator?.storage?.getDirectory?.().catch(() => undefined);
  if (root !== undefined) stores.push(new OpfsStore(root));
  return stores;
}

class CacheStore implements WebLlmStore {
  readonly backend = 'webLlmCache';
  readonly #caches: CacheStorage;

  constructor(caches: CacheStorage) {
    this.#caches = caches;
  }

  async read(url: string): Promise<Blob | null> {
    for (const scope of scopesFor(url)) {
      const response = await (await this.#open(scope))?.match(url);
      if (response !== undefined) return wholeBlob(await response.blob(), declaredBytes(response));
    }
    return null;
  }

  async write(url: string, bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<void> {
    const cache = await this.#caches.open(scopeOf(url));
    const headers = { 'content-type': contentType, 'content-length': String(bytes.length) };
    await cache.put(url, new Response(bytes, { headers }));
  }

  async remove(url: string): Promise<boolean> {
    let isRemoved = false;
    for (const scope of SCOPES) isRemoved = ((await (await this.#open(scope))?.delete(url)) ?? false) || isRemoved;
    return isRemoved;
  }

  async list(): Promise<{ url: string; sizeBytes: number }[]> {
    const files: { url: string; sizeBytes: number }[] = [];
    for (const scope of SCOPES) {
      const cache = await this.#open(scope);
      for (const request of (await cache?.keys()) ?? []) {
        const blob = await (await cache?.match(request))?.blob();
        if (blob !== undefined) files.push({ url: request.url, sizeBytes: blob.size });
      }
    }
    return files;
  }

  async #open(scope: Scope): Promise<Cache | null> {
    return (await this.#caches.has(scope)) ? this.#caches.open(scope) : null;
  }
}

/** @returns 0 if unknown; the length of a compressed answer is that of something else */
function declaredBytes({ headers }: Response): number {
  const length = headers.has('content-encoding') ? 0 : Number(headers.get('content-length'));
  return Number.isSafeInteger(length) ? length : 0;
}

const wholeBlob = (blob: Blob, declared: number): Blob | null =>
  blob.size === 0 || blob.size < declared ? null : blob;

const rowSchema = z.object({ url: z.string(), data: z.unknown() });

class IndexedDbStore implements WebLlmStore {
  readonly backend = 'webLlmIndexedDb';
  readonly #factory: IDBFactory;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  async read(url: string): Promise<Blob | null> {
    for (const scope of scopesFor(url)) {
      const blob = await this.#with(scope, (database) => blobIn(database, url));
      if (blob !== null) return wholeBlob(blob, 0);
    }
    return null;
  }

  async write(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const data: unknown = isTensorIndex(url) ? JSON.parse(new TextDecoder().decode(bytes)) : bytes.slice().buffer;
    const database = await openDB(scopeOf(url), 1, {
      upgrade: (created) => void created.createObjectStore(OBJECT_STORE, { keyPath: 'url' }),
    });
    try {
      // Resolves with the transaction, not with the request: what is said to be there is on the disk.
      await database.put(OBJECT_STORE, { url, data });
    } finally {
      database.close();
    }
  }

  async remove(url: string): Promise<boolean> {
    let isRemoved = false;
    for (const scope of SCOPES)
      await this.#with(scope, async (database) => {
        if ((await database.getKey(OBJECT_STORE, url)) === undefined) return null;
        await database.delete(OBJECT_STORE, url);
        isRemoved = true;
        return null;
      });
    return isRemoved;
  }

  async list(): Promise<{ url: string; sizeBytes: number }[]> {
    const files: { url: string; sizeBytes: number }[] = [];
    for (const scope of SCOPES)
      await this.#with(scope, async (database) => {
        // One at a time: the size of a file is known only with the file in memory.
        for (const key of await database.getAllKeys(OBJECT_STORE)) {
          if (typeof key !== 'string') continue;
          files.push({ url: key, sizeBytes: (await blobIn(database, key))?.size ?? 0 });
        }
        return null;
      });
    return files;
  }

  /** @returns null where there is no such database, or one that web-llm has not finished making */
  async #with<T>(scope: Scope, body: (database: IDBPDatabase) => Promise<T | null>): Promise<T | null> {
    const known = await this.#factory.databases();
    if (!known.some(({ name }) => name === scope)) return null;
    const database = await openDB(scope);
    try {
      return database.objectStoreNames.contains(OBJECT_STORE) ? await body(database) : null;
    } finally {
      database.close();
    }
  }
}

async function blobIn(database: IDBPDatabase, url: string): Promise<Blob | null> {
  const row = rowSchema.safeParse(await database.get(OBJECT_STORE, url));
  if (!row.success) return null;
  const { data } = row.data;
  if (data === undefined || data === null) return null;
  return data instanceof ArrayBuffer || data instanceof Blob ? new Blob([data]) : new Blob([JSON.stringify(data)]);
}

function isTensorIndex(url: string): boolean {
  return new URL(url).pathname.endsWith(`/${TENSOR_INDEX}`);
}

const opfsRecordSchema = z.object({ url: z.string(), nbytes: z.int().min(0) });

class OpfsStore implements WebLlmStore {
  readonly backend = 'webLlmOpfs';
  readonly #root: FileSystemDirectoryHandle;

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async read(url: string): Promise<Blob | null> {
    for (const scope of scopesFor(url)) {
      const folder = await this.#folder(scope, false);
      if (folder === null) continue;
      const name = nameOf(url);
      const record = await readRecord(folder, `${name}.record.json`);
      const file = await (await fileIfPresent(folder, `${name}.bin`))?.getFile();
      if (record?.url === url && file !== undefined) return file.size === record.nbytes ? wholeBlob(file, 0) : null;
    }
    return null;
  }

  async write(url: string, bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<void> {
    const folder = await this.#folder(scopeOf(url), true);
    if (folder === null) throw new DOMException('The folder cannot be made.', 'NotFoundError');
    const name = nameOf(url);
    await removeIfPresent(folder, `${name}.record.json`);
    await writeFile(folder, `${name}.bin`, bytes);
    const record = JSON.stringify({ url, nbytes: bytes.length, contentType });
    await writeFile(folder, `${name}.record.json`, new TextEncoder().encode(record));
  }

  async remove(url: string): Promise<boolean> {
    let isRemoved = false;
    for (const scope of SCOPES) {
      const folder = await this.#folder(scope, false);
      if (folder === null) continue;
      // The record last: a file that could not be removed stays in the list.
      for (const file of [`${nameOf(url)}.bin`, `${nameOf(url)}.record.json`]) {
        isRemoved ||= (await fileIfPresent(folder, file)) !== null;
        await removeIfPresent(folder, file);
      }
    }
    return isRemoved;
  }

  async list(): Promise<{ url: string; sizeBytes: number }[]> {
    const files: { url: string; sizeBytes: number }[] = [];
    for (const scope of SCOPES) {
      const folder = await this.#folder(scope, false);
      if (folder === null) continue;
      for await (const name of folder.keys()) {
        if (!name.endsWith('.record.json')) continue;
        const record = await readRecord(folder, name);
        const data = await fileIfPresent(folder, name.replace(/record\.json$/, 'bin'));
        if (record !== null) files.push({ url: record.url, sizeBytes: (await data?.getFile())?.size ?? 0 });
      }
    }
    return files;
  }

  async #folder(scope: Scope, create: boolean): Promise<FileSystemDirectoryHandle | null> {
    try {
      let folder = await this.#root.getDirectoryHandle(OPFS_ROOT, { create });
      for (const part of scope.split('/'))
        folder = await folder.getDirectoryHandle(encodeURIComponent(part), { create });
      return folder;
    } catch (error) {
      if (!create && error instanceof DOMException && error.name === 'NotFoundError') return null;
      throw error;
    }
  }
}

const nameOf = (url: string): string => bytesToHex(sha256(new TextEncoder().encode(url)));

async function readRecord(
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<z.infer<typeof opfsRecordSchema> | null> {
  const file = await (await fileIfPresent(folder, name))?.getFile();
  if (file === undefined || file.size > MAX_INDEX_BYTES) return null;
  try {
    return opfsRecordSchema.parse(JSON.parse(await file.text()));
  } catch {
    return null;
  }
}
