import { Button, Textarea } from '@mantine/core';
import { memo, useState, type KeyboardEvent, type ReactElement } from 'react';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import type { QuestionNode } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { useFocusBack } from '@/ui/use-focus-back.ts';
import { BranchNav } from './branch-nav.tsx';
import { useChat } from './chat-context.tsx';
import { CopyText } from './copy-text.tsx';
import { MessageBody } from './message-body.tsx';

interface QuestionProps {
  readonly chatId: string;
  readonly node: QuestionNode;
  readonly place: number;
  readonly count: number;
  readonly isLast: boolean;
}

/** What the person said; can be said otherwise, which begins a branch of its own. */
export const Question = memo(function Question({ chatId, node, place, count, isLast }: QuestionProps): ReactElement {
  const chat = useChat();
  const obstacle = useAppState(reasonNotToAsk);
  const [isEdited, setIsEdited] = useState(false);
  const { attach, giveBack } = useFocusBack();
  return (
    <article className="message message--question" data-actor="user" aria-label="Your question">
      <header className="message__head">
        <strong>
          <ActorMark actor="user" /> You
        </strong>
      </header>
      {isEdited ? (
        <QuestionEdit
          text={node.text}
          obstacle={obstacle}
          onDone={(text) => {
            setIsEdited(false);
            if (text === null) giveBack();
            else chat.edit(node.id, text);
          }}
        />
      ) : (
        <>
          <div className="message__body">
            <MessageBody text={node.text} isGrowing={false} />
          </div>
          <div className="message__foot">
            <BranchNav chatId={chatId} nodeId={node.id} place={place} count={count} what="question" />
            <CopyText text={node.text} what="question" />
            <Button ref={attach} variant="subtle" size="compact-xs" onClick={() => setIsEdited(true)}>
              Edit
            </Button>
            {isLast && (
              <Button
                variant="default"
                size="compact-xs"
                disabled={obstacle !== null}
                title={obstacle ?? undefined}
                onClick={() => chat.regenerate(node.id)}
              >
                Answer it
              </Button>
            )}
          </div>
        </>
      )}
    </article>
  );
});

interface QuestionEditProps {
  readonly text: string;
  readonly obstacle: string | null;
  /** Null: as it was. */
  readonly onDone: (text: string | null) => void;
}

function QuestionEdit({ text, obstacle, onDone }: QuestionEditProps): ReactElement {
  const [edited, setEdited] = useState(text);
  const isPossible = obstacle === null && edited.trim() !== '';
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onDone(null);
    }
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (isPossible) onDone(edited);
  };
  return (
    <div className="question-edit">
      <Textarea
        aria-label="The question, edited"
        autosize
        minRows={1}
        maxRows={12}
        ref={focused}
        value={edited}
        onChange={(event) => setEdited(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className="message__foot">
        <Button size="compact-xs" disabled={!isPossible} onClick={() => onDone(edited)}>
          Ask this instead
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => onDone(null)}>
          Cancel
        </Button>
        <span className="message__note">{obstacle ?? 'What was said stays as a version beside it.'}</span>
      </div>
    </div>
  );
}

function focused(element: HTMLTextAreaElement | null): void {
  if (element === null || element === document.activeElement) return;
  element.focus();
  element.setSelectionRange(element.value.length, element.value.length);
}
