import '@/ui/stream-text.css';
import './messages.css';
import { useRef, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { openChatOf } from '@/state/chat-slice.ts';
import { loadFailureOf } from '@/state/chat-status.ts';
import { pathOf, siblingIdsOf, type Conversation } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { SentenceAnnouncer } from '@/ui/sentence-announcer.tsx';
import { useFollowing } from '@/ui/use-following.ts';
import { Answer } from './answer.tsx';
import { FirstQuestions } from './first-questions.tsx';
import { Question } from './question.tsx';

/** The shown versions of the conversation. Follows the newest word until the reader scrolls up. */
export function Messages({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const chatId = useAppState((state) => state.openChatId);
  // Another conversation is followed anew.
  return <MessagesOf key={chatId} onChosen={onChosen} />;
}

function MessagesOf({ onChosen }: { readonly onChosen: () => void }): ReactElement {
  const content = useRef<HTMLDivElement>(null);
  const chat = useAppState(openChatOf);
  const isReading = useAppState((state) => state.openChatId !== null && openChatOf(state) === undefined);
  const { scroller, isFollowing, onScroll, followAgain } = useFollowing(content, chat !== undefined);
  return (
    <div className="messages">
      <button type="button" className="messages__skip" onClick={onChosen}>
        To the text box
      </button>
      {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div
        className="messages__scroll"
        ref={scroller}
        onScroll={onScroll}
        role="group"
        aria-label="Conversation"
        tabIndex={0}
        data-testid="chat-messages"
      >
        {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex */}
        <div ref={content} className="messages__content">
          {chat !== undefined && <Path chat={chat} />}
          <LoadFailure />
          {chat === undefined && !isReading && <FirstQuestions onChosen={onChosen} />}
          {isReading && <p className="message__pending">The conversation is being read.</p>}
        </div>
      </div>
      {!isFollowing && chat !== undefined && (
        <button type="button" className="stream__newest" onClick={followAgain}>
          To the newest ↓
        </button>
      )}
      <Announced />
    </div>
  );
}

function Path({ chat }: { readonly chat: Conversation }): ReactElement {
  const path = pathOf(chat);
  return (
    <>
      {path.map((node, index) => {
        const siblings = siblingIdsOf(chat, node);
        const common = {
          chatId: chat.id,
          place: siblings.indexOf(node.id) + 1,
          count: siblings.length,
          isLast: index === path.length - 1,
        };
        // The place is the identity: what is opened, and where the keyboard is, stays from version to version.
        return node.role === 'user' ? (
          <Question key={index} node={node} {...common} />
        ) : (
          <Answer key={index} node={node} {...common} />
        );
      })}
    </>
  );
}

/** The model that would answer is not there. */
function LoadFailure(): ReactElement | null {
  const failure = useAppState(loadFailureOf);
  if (failure === null) return null;
  return <Notice what="The model was not loaded." why={failure.message} remedy={FAILURES[failure.code]} />;
}

/** For screen readers: the answer under way, sentence by sentence; what was there already is not said. */
function Announced(): ReactElement {
  const last = useAppState((state) => {
    const chat = openChatOf(state);
    return chat === undefined ? undefined : pathOf(chat).at(-1);
  });
  const answer = last?.role === 'assistant' ? last : undefined;
  return (
    <SentenceAnnouncer
      key={answer?.id}
      text={answer?.text ?? ''}
      isComplete={answer !== undefined && answer.state !== 'running'}
    />
  );
}
