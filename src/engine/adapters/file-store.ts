/**
 * Files in a folder of the origin private file system that survive a crash at any point. A version of a file is its
 * data, `ID.N.data`, and a record, `ID.N.record`, that is written last and names them with their length and SHA-256; N
 * grows. The newest version with a whole record counts; only then are the older ones removed. All calls on a folder,
 * from all tabs, wait for each other.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { fileIfPresent, removeIfPresent, writeFile, type Folder } from '@/engine/loading/opfs.ts';

const FILE_NAME = /^([a-z0-9-]{1,150})\.(\d{1,15})\.(data|record)(\.crswap)?$/;
const RECORD_BLOCK = 4096;
const HASH_LENGTH = 64;
const ID = /^[a-z0-9-]{1,150}$/;

const recordSchema = z.object({
  data: z.string(),
  sizeBytes: z.int().min(0),
  sha256: z.string(),
  info: z.unknown(),
});
type FileRecord = z.infer<typeof recordSchema>;

export type FileEntry<Info> =
  | { readonly id: string; readonly state: 'whole'; readonly sizeBytes: number; readonly info: Info }
  | { readonly id: string; readonly state: 'damaged'; readonly reason: string };

/** Failures are `storageFailed`; `details.reason` is 'full', 'busy', 'damaged', 'missing' or 'other'. */
export interface FileStore<Info> {
  /** Saves a file or a new version of it; until this is done, the older version counts. @param bytes borrowed */
  put(id: string, bytes: Uint8Array<ArrayBuffer>, info: Info): Promise<void>;
  /** @returns null if there is no such file. @throws {Failure} if it is damaged */
  get(id: string): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly info: Info } | null>;
  /** By id. Damage inside data of the right length is found by `get` only. */
  list(): Promise<FileEntry<Info>[]>;
  replaceInfo(id: string, info: Info): Promise<void>;
  /** Removes a file, damaged or not, if there is one. */
  delete(id: string): Promise<void>;
}

/** One file of the folder, by the parts of its name. */
interface Part {
  readonly name: string;
  readonly generation: number;
  readonly kind: 'data' | 'record' | 'swap';
}

/** The version that counts, or why none can be used; null: there is none. */
type Current<Info> =
  | { readonly state: 'whole'; readonly name: string; readonly record: FileRecord; readonly info: Info }
  | { readonly state: 'damaged'; readonly reason: string }
  | null;

/**
 * Opens a store and removes what was left half-written.
 *
 * @param folder      holds nothing else
 * @param infoSchema  of what is kept beside each file, as JSON
 */
export async function openFileStore<Info>(folder: Folder, infoSchema: z.ZodType<Info>): Promise<FileStore<Info>> {
  const store = new PrivateFileStore(folder, infoSchema);
  await store.sweep();
  return store;
}

class PrivateFileStore<Info> implements FileStore<Info> {
  readonly #folder: Folder;
  readonly #infoSchema: z.ZodType<Info>;

  constructor(folder: Folder, infoSchema: z.ZodType<Info>) {
    this.#folder = folder;
    this.#infoSchema = infoSchema;
  }

  put(id: string, bytes: Uint8Array<ArrayBuffer>, info: Info): Promise<void> {
    checkId(id);
    return this.#exclusively(async () => {
      const parts = await this.#partsOf(id);
      const generation = nextGeneration(parts);
      const data = `${id}.${generation}.data`;
      const record = `${id}.${generation}.record`;
      try {
        await writeFile(this.#folder, data, bytes);
        const about = { data, sizeBytes: bytes.length, sha256: bytesToHex(sha256(bytes)), info };
        await writeFile(this.#folder, record, formatRecord(about));
      } catch (error) {
        await this.#removeQuietly([record, data]);
        throw error;
      }
      await this.#removeQuietly(inRemovalOrder(parts));
    });
  }

