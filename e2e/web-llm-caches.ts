/** Puts a model's files into the stores of the page's browser as web-llm 0.2.86 writes them (tvmjs, artifact_cache). */
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';

export const WEB_LLM_CACHES = ['cache', 'indexeddb', 'opfs'] as const;
export type WebLlmCache = (typeof WEB_LLM_CACHES)[number];

interface StoredFile {
  readonly url: string;
  /** The hash of the URL, by which OPFS names files. */
  readonly name: string;
  readonly scope: string;
  readonly bytes: readonly number[];
  /** The index is kept parsed in IndexedDB. */
  readonly isIndex: boolean;
}

/** @param baseUrl where the files lie for web-llm: ends in `/resolve/main/` */
export async function fillWebLlmCache(
  page: Page,
  cache: WebLlmCache,
  baseUrl: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const stored = [...files].map(([name, bytes]): StoredFile => {
    const url = `${baseUrl}${name}`;
    return {
      url,
      name: createHash('sha256').update(url).digest('hex'),
      scope: name === 'mlc-chat-config.json' ? 'webllm/config' : 'webllm/model',
      bytes: [...bytes],
      isIndex: name === 'tensor-cache.json',
    };
  });
  await page.evaluate(WRITERS[cache], stored);
}

const WRITERS: Readonly<Record<WebLlmCache, (files: readonly StoredFile[]) => Promise<void>>> = {
  async cache(files) {
    // `cache.add` of web-llm keeps the server's answer.
    for (const { url, scope, bytes } of files)
      await (await caches.open(scope)).put(url, new Response(new Uint8Array(bytes)));
  },
  async indexeddb(files) {
    for (const { url, scope, bytes, isIndex } of files) {
      const data = new Uint8Array(bytes);
      const value: unknown = isIndex ? JSON.parse(new TextDecoder().decode(data)) : data.buffer;
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(scope, 1);
        opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('urls', { keyPath: 'url' }));
        opening.addEventListener('error', () => reject(new Error('It was not opened.')));
        opening.addEventListener('success', () => {
          const transaction = opening.result.transaction('urls', 'readwrite');
          transaction.objectStore('urls').add({ url, data: value });
          transaction.addEventListener('complete', () => {
            opening.result.close();
            resolve();
          });
        });
      });
    }
  },
  async opfs(files) {
    const root = await navigator.storage.getDirectory();
    for (const { url, name, scope, bytes } of files) {
      let folder = await root.getDirectoryHandle('tvmjs-opfs-store', { create: true });
      for (const part of scope.split('/')) folder = await folder.getDirectoryHandle(part, { create: true });
      const record = JSON.stringify({ url, nbytes: bytes.length, contentType: 'application/octet-stream' });
      for (const [file, content] of [
        [`${name}.bin`, new Uint8Array(bytes)],
        [`${name}.record.json`, record],
      ] as const) {
        const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
        await writable.write(content);
        await writable.close();
      }
    }
  },
};

/** Keys of the Cache, as web-llm looks files up by them. */
export async function keysInCache(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const keys: string[] = [];
    for (const scope of ['webllm/model', 'webllm/config'])
      for (const { url } of await (await caches.open(scope)).keys()) keys.push(`${scope} ${url}`);
    return keys;
  });
}
