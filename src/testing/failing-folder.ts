/** A folder whose process "dies" at a chosen step of its work: file made, opened, half written, written, closed, removed. */
import type { Folder } from '@/engine/loading/opfs.ts';
import type { SyncAccessHandle } from '@/engine/loading/sync-access.ts';

export class Crash extends Error {
  override readonly name = 'Crash';
}

interface Writable {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

interface Handle {
  getFile(): Promise<File>;
  createWritable(): Promise<Writable>;
  createSyncAccessHandle?(options: unknown): Promise<SyncAccessHandle>;
}

export interface FailingFolder extends Folder {
  hasCrashed(): boolean;
}

/** @param stepsBeforeCrash changes that still happen; afterwards every change throws `Crash` */
export function failingFolder(folder: Folder, stepsBeforeCrash: number): FailingFolder {
  let steps = 0;
  /** What the system does with a dead process's open files. */
  const open = new Set<() => unknown>();
  const step = async (): Promise<void> => {
    if (steps++ < stepsBeforeCrash) return;
    for (const release of open) await release();
    open.clear();
    throw new Crash('The process died.');
  };
  const stepNow = (): void => {
    if (steps++ < stepsBeforeCrash) return;
    for (const release of open) release();
    open.clear();
    throw new Crash('The process died.');
  };

  const wrapHandle = (handle: Handle): Handle => ({
    getFile: () => handle.getFile(),
    async createWritable() {
      await step();
      const inner = await handle.createWritable();
      const abort = (): Promise<void> => inner.abort().catch(() => {});
      open.add(abort);
      return {
        async write(chunk) {
          await step();
          const half = chunk.length >> 1;
          await inner.write(chunk.slice(0, half));
          await step();
          await inner.write(chunk.slice(half));
        },
        async close() {
          await step();
          await inner.close();
          open.delete(abort);
        },
        async abort() {
          await step();
          await abort();
        },
      };
    },
    ...(handle.createSyncAccessHandle && {
      async createSyncAccessHandle(options: unknown) {
        await step();
        const inner = await handle.createSyncAccessHandle?.(options);
        if (inner === undefined) throw new Error('The browser took its function back.');
        const close = (): void => inner.close();
        open.add(close);
        return {
          read: (buffer, { at }) => inner.read(buffer, { at }),
          getSize: () => inner.getSize(),
          write(buffer, { at }) {
            stepNow();
            const half = buffer.length >> 1;
            const first = inner.write(buffer.slice(0, half), { at });
            stepNow();
            return first + inner.write(buffer.slice(half), { at: at + half });
          },
          truncate(size) {
            stepNow();
            inner.truncate(size);
          },
          flush() {
            stepNow();
            inner.flush();
          },
          close() {
            stepNow();
            inner.close();
            open.delete(close);
          },
        } satisfies SyncAccessHandle;
      },
    }),
  });

  return {
    name: folder.name,
    hasCrashed: () => steps > stepsBeforeCrash,
    keys: () => folder.keys(),
    async getFileHandle(name, options) {
      if (options?.create === true) await step();
      const handle = (await folder.getFileHandle(name, options)) as unknown as Handle;
      return wrapHandle(handle) as unknown as FileSystemFileHandle;
    },
    async removeEntry(name) {
      await step();
      await folder.removeEntry(name);
    },
  };
}
