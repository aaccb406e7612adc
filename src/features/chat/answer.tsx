import { Button } from '@mantine/core';
import { memo, useState, type ReactElement } from 'react';
import type { ChatModelKind, ChatToken } from '@/protocol/chat.ts';
import { FAILURES, type FailureMessage } from '@/protocol/failures.ts';
import { reasonNotToAsk } from '@/state/chat-status.ts';
import type { AnswerNode } from '@/state/chat-tree.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { Notice } from '@/ui/notice.tsx';
import { AnswerFacts } from './answer-facts.tsx';
import { BranchNav } from './branch-nav.tsx';
import { useChat } from './chat-context.tsx';
import { canContinueInPlace, CONTINUE_TEXT } from './chat-driver.ts';
import { CopyText } from './copy-text.tsx';
import { MessageBody } from './message-body.tsx';
import { AnswerThoughts } from './answer-thoughts.tsx';
import { AnswerTokens } from './tokens/answer-tokens.tsx';
import { saveTokens, TokenTable } from './tokens/token-table.tsx';

interface AnswerProps {
  readonly chatId: string;
  readonly node: AnswerNode;
  readonly place: number;
  readonly count: number;
  /** Nothing follows it. */
  readonly isLast: boolean;
}

/** What a model said: thoughts, text or tokens, what it took, and what can be done with it. */
export const Answer = memo(function Answer(props: AnswerProps): ReactElement {
  const { node, isLast } = props;
  const areTokensShown = useAppState((state) => state.areChatTokensShown);
  const [isTable, setIsTable] = useState(false);
  const isRunning = node.state === 'running';
  const tokens = areTokensShown ? node.tokens : null;
  return (
    <article className="message message--answer" data-actor="writer" aria-label={`Answer by ${node.made.model}`}>
      <header className="message__head">
        <strong dir="auto">
          <ActorMark actor="writer" /> {node.made.model}
        </strong>
        <AnswerFacts node={node} />
      </header>
      {node.thinking !== null && <AnswerThoughts node={node} tokens={tokens} />}
      <div className="message__body" data-testid={isLast ? 'chat-answer' : undefined} aria-busy={isRunning}>
        <AnswerText node={node} tokens={tokens} isTable={isTable} />
      </div>
      {areTokensShown && node.tokens === null && !isRunning && (
        <p className="message__note">This answer has no token probabilities. Regenerate it for one with them.</p>
      )}
      <Ending node={node} isLast={isLast} />
      {!isRunning && <Foot {...props} tokens={tokens} isTable={isTable} onTable={setIsTable} />}
    </article>
  );
});

interface AnswerTextProps {
  readonly node: AnswerNode;
  readonly tokens: readonly ChatToken[] | null;
  readonly isTable: boolean;
}

function AnswerText({ node, tokens, isTable }: AnswerTextProps): ReactElement {
  const isRunning = node.state === 'running';
  if (isRunning && node.text === '') return <p className="message__pending">{pendingText(node)}</p>;
  if (tokens === null) return <MessageBody text={node.text} isGrowing={isRunning} />;
  return isTable ? <TokenTable tokens={tokens} /> : <AnswerTokens tokens={tokens} part="answer" />;
}

interface FootProps extends AnswerProps {
  readonly tokens: readonly ChatToken[] | null;
  readonly isTable: boolean;
  readonly onTable: (isTable: boolean) => void;
}

function Foot({ chatId, node, place, count, tokens, isTable, onTable }: FootProps): ReactElement {
  return (
    <div className="message__foot">
      <BranchNav chatId={chatId} nodeId={node.id} place={place} count={count} what="answer" />
      {node.text !== '' && <CopyText text={node.text} what="answer" />}
      <Again node={node} />
      {tokens !== null && (
        <>
          <Button variant="subtle" size="compact-xs" aria-pressed={isTable} onClick={() => onTable(!isTable)}>
            Table
          </Button>
          <Button
            variant="subtle"
            size="compact-xs"
            title="All tokens with their probabilities"
            onClick={() => saveTokens(tokens)}
          >
            CSV
          </Button>
        </>
      )}
    </div>
  );
}

function pendingText({ thinking }: AnswerNode): string {
  return thinking === null ? 'The model reads the conversation.' : 'It thinks before it answers.';
}

function Again({ node }: { readonly node: AnswerNode }): ReactElement {
  const chat = useChat();
  const obstacle = useAppState(reasonNotToAsk);
  const { parentId } = node;
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      disabled={obstacle !== null}
      title={obstacle ?? 'Another answer beside this one, drawn with the next seed'}
      onClick={() => {
        if (parentId !== null) chat.regenerate(parentId);
      }}
    >
      {node.state === 'failed' ? 'Try again' : 'Regenerate'}
    </Button>
  );
}

/** What web-llm's own failures say already is not said again as if it were a server's. */
function remedyOf({ code }: FailureMessage, kind: ChatModelKind): string {
  return kind === 'webLlm' && code === 'endpointFailed' ? '' : FAILURES[code];
}

/** How it ended, where there is something to say. */
function Ending({ node, isLast }: { readonly node: AnswerNode; readonly isLast: boolean }): ReactElement | null {
  const { failure, state, stopReason, notes, made } = node;
  return (
    <>
      {notes.map((note) => (
        <p key={note} className="message__note">
          {note}
        </p>
      ))}
      {failure !== null && (
        <Notice
          what={node.text === '' ? 'There is no answer.' : 'The answer was broken off.'}
          why={failure.message}
          remedy={remedyOf(failure, made.kind)}
        />
      )}
      {state === 'stopped' && (
        <p className="message__note">
          {node.text === '' ? 'Stopped before the first word of the answer.' : 'Stopped. What was written is kept.'}
        </p>
      )}
      {stopReason === 'contextFull' && (
        <p className="message__note">
          The context is full. Begin a new conversation, or load the model with a longer context.
        </p>
      )}
      {stopReason === 'length' && (
        <p className="message__note">
          Cut off at {made.settings.maxTokens.toLocaleString('en')} tokens, the limit of the settings.
          {isLast && <Continue node={node} />}
        </p>
      )}
    </>
  );
}

function Continue({ node }: { readonly node: AnswerNode }): ReactElement {
  const chat = useChat();
  const obstacle = useAppState(reasonNotToAsk);
  const isInPlace = useAppState((state) => canContinueInPlace(state, node));
  return (
    <Button
      variant="default"
      size="compact-xs"
      disabled={obstacle !== null}
      title={obstacle ?? (isInPlace ? 'Writes on where it was cut off' : `Asks: ${CONTINUE_TEXT}`)}
      onClick={() => chat.continueAnswer(node.id)}
    >
      Continue
    </Button>
  );
}
