import './composer.css';
import { Button } from '@mantine/core';
import { useEffect, type KeyboardEvent, type ReactElement, type RefObject } from 'react';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { isSendKey } from '@/ui/is-send-key.ts';
import { useChat } from './chat-context.tsx';
import { Toggles } from './toggles.tsx';

/** The text box. It is never locked: the next question can be written while an answer comes. */
export function Composer({ inputRef }: { readonly inputRef: RefObject<HTMLTextAreaElement | null> }): ReactElement {
  const store = useAppStore();
  const chat = useChat();
  const draft = useAppState((state) => state.chatDraft);
  const runId = useAppState((state) => state.chatRun?.answerId ?? null);
  const isRunning = runId !== null;
  const obstacle = useAppState(reasonNotToAsk);
  const send = (): void => {
    if (chat.ask(draft)) store.getState().chatDraftChanged('');
    inputRef.current?.focus();
  };
  const stop = (): void => {
    chat.stop();
    inputRef.current?.focus();
  };
  // What was pressed can be gone with the version that it belonged to. A touch screen would put its keyboard up.
  useEffect(() => {
    if (runId !== null && document.activeElement === document.body && matchMedia('(hover: hover)').matches)
      inputRef.current?.focus({ preventScroll: true });
  }, [runId, inputRef]);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (!isSendKey(event)) return;
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
          {isRunning && <span className="composer__keys">Esc stops the answer, Shift + Enter breaks the line</span>}
          {!isRunning &&
            (obstacle ?? <span className="composer__keys">Enter sends, Shift + Enter breaks the line</span>)}
        </span>
        <Toggles />
        {isRunning ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <Button disabled={obstacle !== null || draft.trim() === ''} onClick={send}>
            Send
          </Button>
        )}
      </div>
    </div>
  );
}
