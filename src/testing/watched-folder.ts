import type { ModelFolder } from '@/engine/loading/model-folder.ts';

export interface WatchedFolder {
  readonly folder: ModelFolder;
  /** Of every read, offset and length. */
  readonly reads: (readonly [offset: number, length: number])[];
  /** How many sources are open. */
  readonly numOpen: () => number;
}

/** The same folder, of which is seen what is opened, read and closed. */
export function watchedFolder(plain: ModelFolder): WatchedFolder {
  const reads: (readonly [number, number])[] = [];
  let numOpen = 0;
  const folder: ModelFolder = {
    ...plain,
    async open(fileName, expected) {
      const source = await plain.open(fileName, expected);
      if (source === null) return null;
      numOpen++;
      return {
        ...source,
        read: (offset, length) => (reads.push([offset, length]), source.read(offset, length)),
        [Symbol.dispose]: () => void numOpen--,
      };
    },
  };
  return { folder, reads, numOpen: () => numOpen };
}
