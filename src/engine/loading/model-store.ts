/**
 * Copies of model files in the origin private file system. A copy counts only with its record, which is written last:
 * whatever interrupts a download, nothing half-written is ever taken for a model.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { openSyncAccess } from './sync-access.ts';

const FOLDER = 'duet-models';

const copyRecordSchema = z.object({ url: z.string(), sizeBytes: z.number(), sha256: z.string() });

/** What a complete copy must be. */
export type CopyRecord = Readonly<z.infer<typeof copyRecordSchema>>;

/** Receives a file from its beginning. One of `close` and `abort` ends it. */
export interface FileSink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

export interface ModelStore {
  /** @returns null without a complete copy */
  readRecord(url: string): Promise<CopyRecord | null>;
  writeRecord(record: CopyRecord): Promise<void>;
  /** @returns null without data, complete or not */
  dataFile(url: string): Promise<FileSystemFileHandle | null>;
  /** Starts a copy; an older one is removed first. */
  createCopy(url: string): Promise<FileSink>;
  /** Removes data and record, if there are any. */
  remove(url: string): Promise<void>;
}

/** @returns null where the browser has no private file system or refuses it (some private windows) */
export async function openModelStore(): Promise<ModelStore | null> {
  // Node has no `navigator`, old browsers no `storage`.
  const { navigator } = globalThis as { navigator?: { storage?: StorageManager } };
  if (typeof navigator?.storage?.getDirectory !== 'function') return null;
  try {
    const root = await navigator.storage.getDirectory();
    return storeIn(await root.getDirectoryHandle(FOLDER, { create: true }));
  } catch {
    return null;
  }
}

function storeIn(folder: FileSystemDirectoryHandle): ModelStore {
  const nameOf = (url: string): string => bytesToHex(sha256(new TextEncoder().encode(url)));
  const dataName = (url: string): string => `${nameOf(url)}.gguf`;
  const recordName = (url: string): string => `${nameOf(url)}.json`;
  const remove = async (url: string): Promise<void> => {
    // The record first: data without a record is nothing.
    await removeIfPresent(folder, recordName(url));
    await removeIfPresent(folder, dataName(url));
  };
  return {
    async readRecord(url) {
      const handle = await fileIfPresent(folder, recordName(url));
      return handle === null ? null : parseRecord(await (await handle.getFile()).text(), url);
    },
    async writeRecord(record) {
      const sink = await createSink(await folder.getFileHandle(recordName(record.url), { create: true }));
      await sink.write(new TextEncoder().encode(JSON.stringify(record)));
      await sink.close();
    },
    dataFile: (url) => fileIfPresent(folder, dataName(url)),
    async createCopy(url) {
      await remove(url);
      return createSink(await folder.getFileHandle(dataName(url), { create: true }));
    },
    remove,
  };
}

function parseRecord(text: string, url: string): CopyRecord | null {
  try {
    const record = copyRecordSchema.parse(JSON.parse(text));
    return record.url === url ? record : null;
  } catch {
    return null;
  }
}

async function fileIfPresent(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle | null> {
  try {
    return await folder.getFileHandle(name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function removeIfPresent(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await folder.removeEntry(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

async function createSink(handle: FileSystemFileHandle): Promise<FileSink> {
  const access = await openSyncAccess(handle, 'readwrite');
  if (access === null) {
    const writable = await handle.createWritable();
    return {
      write: (chunk) => writable.write(chunk),
      close: () => writable.close(),
      abort: () => writable.abort(),
    };
  }
  access.truncate(0);
  let offset = 0;
  return {
    async write(chunk) {
      const count = access.write(chunk, { at: offset });
      if (count !== chunk.length) throw new DOMException('The storage took only a part.', 'QuotaExceededError');
      offset += count;
    },
    async close() {
      access.flush();
      access.close();
    },
    async abort() {
      access.close();
    },
  };
}
