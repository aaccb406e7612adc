/**
 * Copies of model files in the origin private file system. A copy counts only with its record, which is written last:
 * whatever interrupts a download, nothing half-written is ever taken for a model. What is known of a copy that is not
 * complete yet lies in another file. A file's parts are called by the SHA-256 of its address:
 *
 *   HASH.data       bytes (HASH.gguf in copies of earlier versions)
 *   HASH.json       `CopyRecord`; with it the bytes are a model file
 *   HASH.part.json  `PartialRecord`; with it alone they are the beginning of one
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { createSink, fileIfPresent, openPrivateFolder, removeIfPresent, writeFile, type FileSink } from './opfs.ts';

export const MODELS_FOLDER = 'duet-models';

/** Records are shorter by far. */
const MAX_RECORD_BYTES = 1 << 16;

const PART_NAME = /^([0-9a-f]{64})\.(.+)$/;

const bytesSchema = z.int().min(0);
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

const copyRecordSchema = z.object({
  url: z.string(),
  sizeBytes: bytesSchema,
  sha256: hashSchema,
  /** The hash is the one that the catalogue or the publisher names, not only what came. */
  isPublished: z.boolean().optional(),
  /** A check has found other bytes than these. */
  isDamaged: z.boolean().optional(),
});

const partialRecordSchema = z.object({
  url: z.string(),
  totalBytes: bytesSchema,
  validator: z.string().nullable(),
  /** What the whole file must have, if that is known. */
  expectedSha256: hashSchema.nullable(),
  /** Bytes that are there for sure, and their SHA-256. What lies behind them was not yet recorded. */
  sizeBytes: bytesSchema,
  sha256: hashSchema,
});

/** What a complete copy must be. */
export type CopyRecord = Readonly<z.infer<typeof copyRecordSchema>>;

/** What the beginning of a copy must be. */
export type PartialRecord = Readonly<z.infer<typeof partialRecordSchema>>;

/** All that lies there of one file. */
export interface StoredFile {
  /** SHA-256 of its address. */
  readonly key: string;
  /** Null if no record tells it. */
  readonly url: string | null;
  /** On the disk. */
  readonly sizeBytes: number;
  readonly record: CopyRecord | null;
  readonly partial: PartialRecord | null;
}

export interface ModelStore {
  /** @returns null without a complete copy */
  readRecord(url: string): Promise<CopyRecord | null>;
  /** Makes a model file of the data that are there. */
  writeRecord(record: CopyRecord): Promise<void>;
  readPartial(url: string): Promise<PartialRecord | null>;
  writePartial(record: PartialRecord): Promise<void>;
  /** @returns null without data, complete or not */
  dataFile(url: string): Promise<FileSystemFileHandle | null>;
  /** Starts a copy; an older one is removed first. */
  createCopy(url: string): Promise<FileSink>;
  /** Goes on with a copy behind its first bytes; what lies there is cut off. */
  continueCopy(url: string, startBytes: number): Promise<FileSink>;
  /** Removes data and records, if there are any. */
  remove(url: string): Promise<void>;
  list(): Promise<StoredFile[]>;
  removeKey(key: string): Promise<void>;
}

/** Of the lock that whoever reads or writes a file's copy holds. */
export const copyLockName = (url: string): string => `duet-model ${url}`;

/** @returns null where the browser has no private file system or refuses it (some private windows) */
export async function openModelStore(): Promise<ModelStore | null> {
  const folder = await openPrivateFolder(MODELS_FOLDER);
  return folder === null ? null : new FolderModelStore(folder);
}

class FolderModelStore implements ModelStore {
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async readRecord(url: string): Promise<CopyRecord | null> {
    return parseRecord(copyRecordSchema, await this.#readText(`${keyOf(url)}.json`), keyOf(url));
  }

  async writeRecord(record: CopyRecord): Promise<void> {
    const key = keyOf(record.url);
    await this.#writeText(`${key}.json`, JSON.stringify(record));
    await removeIfPresent(this.#folder, `${key}.part.json`);
  }

  async readPartial(url: string): Promise<PartialRecord | null> {
    return parseRecord(partialRecordSchema, await this.#readText(`${keyOf(url)}.part.json`), keyOf(url));
  }

  async writePartial(record: PartialRecord): Promise<void> {
    await this.#writeText(`${keyOf(record.url)}.part.json`, JSON.stringify(record));
  }

  async dataFile(url: string): Promise<FileSystemFileHandle | null> {
    const key = keyOf(url);
    return (await fileIfPresent(this.#folder, `${key}.data`)) ?? fileIfPresent(this.#folder, `${key}.gguf`);
  }

  async createCopy(url: string): Promise<FileSink> {
    await this.remove(url);
    return createSink(await this.#folder.getFileHandle(`${keyOf(url)}.data`, { create: true }));
  }

  async continueCopy(url: string, startBytes: number): Promise<FileSink> {
    return createSink(await this.#folder.getFileHandle(`${keyOf(url)}.data`), startBytes);
  }

  remove(url: string): Promise<void> {
    return this.removeKey(keyOf(url));
  }

  async removeKey(key: string): Promise<void> {
    // The records first: data without a record is nothing.
    for (const part of ['json', 'part.json', 'data', 'gguf']) await removeIfPresent(this.#folder, `${key}.${part}`);
    for (const name of (await this.#names()).get(key) ?? []) await removeIfPresent(this.#folder, name);
  }

  async list(): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for (const [key, names] of await this.#names()) {
      const record = parseRecord(copyRecordSchema, await this.#readText(`${key}.json`), key);
      const partial = parseRecord(partialRecordSchema, await this.#readText(`${key}.part.json`), key);
      const sizes = names.filter((name) => !name.endsWith('.json')).map((name) => this.#sizeOf(name));
      const sizeBytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      files.push({ key, url: record?.url ?? partial?.url ?? null, sizeBytes, record, partial });
    }
    return files;
  }

  /** Names by key; a browser's own copies of files that were being written are among them. */
  async #names(): Promise<Map<string, string[]>> {
    const all = new Map<string, string[]>();
    for await (const name of this.#folder.keys()) {
      const [, key] = PART_NAME.exec(name) ?? [];
      if (key !== undefined) all.set(key, [...(all.get(key) ?? []), name]);
    }
    return all;
  }

  async #sizeOf(name: string): Promise<number> {
    const handle = await fileIfPresent(this.#folder, name);
    return handle === null ? 0 : (await handle.getFile()).size;
  }

  /** @returns null if there is no such file, or one that no record can be */
  async #readText(name: string): Promise<string | null> {
    const handle = await fileIfPresent(this.#folder, name);
    const file = await handle?.getFile();
    return file === undefined || file.size > MAX_RECORD_BYTES ? null : file.text();
  }

  #writeText(name: string, text: string): Promise<void> {
    return writeFile(this.#folder, name, new TextEncoder().encode(text));
  }
}

function keyOf(url: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(url)));
}

/** @returns null for what is no record, or the record of another file than this key's */
function parseRecord<Record extends { readonly url: string }>(
  schema: z.ZodType<Record>,
  text: string | null,
  key: string,
): Record | null {
  if (text === null) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success && keyOf(parsed.data.url) === key ? parsed.data : null;
  } catch {
    return null;
  }
}

export const parseCopyRecord = (text: string, url: string): CopyRecord | null =>
  parseRecord(copyRecordSchema, text, keyOf(url));

export const parsePartialRecord = (text: string, url: string): PartialRecord | null =>
  parseRecord(partialRecordSchema, text, keyOf(url));
