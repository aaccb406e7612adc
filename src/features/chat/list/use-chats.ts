import { useMemo, useState } from 'react';
import { fileStem } from '@/lib/file-stem.ts';
import { randomId } from '@/lib/random-id.ts';
import { FAILURES } from '@/protocol/failures.ts';
import { chatMarkdown } from '@/state/chat-markdown.ts';
import { findChat, findRawChat, keepChats, type ChatSummary } from '@/state/chat-storage.ts';
import type { Conversation } from '@/state/chat-tree.ts';
import { readChatUpload, toChatFile } from '@/state/read-chat.ts';
import { scenarioFile } from '@/state/scenario/scenario-file.ts';
import { scenarioOfChat } from '@/state/scenario/scenario-of-chat.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { saveText } from '@/ui/save-file.ts';
import { useChat } from '../chat-context.tsx';

/** What the last thing that was done came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly text: string; readonly undo?: () => void }
  | { readonly kind: 'refused'; readonly what: string; readonly why: string };

export interface Chats {
  readonly outcome: Outcome | null;
  readonly open: (id: string | null) => void;
  readonly rename: (chat: ChatSummary, name: string) => void;
  readonly remove: (chat: ChatSummary) => void;
  readonly exportJson: (chat: ChatSummary) => void;
  readonly exportMarkdown: (chat: ChatSummary) => void;
  /** A file that repeats it and expects the same tokens. */
  readonly saveScenario: (chat: ChatSummary) => void;
  readonly importFile: (file: File) => void;
  /** An entry that cannot be read, as it is kept. */
  readonly saveDamaged: (id: string) => void;
  readonly deleteDamaged: (id: string) => void;
}

/** What can be done with whole conversations. */
export function useChats(): Chats {
  const store = useAppStore();
  const driver = useChat();
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const actions = useMemo(() => {
    /** Does it, and says what became of it. */
    function attempt(what: string, work: () => Promise<Outcome | null>): void {
      work().then(setOutcome, (error: unknown) =>
        setOutcome({ kind: 'refused', what, why: error instanceof Error ? error.message : String(error) }),
      );
    }

    async function load({ id }: ChatSummary): Promise<Conversation> {
      const chat = store.getState().chats[id] ?? (await findChat(id));
      if (chat === null) throw new Error('It is no longer kept in this browser.');
      return chat;
    }

    return {
      open: (id: string | null) => {
        setOutcome(null);
        store.getState().chatOpened(id);
      },
      rename: (chat: ChatSummary, name: string) =>
        attempt('The conversation was not renamed.', async () => {
          store.getState().chatRenamed(await load(chat), name);
          return null;
        }),
      remove: (summary: ChatSummary) =>
        attempt('The conversation was not deleted.', async () => {
          if (store.getState().chatRun?.chatId === summary.id) await driver.stopped();
          const chat = await load(summary);
          // One that was not opened in this visit is no change of the store's.
          await deleteKept(summary.id);
          store.getState().chatDeleted(summary.id);
          const undo = (): void => {
            setOutcome({ kind: 'done', text: `“${chat.name}” is back.` });
            // A new object is a change, which is written.
            store.getState().chatAdded({ ...chat });
          };
          return { kind: 'done', text: `Deleted “${chat.name}”.`, undo };
        }),
      saveScenario: (chat: ChatSummary) =>
        attempt('There is no scenario of this conversation.', async () => {
          const { name, text, need } = scenarioFile(scenarioOfChat(store.getState(), await load(chat)));
          saveText(name, 'application/json', text);
          return need === '' ? null : { kind: 'done', text: need };
        }),
      exportJson: (chat: ChatSummary) =>
        attempt('The conversation was not exported.', async () => {
          const found = await load(chat);
          saveText(fileNameOf(found.name, 'json'), 'application/json', JSON.stringify(toChatFile(found)));
          return null;
        }),
      exportMarkdown: (chat: ChatSummary) =>
        attempt('The conversation was not exported.', async () => {
          const found = await load(chat);
          saveText(fileNameOf(found.name, 'md'), 'text/markdown', chatMarkdown(found));
          return null;
        }),
      importFile: (file: File) =>
        attempt(`“${file.name}” was not imported. Nothing was changed.`, async () => {
          const read = await readChatUpload(file);
          // It takes no other one's place, not even that of one which cannot be read.
          const { chatList, damagedChats } = store.getState();
          const isTaken = chatList.some(({ id }) => id === read.id) || damagedChats.includes(read.id);
          const chat = isTaken ? { ...read, id: randomId() } : read;
          store.getState().chatAdded(chat);
          return { kind: 'done', text: `Imported “${chat.name}”.` };
        }),
      saveDamaged: (id: string) =>
        attempt(FAILURES.storageFailed, async () => {
          saveText('duet-chat-damaged.json', 'application/json', JSON.stringify(await findRawChat(id)));
          return null;
        }),
      deleteDamaged: (id: string) =>
        attempt(FAILURES.storageFailed, async () => {
          await deleteKept(id);
          store.getState().chatDamageOver(id);
          return null;
        }),
    };
  }, [driver, store]);

  return { outcome, ...actions };
}

/** @throws {Error} when the browser's storage did not take it */
async function deleteKept(id: string): Promise<void> {
  if (!(await keepChats([], [id]))) throw new Error('The browser’s storage did not take the change.');
}

function fileNameOf(name: string, extension: string): string {
  return `duet-chat-${fileStem(name, 'unnamed')}.${extension}`;
}
