/** The last group that is over, kept over a reload. In IndexedDB, since its token ids can be hundreds of kilobytes. */
import { openDB, type IDBPDatabase } from 'idb';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { readGroupRecord } from './read-group-record.ts';

const DATABASE = 'duet-negotiations';
const GROUPS = 'groups';
const LAST = 'last';

/** Storage that is full or forbidden is no error: the page works on, it only forgets. */
async function attempt(work: (database: IDBPDatabase) => Promise<unknown>): Promise<void> {
  try {
    const database = await openDB(DATABASE, 1, {
      upgrade(fresh) {
        fresh.createObjectStore(GROUPS);
      },
    });
    try {
      await work(database);
    } finally {
      database.close();
    }
  } catch {
    // As above.
  }
}

/** Forgets the one before. */
export function keepGroup(record: GroupRecord): Promise<void> {
  return attempt((database) => database.put(GROUPS, record, LAST));
}

/** Null where there is none, or none that this page can read. */
export async function findGroup(): Promise<GroupRecord | null> {
  let found: GroupRecord | null = null;
  await attempt(async (database) => {
    const kept: unknown = await database.get(GROUPS, LAST);
    if (kept !== undefined) found = readGroupRecord(kept);
  });
  return found;
}
