import { Button } from '@mantine/core';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { useChat } from './chat-context.tsx';
import { Toggles } from './toggles.tsx';

/** Safari ends a composition before it tells of the Enter that did so; only this code gives that Enter away. */
const COMPOSITION_KEY_CODE = 229;

/** The text box. It is never locked: the next question can be written while an answer comes. */
export function Composer({ inputRef }: { readonly inputRef: RefObject<HTMLTextAreaElement | null> }): ReactElement {
  const store = useAppStore();
  const chat = useChat();
  const draft = useAppState((state) => state.chatDraft);
  const isRunning = useAppState((state) => state.chatRun !== null);
  const obstacle = useAppState(reasonNotToAsk);
  const send = (): void => {
    if (chat.ask(draft)) store.getState().chatDraftChanged('');
    inputRef.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const { isComposing, keyCode } = event.nativeEvent;
    if (event.key !== 'Enter' || event.shiftKey || isComposing || keyCode === COMPOSITION_KEY_CODE) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="composer" data-actor="user">
      <textarea
        ref={inputRef}
        className="composer__input"
        dir="auto"
        rows={2}
        aria-label="Your message"
        aria-describedby="composer-note"
        placeholder="Ask something"
        value={draft}
        onChange={(event) => store.getState().chatDraftChanged(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer__foot">
        <span id="composer-note" className="composer__note">
          {isRunning || obstacle === null ? (
            <span className="composer__keys">Enter sends, Shift + Enter breaks the line</span>
          ) : (
            obstacle
          )}
        </span>
        <Toggles />
        {isRunning ? (
          <Button onClick={chat.stop}>Stop</Button>
        ) : (
          <Button disabled={obstacle !== null || draft.trim() === ''} onClick={send}>
            Send
          </Button>
        )}
      </div>
    </div>
  );
}
