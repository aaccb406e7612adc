import { openDB, type IDBPDatabase } from 'idb';

const DATABASE = 'duet-absent-files';
const STORE = 'urls';

/**
 * Addresses at which a server said that there is no file, in IndexedDB: which of a folder's optional files it lacks is a
 * part of the folder, and is needed to open the copy of it without a network. Where storage is forbidden nothing is kept.
 */
export async function noteAbsence(url: string): Promise<void> {
  try {
    await (await open()).put(STORE, true, url);
  } catch {
    // Asked again at the next load.
  }
}

/** Whether the file was not there when its server was last asked. */
export async function wasAbsent(url: string): Promise<boolean> {
  try {
    return (await (await open()).get(STORE, url)) === true;
  } catch {
    return false;
  }
}

let opening: Promise<IDBPDatabase> | undefined;

// Async, since there are environments without IndexedDB, where the library throws at once.
async function open(): Promise<IDBPDatabase> {
  opening ??= openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) });
  return opening;
}
