/**
 * Recordings that are kept over a reload, in IndexedDB. What a list shows stands in a store of its own, so that a list
 * of long runs is read at once. The newest run of the page has a place of its own until it is given a name.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { Recording } from '@/protocol/recording.ts';
import type { PlayableRun } from './playback-slice.ts';
import { isRecording } from './run-items.ts';

const DATABASE = 'duet-runs';
const RUNS = 'runs';
const SUMMARIES = 'summaries';
const LAST = 'last';

export interface RunSummary {
  /** Where it is kept: its id, or the place of the last run. */
  readonly key: string;
  readonly isLast: boolean;
  readonly name: string;
  readonly createdAt: string;
  readonly model: string;
  readonly device: string;
  readonly numSteps: number;
}

/** Why something was not kept, in words that say what to do. */
export class StorageRefusal extends Error {
  override readonly name = 'StorageRefusal';
}

async function withDatabase<Result>(work: (database: IDBPDatabase) => Promise<Result>): Promise<Result> {
  const database = await openDB(DATABASE, 1, {
    upgrade(fresh) {
      fresh.createObjectStore(RUNS);
      fresh.createObjectStore(SUMMARIES);
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

async function put(run: PlayableRun, summary: RunSummary): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction([RUNS, SUMMARIES], 'readwrite');
    await Promise.all([
      transaction.objectStore(RUNS).put(run, summary.key),
      transaction.objectStore(SUMMARIES).put(summary, summary.key),
      transaction.done,
    ]);
  });
}

/**
 * Keys begin with what they are for: an id out of a file can take no other place.
 *
 * @param name  of a trace, which has none of its own
 */
export function summaryOf(run: PlayableRun, name = ''): RunSummary {
  const numSteps = run.result.steps.length;
  if (!isRecording(run)) {
    const createdAt = new Date().toISOString();
    return { key: `trace ${name}`, isLast: false, name, createdAt, model: '', device: '', numSteps };
  }
  const { id, model, device, createdAt } = run.recording;
  const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ');
  return {
    key: `run ${id}`,
    isLast: false,
    name: run.recording.name,
    createdAt,
    model: model.name,
    device: device.isSoftware ? `${adapter} (software)` : adapter,
    numSteps,
  };
}

/** @throws {StorageRefusal} when the browser has no room or allows no storage */
export async function keepRun(run: PlayableRun, summary: RunSummary): Promise<void> {
  try {
    await put(run, summary);
  } catch (error) {
    throw new StorageRefusal(
      error instanceof DOMException && error.name === 'QuotaExceededError'
        ? 'The browser has no room for this run. Delete other runs, or export this one as a file.'
        : 'The browser keeps nothing for this page, as in private windows. Export the run as a file.',
      { cause: error },
    );
  }
}

/** Storage that is full or forbidden is no error here: nobody asked for it. */
export async function keepLastRun(recording: Recording): Promise<void> {
  try {
    await put(recording, { ...summaryOf(recording), key: LAST, isLast: true });
  } catch {
    // As above.
  }
}

/** Named runs, newest first, behind the last run. Empty where nothing can be kept. */
export async function listRuns(): Promise<readonly RunSummary[]> {
  try {
    const found = await withDatabase((database) => database.getAll(SUMMARIES) as Promise<unknown[]>);
    const rank = (run: RunSummary): string => `${run.isLast ? 1 : 0}${run.createdAt}`;
    return found.filter(isSummary).toSorted((a, b) => rank(b).localeCompare(rank(a)));
  } catch {
    return [];
  }
}

/** Null where there is none of that key. What is found was checked when it came in. */
export async function findRun(key: string): Promise<PlayableRun | null> {
  try {
    const found: unknown = await withDatabase((database) => database.get(RUNS, key));
    return isRun(found) ? found : null;
  } catch {
    return null;
  }
}

export async function deleteRun(key: string): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction([RUNS, SUMMARIES], 'readwrite');
    await Promise.all([
      transaction.objectStore(RUNS).delete(key),
      transaction.objectStore(SUMMARIES).delete(key),
      transaction.done,
    ]);
  });
}

function isSummary(value: unknown): value is RunSummary {
  return typeof value === 'object' && value !== null && 'key' in value && 'createdAt' in value && 'numSteps' in value;
}

function isRun(value: unknown): value is PlayableRun {
  return typeof value === 'object' && value !== null && 'setup' in value && 'result' in value;
}
