/** Between the store and the browser's storage: reads the list once, writes what changes, takes over what other tabs do. */
import type { StoreApi } from 'zustand';
import type { AppState } from './app-store.ts';
import { findChat, findChats, keepChats, onKeptElsewhere, type KeptElsewhere } from './chat-storage.ts';

/** Between two writes while an answer grows: a reload loses no more than this. */
const WRITE_EVERY_MS = 1000;

const attached = new WeakSet<StoreApi<AppState>>();

/** Once per page. Nothing waits for it. */
export function keepChatsOf(store: StoreApi<AppState>): void {
  if (attached.has(store)) return;
  attached.add(store);
  void attach(store);
}

/** Over at once when no answer grows, or when it has ended. */
function restOf(store: StoreApi<AppState>): Promise<void> {
  return new Promise((resolve) => {
    if (store.getState().chatRun === null) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, WRITE_EVERY_MS);
    const unsubscribe = store.subscribe(({ chatRun }) => {
      if (chatRun === null) end();
    });
  });
}

async function attach(store: StoreApi<AppState>): Promise<void> {
  /** As it is kept, by id; what was only read is kept already. */
  let kept = store.getState().chats;
  let isWriting = false;
  // One write at a time; what comes meanwhile is in the next one.
  const write = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    for (let now = store.getState().chats; now !== kept; now = store.getState().chats) {
      const before = kept;
      const changed = Object.values(now).filter((chat) => before[chat.id] !== chat);
      const deleted = Object.keys(before).filter((id) => now[id] === undefined);
      const isKept = await keepChats(changed, deleted);
      store.getState().chatsWritten(isKept);
      // What was refused is tried again with the next change.
      if (!isKept) break;
      kept = now;
      await restOf(store);
    }
    isWriting = false;
  };
  store.subscribe((now, before) => {
    if (now.chats !== before.chats) void write();
    if (now.openChatId !== before.openChatId) void readOpen();
  });

  async function readOpen(): Promise<void> {
    const { openChatId: id, chats } = store.getState();
    if (id === null || chats[id] !== undefined) return;
    try {
      const found = await findChat(id);
      if (found === null) {
        store.getState().chatDeleted(id);
        return;
      }
      kept = { ...kept, [id]: found };
      store.getState().chatRead(found);
    } catch {
      store.getState().chatFoundDamaged(id);
    }
  }

  /** Two tabs with the same conversation: the one that is written in has it, the other follows. */
  async function takeOver({ changed, deleted }: KeptElsewhere): Promise<void> {
    const isOurs = (id: string): boolean => store.getState().chatRun?.chatId === id;
    for (const id of changed) {
      const found = isOurs(id) ? null : await findChat(id).catch(() => null);
      if (found === null || isOurs(id)) continue;
      if (store.getState().chats[id] !== undefined) kept = { ...kept, [id]: found };
      store.getState().chatKeptElsewhere(found);
    }
    for (const id of deleted.filter((one) => !isOurs(one))) {
      kept = Object.fromEntries(Object.entries(kept).filter(([one]) => one !== id));
      store.getState().chatDeleted(id);
    }
  }

  onKeptElsewhere((change) => void takeOver(change));
  store.getState().chatsFound(await findChats());
  await readOpen();
  await write();
}
