/** Model files by URL: fetched once, kept in the origin private file system, verified each time they are opened. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { assert } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { bytesSource, opfsSource, type ByteSource } from './byte-source.ts';
import { checkCancelled } from './cancelled.ts';
import { download, type Downloaded, type DownloadOptions, type DownloadTarget } from './download.ts';
import { hashBlob } from './hash-blob.ts';
import { Publisher } from './hugging-face.ts';
import { copyLockName, openModelStore, type ModelStore } from './model-store.ts';
import { PartialCopy } from './partial-copy.ts';
import { ProgressMeter } from './progress-meter.ts';
import type { FileVersion } from './request-file.ts';
import { explainStorageError } from './storage-room.ts';

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
  return withCopyLock(address, options.signal, async () => {
    try {
      return (await openCopy(store, address, options)) ?? (await downloadToStore(store, address, options));
    } catch (error) {
      checkCancelled(options.signal);
      throw await explainStorageError(error, address);
    }
  });
}

/** Forgets the copy of a file that is not what it must be; it must not be open. */
export async function removeModelFile(url: string): Promise<void> {
  const address = absoluteUrl(url);
  await withCopyLock(address, undefined, async () => (await openModelStore())?.remove(address));
}

export function absoluteUrl(url: string): string {
  const { location } = globalThis as { location?: Location };
  return location === undefined ? url : new URL(url, location.href).href;
}

/** Holds back whoever else reads or writes the copy, in this tab and others. */
export async function withCopyLock<T>(
  url: string,
  signal: AbortSignal | undefined,
  body: () => Promise<T>,
): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
  if (navigator?.locks === undefined) return body();
  try {
    return await navigator.locks.request(copyLockName(url), signal === undefined ? {} : { signal }, body);
  } catch (error) {
    checkCancelled(signal);
    throw error;
  }
}

/** @returns null if there is no copy or it is not exactly what it was; a bad copy is removed by the next download */
async function openCopy(store: ModelStore, url: string, options: DownloadOptions): Promise<ModelFile | null> {
  const record = await store.readRecord(url);
  const handle = await store.dataFile(url);
  if (record === null || handle === null || record.isDamaged === true) return null;
  if (options.expectedSha256 !== undefined && options.expectedSha256 !== record.sha256) return null;
  const file = await handle.getFile();
  if (file.size !== record.sizeBytes || !(await hasHash(file, record.sha256, options))) return null;
  return { ...(await opfsSource(fileNameOf(url), handle)), sha256: record.sha256 };
}

async function hasHash(
  file: File,
  digest: string,
  { signal, onProgress = () => {} }: DownloadOptions,
): Promise<boolean> {
  const meter = new ProgressMeter('verify', file.size, onProgress);
  const hash = sha256.create();
  if (!(await hashBlob(file, hash, meter, signal))) return false;
  meter.finish();
  return bytesToHex(hash.digest()) === digest;
}

async function downloadToStore(store: ModelStore, url: string, given: DownloadOptions): Promise<ModelFile> {
  const options = await withPublished(url, given);
  const copy = await PartialCopy.open(store, url, options);
  const { expectedSha256 } = copy;
  let downloaded: Downloaded;
  try {
    downloaded = await download(url, copy, { ...options, ...(expectedSha256 === undefined ? {} : { expectedSha256 }) });
    await copy.complete(downloaded);
  } catch (error) {
    const explained = await explainStorageError(error, url, missingBytes(copy));
    // The error that counts is the first one.
    await endUnfinished(copy, error).catch(() => {});
    throw explained;
  }
  const handle = await store.dataFile(url);
  assert(handle !== null, 'the copy that was just written is there');
  return { ...(await opfsSource(fileNameOf(url), handle)), sha256: downloaded.sha256 };
}

/**
 * What a connection or the user has broken off is kept for the next time. What is no model is not, nor what has filled
 * the storage: adapters and checkpoints need the room, and work is dearer than a download.
 */
async function endUnfinished(copy: PartialCopy, error: unknown): Promise<void> {
  const isKept = error instanceof Failure && (error.code === 'cancelled' || error.code === 'downloadFailed');
  if (!isKept) return copy.discard();
  await copy.keep().catch(() => copy.discard());
}

const missingBytes = ({ version, sizeBytes }: DownloadTarget): number =>
  Math.max(0, (version?.totalBytes ?? 0) - sizeBytes);

async function downloadToMemory(url: string, given: DownloadOptions): Promise<ModelFile> {
  const options = await withPublished(url, given);
  const target = new MemoryTarget();
  const { sha256: digest } = await download(url, target, options);
  return { ...bytesSource(fileNameOf(url), target.bytes()), sha256: digest };
}

/** Keeps a download in memory. */
export class MemoryTarget implements DownloadTarget {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #hash = sha256.create();
  sizeBytes = 0;
  version: FileVersion | null = null;

  async begin(version: FileVersion): Promise<void> {
    this.#chunks = [];
    this.#hash = sha256.create();
    this.sizeBytes = 0;
    this.version = version;
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#chunks.push(chunk);
    this.#hash.update(chunk);
    this.sizeBytes += chunk.length;
  }

  digest(): string {
    return bytesToHex(this.#hash.clone().digest());
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.sizeBytes);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}

/** What the publisher's own list says of a file, unless its hash is known already. */
async function withPublished(url: string, options: DownloadOptions): Promise<DownloadOptions> {
  if (options.expectedSha256 !== undefined) return options;
  const { publisher = new Publisher() } = options;
  const published = await publisher.fileAt(url, options.signal);
  if (published === null) return options;
  const { sizeBytes: expectedBytes, sha256: expectedSha256 } = published;
  return { ...options, expectedBytes, ...(expectedSha256 === null ? {} : { expectedSha256 }) };
}

/** Last part of the path, for messages. */
export function fileNameOf(url: string): string {
  const path = url.replace(/[?#].*$/s, '');
  return path.slice(path.lastIndexOf('/') + 1) || url;
}
