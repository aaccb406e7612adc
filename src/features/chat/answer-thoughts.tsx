import { useId, useState, type ReactElement } from 'react';
import type { ChatToken } from '@/protocol/chat.ts';
import type { AnswerNode } from '@/state/chat-tree.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { MessageBody } from './message-body.tsx';
import { AnswerTokens } from './tokens/answer-tokens.tsx';

interface AnswerThoughtsProps {
  readonly node: AnswerNode;
  /** Null: not shown. */
  readonly tokens: readonly ChatToken[] | null;
}

/** What stood between <think> and </think>, above the answer and closed until somebody opens it. */
export function AnswerThoughts({ node, tokens }: AnswerThoughtsProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const { thinking, text, state } = node;
  const isGrowing = state === 'running' && text === '';
  return (
    <div className="answer-thoughts" data-actor="thinker">
      <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setIsOpen(!isOpen)}>
        <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
          <path d="M3 1l4 4-4 4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
        <ActorMark actor="thinker" />
        {isGrowing ? 'Thinking' : 'Thoughts'}
        <span>{wordsText(thinking ?? '')}</span>
      </button>
      <div id={id} className="answer-thoughts__text" hidden={!isOpen}>
        {isOpen &&
          (tokens === null ? (
            <MessageBody text={thinking ?? ''} isGrowing={isGrowing} />
          ) : (
            <AnswerTokens tokens={tokens} part="thoughts" />
          ))}
      </div>
    </div>
  );
}

function wordsText(text: string): string {
  const count = text.trim() === '' ? 0 : text.trim().split(/\s+/).length;
  return count === 1 ? '1 word' : `${count.toLocaleString('en')} words`;
}
