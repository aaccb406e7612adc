import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { openSyncAccess, type SyncAccessHandle } from './sync-access.ts';

/** Random access to the bytes of a file, wherever it lies. Whoever opens a source disposes of it. */
export interface ByteSource extends Disposable {
  /** File name or address, for messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * @returns owned copy of exactly `length` bytes from `offset`
   * @throws {Failure} 'invalidFile' if the range is not inside the file or the file can no longer be read
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes in memory; borrows them. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    async read(offset, length) {
      checkRange(name, bytes.length, offset, length);
      return bytes.slice(offset, offset + length);
    },
    [Symbol.dispose]() {},
  };
}

/** A Blob or a File the user chose: reads slices, never the whole. */
export function blobSource(name: string, blob: Blob): ByteSource {
  return {
    name,
    sizeBytes: blob.size,
    async read(offset, length) {
      checkRange(name, blob.size, offset, length);
      const slice = await blob
        .slice(offset, offset + length)
        .arrayBuffer()
        .catch((error: unknown) => {
          throw unreadable(name, error);
        });
      return checkLength(name, new Uint8Array(slice), length);
    },
    [Symbol.dispose]() {},
  };
}

/**
 * A file of the origin private file system. In a dedicated worker through a shared synchronous handle, which reads
 * without copies through the browser's process; elsewhere, and where such a handle is refused, through File slices.
 */
export async function opfsSource(name: string, handle: FileSystemFileHandle): Promise<ByteSource> {
  const access = await openReadOnly(handle);
  if (access === null) return blobSource(name, await handle.getFile());
  const sizeBytes = access.getSize();
  return {
    name,
    sizeBytes,
    async read(offset, length) {
      checkRange(name, sizeBytes, offset, length);
      const bytes = new Uint8Array(length);
      const count = access.read(bytes, { at: offset });
      return checkLength(name, bytes.subarray(0, count), length);
    },
    [Symbol.dispose]() {
      access.close();
    },
  };
}

/** @returns null where slices have to do: outside dedicated workers, or while another tab holds the file */
async function openReadOnly(handle: FileSystemFileHandle): Promise<SyncAccessHandle | null> {
  try {
    return await openSyncAccess(handle, 'read-only');
  } catch {
    return null;
  }
}

function checkRange(name: string, sizeBytes: number, offset: number, length: number): void {
  const isValid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!isValid || offset + length > sizeBytes)
    throw new Failure<FailureCode>(
      'invalidFile',
      `${name}: bytes ${offset} to ${offset + length} were asked for, but the file has ${sizeBytes}.`,
      { file: name },
    );
}

function checkLength(name: string, bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length !== length)
    throw new Failure<FailureCode>('invalidFile', `${name}: the file became shorter while it was read.`, {
      file: name,
    });
  return bytes;
}

function unreadable(name: string, error: unknown): Failure<FailureCode> {
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure<FailureCode>('invalidFile', `${name}: the file can no longer be read (${reason}).`, {
    file: name,
  });
}
