/**
 * The last evaluation, kept over a reload: its head, and every answer by itself as soon as it is complete. In IndexedDB,
 * since an answer's trace can be hundreds of kilobytes.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { EvaluationRecord, EvaluationSummary } from '@/protocol/evaluation.ts';
import { NO_SUMMARY, type EvaluationHead, type KeptEvaluation } from './evaluation-view.ts';

const DATABASE = 'duet-evaluations';
/** Holds head and summary. */
const LAST = 'last';
/** One entry per answer, by configuration and item. */
const RECORDS = 'records';

function open(): Promise<IDBPDatabase> {
  return openDB(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore(LAST);
      database.createObjectStore(RECORDS);
    },
  });
}

/** Storage that is full or forbidden is no error: the page works on, it only forgets. */
async function attempt(write: (database: IDBPDatabase) => Promise<unknown>): Promise<void> {
  try {
    const database = await open();
    try {
      await write(database);
    } finally {
      database.close();
    }
  } catch {
    // As above.
  }
}

/** Forgets the one before. */
export function keepNewEvaluation(head: EvaluationHead): Promise<void> {
  return attempt(async (database) => {
    const change = database.transaction([LAST, RECORDS], 'readwrite');
    await change.objectStore(RECORDS).clear();
    await change.objectStore(LAST).put(NO_SUMMARY, 'summary');
    await change.objectStore(LAST).put(head, 'head');
    await change.done;
  });
}

/** @param summary  as it is with this record */
export function keepEvaluationRecord(record: EvaluationRecord, summary: EvaluationSummary): Promise<void> {
  return attempt(async (database) => {
    const change = database.transaction([LAST, RECORDS], 'readwrite');
    await change.objectStore(RECORDS).put(record, [record.configuration, record.itemId]);
    await change.objectStore(LAST).put(summary, 'summary');
    await change.done;
  });
}

/** Null where there is none, or none that this page can read. */
export async function findEvaluation(): Promise<KeptEvaluation | null> {
  let found: KeptEvaluation | null = null;
  await attempt(async (database) => {
    const head: unknown = await database.get(LAST, 'head');
    const summary: unknown = await database.get(LAST, 'summary');
    if (!isHead(head) || !isSummary(summary)) return;
    found = { head, summary, records: (await database.getAll(RECORDS)) as readonly EvaluationRecord[] };
  });
  return found;
}

function isHead(value: unknown): value is EvaluationHead {
  if (typeof value !== 'object' || value === null) return false;
  const { format, items } = value as Partial<EvaluationHead>;
  return format === 'duet-evaluation-head-1' && Array.isArray(items);
}

function isSummary(value: unknown): value is EvaluationSummary {
  if (typeof value !== 'object' || value === null) return false;
  const { rows, pairs } = value as Partial<EvaluationSummary>;
  return Array.isArray(rows) && Array.isArray(pairs);
}
