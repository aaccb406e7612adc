import { openDB, type IDBPDatabase } from 'idb';
import { Failure } from '@/lib/failure.ts';

const DATABASE = 'duet-absent-files';
const STORE = 'urls';

/**
 * Opens a file of a folder that may lack it. Without a network, it lacks what its server did not have when it was last
 * asked.
 *
 * @returns null if there is no such file
 * @throws what `read` throws for every other reason
 */
export async function unlessAbsent<Source>(url: string, read: () => Promise<Source>): Promise<Source | null> {
  try {
    return await read();
  } catch (error) {
    if (isAbsence(error)) await noteAbsence(url);
    else if (!isUnreachable(error) || !(await wasAbsent(url))) throw error;
    return null;
  }
}

/** "Not found", or a web page in place of the file, which some servers answer for every address. */
function isAbsence(error: unknown): boolean {
  if (!(error instanceof Failure) || error.code !== 'downloadFailed') return false;
  const status = error.details['status'];
  return status === 404 || (typeof status === 'number' && status >= 200 && status < 300);
}

/** The server did not answer. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Failure && error.code === 'downloadFailed' && error.details['status'] === undefined;
}

/**
 * Addresses at which a server said that there is no file, in IndexedDB: which of a folder's optional files it lacks is a
 * part of the folder, and is needed to open the copy of it without a network. Where storage is forbidden nothing is kept.
 */
async function noteAbsence(url: string): Promise<void> {
  try {
    await (await open()).put(STORE, true, url);
  } catch {
    // Asked again at the next load.
  }
}

/** Whether the file was not there when its server was last asked. */
async function wasAbsent(url: string): Promise<boolean> {
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
