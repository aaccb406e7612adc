/**
 * The last complete comparison, kept over a reload. In IndexedDB: with every token of four runs it can be megabytes,
 * which `localStorage`, written whole at each change of a setting, is not made for.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { Comparison } from '@/protocol/comparison.ts';
import { readComparison } from '@/protocol/comparison-schema.ts';

const DATABASE = 'duet-comparisons';
const STORE = 'comparisons';
const LAST = 'last';

function open(): Promise<IDBPDatabase> {
  return openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) });
}

/** Storage that is full or forbidden is no error: the page works on, it only forgets. */
export async function keepComparison(comparison: Comparison): Promise<void> {
  try {
    const database = await open();
    await database.put(STORE, comparison, LAST);
    database.close();
  } catch {
    // As above.
  }
}

/** Null where there is none, or none that this page can read. */
export async function findComparison(): Promise<Comparison | null> {
  try {
    const database = await open();
    const found: unknown = await database.get(STORE, LAST);
    database.close();
    return readComparison(found);
  } catch {
    return null;
  }
}
