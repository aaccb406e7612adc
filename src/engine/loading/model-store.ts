/**
 * Copies of model files in the origin private file system. A copy counts only with its record, which is written last:
 * whatever interrupts a download, nothing half-written is ever taken for a model.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { createSink, fileIfPresent, openPrivateFolder, removeIfPresent, type FileSink } from './opfs.ts';

const FOLDER = 'duet-models';

const copyRecordSchema = z.object({ url: z.string(), sizeBytes: z.number(), sha256: z.string() });

/** What a complete copy must be. */
export type CopyRecord = Readonly<z.infer<typeof copyRecordSchema>>;

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
  const folder = await openPrivateFolder(FOLDER);
  return folder === null ? null : storeIn(folder);
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
