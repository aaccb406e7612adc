import './chat-list.css';
import { Button, Menu } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { ChatSummary } from '@/state/chat-storage.ts';
import { MAX_CHAT_NAME } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { FileButton } from '@/ui/file-button.tsx';
import { formatDate } from '@/ui/format.ts';
import { NameForm } from '@/ui/name-form.tsx';
import { Notice } from '@/ui/notice.tsx';
import { useFocusBack } from '@/ui/use-focus-back.ts';
import { useChats, type Chats } from './use-chats.ts';

/** All conversations, newest first: open, new, rename, export, delete. */
export function ChatList({ onOpened }: { readonly onOpened: () => void }): ReactElement {
  const chats = useChats();
  const list = useAppState((state) => state.chatList);
  const openChatId = useAppState((state) => state.openChatId);
  const open = (id: string | null): void => {
    chats.open(id);
    onOpened();
  };
  return (
    <div className="chat-list">
      <div className="chat-list__head">
        <Button variant="default" onClick={() => open(null)} disabled={openChatId === null}>
          New
        </Button>
        <FileButton
          label="Import"
          name="Conversation file"
          accept=".json,application/json"
          title="A conversation that was exported as JSON"
          onFile={chats.importFile}
        />
      </div>
      <StorageNotice chats={chats} />
      <OutcomeLine chats={chats} />
      {list.length === 0 && <p className="chat-list__empty">Conversations stand here once you have asked something.</p>}
      <ul>
        {list.map((chat) => (
          <ChatRow
            key={chat.id}
            chat={chat}
            isOpen={chat.id === openChatId}
            chats={chats}
            onOpen={() => open(chat.id)}
          />
        ))}
      </ul>
    </div>
  );
}

interface ChatRowProps {
  readonly chat: ChatSummary;
  readonly isOpen: boolean;
  readonly chats: Chats;
  readonly onOpen: () => void;
}

function ChatRow({ chat, isOpen, chats, onOpen }: ChatRowProps): ReactElement {
  const [isNaming, setIsNaming] = useState(false);
  const { attach, giveBack } = useFocusBack();
  const isWriting = useAppState((state) => state.chatRun?.chatId === chat.id);
  if (isNaming)
    return (
      <li className="chat-row" data-open={isOpen}>
        <NameForm
          name={chat.name}
          maxLength={MAX_CHAT_NAME}
          onDone={(name) => {
            setIsNaming(false);
            giveBack();
            if (name !== null) chats.rename(chat, name);
          }}
        />
      </li>
    );
  return (
    <li className="chat-row" data-open={isOpen}>
      <button type="button" className="chat-row__open" aria-current={isOpen ? 'true' : undefined} onClick={onOpen}>
        <span className="chat-row__name" dir="auto" title={chat.name}>
          {chat.name}
        </span>
        <span className="chat-row__facts">{isWriting ? 'writing…' : formatDate(chat.changedAt)}</span>
      </button>
      <Menu position="bottom-end">
        <Menu.Target>
          <button ref={attach} type="button" className="chat-row__more" aria-label={`More: ${chat.name}`}>
            <svg viewBox="0 0 16 4" width="14" height="4" aria-hidden="true">
              <path d="M0 0h4v4H0zM6 0h4v4H6zM12 0h4v4h-4z" fill="currentColor" />
            </svg>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setIsNaming(true)}>Rename</Menu.Item>
          <Menu.Item onClick={() => chats.exportMarkdown(chat)}>Export what is shown as Markdown</Menu.Item>
          <Menu.Item onClick={() => chats.exportJson(chat)}>Export all versions as JSON</Menu.Item>
          <Menu.Item onClick={() => chats.saveScenario(chat)}>Save what is shown as scenario</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => chats.remove(chat)}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

function StorageNotice({ chats }: { readonly chats: Chats }): ReactElement | null {
  const isRefused = useAppState((state) => state.chatStorage === 'refused');
  const damaged = useAppState((state) => state.damagedChats);
  const [id] = damaged;
  if (id !== undefined)
    return (
      <Notice
        what={
          damaged.length === 1 ? 'A conversation cannot be read.' : `${damaged.length} conversations cannot be read.`
        }
        why="What the browser keeps of it is damaged. It was left as it is."
        remedy="Save it to look at it, or delete it."
        action={
          <div className="chat-list__head">
            <Button variant="default" onClick={() => chats.saveDamaged(id)}>
              Save it
            </Button>
            <Button variant="default" onClick={() => chats.deleteDamaged(id)}>
              Delete it
            </Button>
          </div>
        }
      />
    );
  if (!isRefused) return null;
  return (
    <Notice
      what="Conversations are not kept."
      why="The browser has no room, or keeps nothing for this page, as in private windows."
      remedy="Export what you want to keep."
    />
  );
}

/** What became of the last action, and the way back. */
function OutcomeLine({ chats: { outcome } }: { readonly chats: Chats }): ReactElement {
  if (outcome?.kind === 'refused') return <Notice what={outcome.what} why={outcome.why} remedy="" />;
  const undo = outcome?.undo;
  return (
    <div className="chat-list__outcome" role="status">
      <span>{outcome?.text}</span>
      {undo !== undefined && (
        // What was pressed is gone with its row.
        <Button ref={focused} variant="default" size="compact-xs" onClick={undo}>
          Undo
        </Button>
      )}
    </div>
  );
}

function focused(element: HTMLElement | null): void {
  element?.focus();
}
