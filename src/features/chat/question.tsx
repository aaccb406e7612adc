import { Button, Textarea } from '@mantine/core';
import { memo, useState, type KeyboardEvent, type ReactElement } from 'react';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import type { QuestionNode } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { isComposingKey, isSendKey } from '@/ui/is-send-key.ts';
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
  // Another version can take this one's place meanwhile: it is not what was being edited.
  const [editedId, setEditedId] = useState<string | null>(null);
  const { attach, giveBack } = useFocusBack();
  return (
    <article className="message message--question" data-actor="user" aria-label="Your question">
      <header className="message__head">
        <strong>
          <ActorMark actor="user" /> You
        </strong>
      </header>
      {editedId === node.id ? (
        <QuestionEdit
          text={node.text}
          obstacle={obstacle}
          onDone={(text) => {
            setEditedId(null);
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
            <Button ref={attach} variant="subtle" size="compact-xs" onClick={() => setEditedId(node.id)}>
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
    // Escape leaves what is composed first.
    if (event.key === 'Escape' && !isComposingKey(event.nativeEvent)) {
      event.stopPropagation();
      onDone(null);
    }
    if (!isSendKey(event)) return;
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
