import '@/ui/stream-text.css';
import { useRef, type ReactElement } from 'react';
import { openChatOf } from '@/state/chat-slice.ts';
import { pathOf, siblingIdsOf, type Conversation } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
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
        return node.role === 'user' ? (
          <Question key={node.id} node={node} {...common} />
        ) : (
          <Answer key={node.id} node={node} {...common} />
        );
      })}
    </>
  );
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
