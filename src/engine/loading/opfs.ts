/** Small steps on the origin private file system. */
import { openSyncAccess } from './sync-access.ts';

/** What our stores use of a folder; tests interrupt these calls. */
export type Folder = Pick<FileSystemDirectoryHandle, 'name' | 'getFileHandle' | 'removeEntry' | 'keys'>;

/** Receives a file from its beginning to its end. One of `close` and `abort` ends it. */
export interface FileSink {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Makes what was written so far outlive this thread. @returns false where only `close` does that */
  flush(): Promise<boolean>;
  /** The content is on its way to the disk when this is done. */
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** @returns null where the browser has no private file system or refuses it (some private windows) */
export async function openPrivateFolder(name: string): Promise<FileSystemDirectoryHandle | null> {
  // Node has no `navigator`, old browsers no `storage`.
  const { navigator } = globalThis as { navigator?: { storage?: StorageManager } };
  if (typeof navigator?.storage?.getDirectory !== 'function') return null;
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(name, { create: true });
  } catch {
    return null;
  }
}

export async function fileIfPresent(
  folder: Pick<Folder, 'getFileHandle'>,
  name: string,
): Promise<FileSystemFileHandle | null> {
  try {
    return await folder.getFileHandle(name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export async function removeIfPresent(folder: Pick<Folder, 'removeEntry'>, name: string): Promise<void> {
  try {
    await folder.removeEntry(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}

/**
 * Opens a file for writing: in place in a dedicated worker, elsewhere through a copy.
 *
 * @param startBytes  what is kept of the file; writing goes on behind it
 */
export async function createSink(handle: FileSystemFileHandle, startBytes = 0): Promise<FileSink> {
  const access = await openSyncAccess(handle, 'readwrite');
  if (access === null) {
    const writable = await handle.createWritable({ keepExistingData: startBytes > 0 });
    if (startBytes > 0) {
      await writable.truncate(startBytes);
      await writable.seek(startBytes);
    }
    return {
      write: (chunk) => writable.write(chunk),
      flush: async () => false,
      close: () => writable.close(),
      abort: () => writable.abort(),
    };
  }
  access.truncate(startBytes);
  let offset = startBytes;
  return {
    async write(chunk) {
      const count = access.write(chunk, { at: offset });
      if (count !== chunk.length) throw new DOMException('The storage took only a part.', 'QuotaExceededError');
      offset += count;
    },
    async flush() {
      access.flush();
      return true;
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

/** Writes a whole file; what was there may be gone after a failure too. */
export async function writeFile(
  folder: Pick<Folder, 'getFileHandle'>,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const sink = await createSink(await folder.getFileHandle(name, { create: true }));
  try {
    await sink.write(bytes);
    await sink.close();
  } catch (error) {
    // The error that counts is the first one; a sink that is already closed refuses to be aborted.
    await sink.abort().catch(() => {});
    throw error;
  }
}
