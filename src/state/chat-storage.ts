/**
 * Conversations that are kept over a reload, in IndexedDB. What the list shows stands in a store of its own, so that it
 * is read at once however long the conversations are.
 */
import { openDB, type IDBPDatabase } from 'idb';
import { z } from 'zod';
import { randomId } from '@/lib/random-id.ts';
import { MAX_CHAT_NAME, type Conversation } from './chat-tree.ts';
import { readChatFile, toChatFile } from './read-chat.ts';

const DATABASE = 'duet-chats';
const CHATS = 'chats';
const SUMMARIES = 'summaries';

/** A line of the list. */
export interface ChatSummary {
  readonly id: string;
  readonly name: string;
  readonly changedAt: string;
  readonly numMessages: number;
}

const summarySchema = z.strictObject({
  id: z.string(),
  name: z.string().min(1).max(MAX_CHAT_NAME),
  changedAt: z.iso.datetime(),
  numMessages: z.int().min(0),
});

export interface FoundChats {
  /** Newest first. */
  readonly list: readonly ChatSummary[];
  /** Keys of entries that cannot be read; they are left as they are. */
  readonly damaged: readonly string[];
}

export function summaryOf({ id, name, changedAt, nodes }: Conversation): ChatSummary {
  return { id, name, changedAt, numMessages: Object.keys(nodes).length };
}

async function withDatabase<Result>(work: (database: IDBPDatabase) => Promise<Result>): Promise<Result> {
  const database = await openDB(DATABASE, 1, {
    upgrade(fresh) {
      fresh.createObjectStore(CHATS);
      fresh.createObjectStore(SUMMARIES);
    },
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** Null where the browser keeps nothing for this page. */
export async function findChats(): Promise<FoundChats | null> {
  try {
    return await withDatabase(async (database) => {
      const list: ChatSummary[] = [];
      const damaged: string[] = [];
      for (const key of await database.getAllKeys(CHATS)) {
        const parsed = summarySchema.safeParse(await database.get(SUMMARIES, key));
        if (parsed.success && parsed.data.id === key) list.push(parsed.data);
        else damaged.push(typeof key === 'string' ? key : JSON.stringify(key));
      }
      return { list: list.toSorted((a, b) => b.changedAt.localeCompare(a.changedAt)), damaged };
    });
  } catch {
    return null;
  }
}

/** What is kept under the key, as it is; undefined: nothing. */
export async function findRawChat(id: string): Promise<unknown> {
  return withDatabase((database) => database.get(CHATS, id) as Promise<unknown>);
}

/**
 * @returns null where nothing is kept under that id
 * @throws {Failure} 'invalidConfig' where something is that cannot be read
 */
export async function findChat(id: string): Promise<Conversation | null> {
  const kept = await findRawChat(id);
  return kept === undefined ? null : readChatFile(kept, 'The kept conversation');
}

const CHANNEL = 'duet-chats';
const THIS_PAGE = randomId();

/** What a page of the same browser has kept. */
const kept = z.strictObject({ from: z.string(), changed: z.array(z.string()), deleted: z.array(z.string()) });

export type KeptElsewhere = Readonly<Pick<z.infer<typeof kept>, 'changed' | 'deleted'>>;

/** While an answer grows, what is kept is not yet what was said. */
function isAtRest({ nodes }: Conversation): boolean {
  return Object.values(nodes).every((node) => node.role === 'user' || node.state !== 'running');
}

function tellOthers(message: { from: string; changed: readonly string[]; deleted: readonly string[] }): void {
  if (message.changed.length + message.deleted.length === 0) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(message);
  channel.close();
}

/** Tells of what other tabs with this page change, for as long as the page is there. */
export function onKeptElsewhere(tell: (change: KeptElsewhere) => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const parsed = kept.safeParse(data);
    if (parsed.success && parsed.data.from !== THIS_PAGE) tell(parsed.data);
  });
}

/** Writes and deletes in one transaction. @returns whether the browser keeps it */
export async function keepChats(changed: readonly Conversation[], deleted: readonly string[]): Promise<boolean> {
  try {
    await withDatabase(async (database) => {
      const transaction = database.transaction([CHATS, SUMMARIES], 'readwrite');
      const chats = transaction.objectStore(CHATS);
      const summaries = transaction.objectStore(SUMMARIES);
      await Promise.all([
        ...changed.flatMap((chat) => [chats.put(toChatFile(chat), chat.id), summaries.put(summaryOf(chat), chat.id)]),
        ...deleted.flatMap((id) => [chats.delete(id), summaries.delete(id)]),
        transaction.done,
      ]);
    });
    tellOthers({ from: THIS_PAGE, changed: changed.filter(isAtRest).map(({ id }) => id), deleted });
    return true;
  } catch {
    return false;
  }
}
