/** Model files by URL: fetched once, kept in the origin private file system, verified each time they are opened. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assert } from '@/lib/assert.ts';
import { bytesSource, opfsSource, type ByteSource } from './byte-source.ts';
import { checkCancelled, download, explainStorageError, type DownloadOptions, type Downloaded } from './download.ts';
import { openModelStore, type ModelStore } from './model-store.ts';
import type { FileSink } from './opfs.ts';
import { ProgressMeter } from './progress-meter.ts';

export interface ModelFile extends ByteSource {
  /** Lower-case hex; verified. */
  readonly sha256: string;
}

/**
 * Opens a model file from the cached copy or, without a good one, from the network. Two tabs that ask for the same file
 * download it once. Without a private file system the file stays in memory. Runs in a dedicated worker or a page.
 *
 * @param url  absolute, or relative to the page or worker
 * @returns    owned
 * @throws {Failure} as `download` does
 */
export async function openModelFile(url: string, options: DownloadOptions = {}): Promise<ModelFile> {
  const address = absoluteUrl(url);
  const store = await openModelStore();
  if (store === null) return downloadToMemory(address, options);
  return withLock(address, options.signal, async () => {
    try {
      return (await openCopy(store, address, options)) ?? (await downloadToStore(store, address, options));
    } catch (error) {
      checkCancelled(options.signal);
      throw explainStorageError(error, address);
    }
  });
}

export function absoluteUrl(url: string): string {
  const { location } = globalThis as { location?: Location };
  return location === undefined ? url : new URL(url, location.href).href;
}

/** Holds other tabs back until this one has a complete copy. */
async function withLock<T>(url: string, signal: AbortSignal | undefined, body: () => Promise<T>): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  if (navigator?.locks === undefined) return body();
  try {
    return await navigator.locks.request(`duet-model ${url}`, signal === undefined ? {} : { signal }, body);
  } catch (error) {
    checkCancelled(signal);
    throw error;
  }
}

/** @returns null if there is no copy or it is not exactly what it was; a bad copy is removed by the next download */
async function openCopy(store: ModelStore, url: string, options: DownloadOptions): Promise<ModelFile | null> {
  const record = await store.readRecord(url);
  const handle = await store.dataFile(url);
  if (record === null || handle === null) return null;
  if (options.expectedSha256 !== undefined && options.expectedSha256 !== record.sha256) return null;
  const file = await handle.getFile();
  if (file.size !== record.sizeBytes || (await hashOf(file, options)) !== record.sha256) return null;
  return { ...(await opfsSource(fileNameOf(url), handle)), sha256: record.sha256 };
}

/** @returns null if the file cannot be read to its end */
async function hashOf(file: File, { signal, onProgress = () => {} }: DownloadOptions): Promise<string | null> {
  const meter = new ProgressMeter('verify', file.size, onProgress);
  const hash = sha256.create();
  const reader = file.stream().getReader();
  try {
    for (;;) {
      checkCancelled(signal);
      const { done, value } = await reader.read();
      if (done) break;
      hash.update(value);
      meter.add(value.length);
    }
  } catch (error) {
    checkCancelled(signal);
    if (error instanceof DOMException) return null;
    throw error;
  } finally {
    await reader.cancel().catch(() => {});
  }
  meter.finish();
  return bytesToHex(hash.digest());
}

async function downloadToStore(store: ModelStore, url: string, options: DownloadOptions): Promise<ModelFile> {
  const sink = await store.createCopy(url);
  let downloaded: Downloaded;
  try {
    downloaded = await download(url, sink, options);
    await sink.close();
    await store.writeRecord({ url, ...downloaded });
  } catch (error) {
    // The error that counts is the first one; a sink that is already closed refuses to be aborted.
    await sink.abort().catch(() => {});
    await store.remove(url).catch(() => {});
    throw error;
  }
  const handle = await store.dataFile(url);
  assert(handle !== null, 'the copy that was just written is there');
  return { ...(await opfsSource(fileNameOf(url), handle)), sha256: downloaded.sha256 };
}

async function downloadToMemory(url: string, options: DownloadOptions): Promise<ModelFile> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const sink: FileSink = {
    async write(chunk) {
      chunks.push(chunk);
    },
    async close() {},
    async abort() {},
  };
  const { sizeBytes, sha256: digest } = await download(url, sink, options);
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { ...bytesSource(fileNameOf(url), bytes), sha256: digest };
}

/** Last part of the path, for messages. */
export function fileNameOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  return path.slice(path.lastIndexOf('/') + 1) || url;
}
