/** The part of the File System standard that only dedicated workers have; TypeScript's DOM library leaves it out. */
export interface SyncAccessHandle {
  read(buffer: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  write(buffer: Uint8Array<ArrayBuffer>, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
  getSize(): number;
}

/** `mode` lets several readers in at once; browsers without it ignore it. */
interface SyncCapableHandle {
  createSyncAccessHandle?: (options: { readonly mode: 'readwrite' | 'read-only' }) => Promise<SyncAccessHandle>;
}

/**
 * Opens a file synchronously.
 *
 * @returns null where this does not exist (outside dedicated workers)
 * @throws {DOMException} 'NoModificationAllowedError' if another tab holds the file
 */
export async function openSyncAccess(
  handle: FileSystemFileHandle,
  mode: 'readwrite' | 'read-only',
): Promise<SyncAccessHandle | null> {
  const capable = handle as SyncCapableHandle;
  return typeof capable.createSyncAccessHandle === 'function' ? capable.createSyncAccessHandle({ mode }) : null;
}