  get(id: string): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly info: Info } | null> {
    checkId(id);
    return this.#exclusively(async () => {
      const current = await this.#currentOf(await this.#partsOf(id));
      if (current === null) return null;
      if (current.state === 'damaged') throw damaged(id, current.reason);
      const { record, info } = current;
      const file = await (await this.#folder.getFileHandle(record.data)).getFile();
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (bytesToHex(sha256(bytes)) !== record.sha256) throw damaged(id, 'its content is not what was saved');
      return { bytes, info };
    });
  }

  list(): Promise<FileEntry<Info>[]> {
    return this.#exclusively(async () => {
      const entries: FileEntry<Info>[] = [];
      for (const [id, parts] of await this.#allParts()) {
        const current = await this.#currentOf(parts);
        if (current?.state === 'damaged') entries.push({ id, ...current });
        else if (current !== null)
          entries.push({ id, state: 'whole', sizeBytes: current.record.sizeBytes, info: current.info });
      }
      return entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    });
  }

  replaceInfo(id: string, info: Info): Promise<void> {
    checkId(id);
    return this.#exclusively(async () => {
      const parts = await this.#partsOf(id);
      const current = await this.#currentOf(parts);
      if (current === null) throw storageFailed('missing', `There is no file "${id}" any more.`, id);
      if (current.state === 'damaged') throw damaged(id, current.reason);
      const name = `${id}.${nextGeneration(parts)}.record`;
      try {
        await writeFile(this.#folder, name, formatRecord({ ...current.record, info }));
      } catch (error) {
        await this.#removeQuietly([name]);
        throw error;
      }
      await this.#removeQuietly(inRemovalOrder(parts).filter((old) => old !== current.record.data));
    });
  }

  delete(id: string): Promise<void> {
    checkId(id);
    return this.#exclusively(async () => {
      for (const name of inRemovalOrder(await this.#partsOf(id))) await removeIfPresent(this.#folder, name);
    });
  }

  /** Removes older versions and what no whole record names. Damaged files stay, to be reported. */
  sweep(): Promise<void> {
    return this.#exclusively(async () => {
      for (const parts of (await this.#allParts()).values()) {
        const current = await this.#currentOf(parts);
        if (current?.state === 'damaged') continue;
        const kept = current === null ? [] : [current.name, current.record.data];
        await this.#removeQuietly(inRemovalOrder(parts).filter((name) => !kept.includes(name)));
      }
    });
  }

  /** Holds back other calls, of this and other tabs. */
  async #exclusively<T>(body: () => Promise<T>): Promise<T> {
    const { navigator } = globalThis as { navigator?: { locks?: LockManager } };
    try {
      if (navigator?.locks === undefined) return await body();
      return await navigator.locks.request(`duet-files ${this.#folder.name}`, body);
    } catch (error) {
      throw explain(error);
    }
  }

  async #allParts(): Promise<Map<string, Part[]>> {
    const all = new Map<string, Part[]>();
    for await (const name of this.#folder.keys()) {
      const [, id, generation, kind, swap] = FILE_NAME.exec(name) ?? [];
      if (id === undefined) continue;
      const parts = all.get(id) ?? [];
      all.set(id, parts);
      // A browser's own copy of a file that was being written.
      const isSwap = swap !== undefined;
      parts.push({ name, generation: Number(generation), kind: isSwap ? 'swap' : kind === 'data' ? 'data' : 'record' });
    }
    return all;
  }

  async #partsOf(id: string): Promise<readonly Part[]> {
    return (await this.#allParts()).get(id) ?? [];
  }

  async #currentOf(parts: readonly Part[]): Promise<Current<Info>> {
    let newest: Current<Info> = null;
    const records = parts.filter(({ kind }) => kind === 'record').toSorted((a, b) => b.generation - a.generation);
    for (const { name } of records) {
      const version = await this.#readVersion(name);
      if (version?.state === 'whole') return version;
      newest ??= version;
    }
    return newest;
  }

  /** @returns null for a record that was not written to its end, which is how a crash leaves it */
  async #readVersion(name: string): Promise<Current<Info>> {
    const file = await (await this.#folder.getFileHandle(name)).getFile();
    if (file.size === 0 || file.size % RECORD_BLOCK !== 0) return null;
    const record = parseRecord(await file.text());
    if (record === null) return { state: 'damaged', reason: 'its record is not what was saved' };
    const info = this.#infoSchema.safeParse(record.info);
    if (!info.success) return { state: 'damaged', reason: 'its record is of another version of Duet' };
    const data = await fileIfPresent(this.#folder, record.data);
    if (data === null) return { state: 'damaged', reason: 'its content is missing' };
    if ((await data.getFile()).size !== record.sizeBytes)
      return { state: 'damaged', reason: 'its content does not have the length that was saved' };
    return { state: 'whole', name, record, info: info.data };
  }

  /** What cannot be removed now is removed at the next opening. */
  async #removeQuietly(names: readonly string[]): Promise<void> {
    try {
      for (const name of names) await removeIfPresent(this.#folder, name);
    } catch {
      // The order matters: nothing behind the one that failed may go.
    }
  }
}

function nextGeneration(parts: readonly Part[]): number {
  return 1 + Math.max(0, ...parts.map(({ generation }) => generation));
}

/** Records before data and old ones before new ones, so that in between no older version comes back. */
function inRemovalOrder(parts: readonly Part[]): string[] {
  const records = parts.filter(({ kind }) => kind === 'record').toSorted((a, b) => a.generation - b.generation);
  return [...records, ...parts.filter(({ kind }) => kind !== 'record')].map(({ name }) => name);
}

/** SHA-256 of the rest, a space, JSON, and spaces up to a whole block: the size tells an unfinished record from a damaged one. */
function formatRecord(record: FileRecord): Uint8Array<ArrayBuffer> {
  const json = JSON.stringify(record);
  const sizeBytes = HASH_LENGTH + new TextEncoder().encode(json).length;
  const rest = ` ${json}${' '.repeat(RECORD_BLOCK - 1 - (sizeBytes % RECORD_BLOCK))}`;
  return new TextEncoder().encode(hashOf(rest) + rest);
}

function parseRecord(text: string): FileRecord | null {
  const rest = text.slice(HASH_LENGTH);
  if (text.slice(0, HASH_LENGTH) !== hashOf(rest)) return null;
  const parsed = recordSchema.safeParse(JSON.parse(rest));
  return parsed.success ? parsed.data : null;
}

function hashOf(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}

/** Ids become names of files on systems that take capitals and small letters for the same. */
function checkId(id: string): void {
  if (!ID.test(id)) throw new RangeError(`"${id}" cannot be the name of a stored file.`);
}

function damaged(id: string, reason: string): Failure<FailureCode> {
  return storageFailed('damaged', `The stored file "${id}" is damaged: ${reason}. Delete it, or import it again.`, id);
}

function storageFailed(reason: string, message: string, id?: string): Failure<FailureCode> {
  return new Failure<FailureCode>('storageFailed', message, { reason, ...(id !== undefined && { id }) });
}

function explain(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'QuotaExceededError')
    return storageFailed(
      'full',
      "The browser's storage has no room for the file; the version before it was kept. Delete adapters or checkpoints, or free disk space.",
    );
  if (error.name === 'NoModificationAllowedError' || error.name === 'InvalidStateError')
    return storageFailed('busy', 'Another tab of Duet holds the file. Close that tab and try again.');
  return storageFailed('other', `The browser's storage failed: ${error.message} Reload the page and try again.`);
}
