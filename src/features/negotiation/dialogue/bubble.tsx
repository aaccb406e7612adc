// The caret's look.
import '@/ui/stream-text.css';
import { Button } from '@mantine/core';
import { memo, type ReactElement, type ReactNode } from 'react';
import type { NegotiationRole, Utterance } from '@/protocol/negotiation-run.ts';
import type { GrowingUtterance } from '@/state/negotiation-view.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

interface SpokenBubbleProps {
  readonly utterance: Utterance;
  /** Why it cannot be edited now; null if it can. Absent: nothing can be branched here. */
  readonly obstacle?: string | null;
  readonly onEdit?: () => void;
}

/** Something that was said, or the answer. */
export const SpokenBubble = memo(
  function SpokenBubble({ utterance, obstacle, onEdit }: SpokenBubbleProps): ReactElement {
    const { kind, role, turn, text, tokenIds, origin, isTruncated } = utterance;
    return (
      <Bubble
        kind={kind}
        role={role}
        turn={turn}
        note={
          <>
            {origin === 'person' && <span className="bubble__mark">said by a person</span>}
            {isTruncated && <span className="bubble__mark">cut at its limit</span>}
            {tokenIds.length > 0 && <span>{tokenIds.length} tokens</span>}
            {onEdit !== undefined && (
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                className="bubble__edit"
                disabled={obstacle !== null}
                title={obstacle === null ? 'Say it otherwise, and see where it leads' : `Edit and branch: ${obstacle}`}
                aria-label={`Edit and branch: ${PERSONA_NAMES[role]}, turn ${turn}`}
                onClick={onEdit}
              >
                Edit and branch
              </Button>
            )}
          </>
        }
      >
        {text.trim() === '' ? <em className="bubble__empty">(nothing was said)</em> : text}
      </Bubble>
    );
  },
  (before, after) => before.utterance === after.utterance && before.obstacle === after.obstacle,
);

/** Something that is being said. */
export function GrowingBubble({ growing }: { readonly growing: GrowingUtterance }): ReactElement {
  const { kind, role, turn, text, numTokens, numPromptTokens } = growing;
  return (
    <Bubble
      kind={kind}
      role={role}
      turn={turn}
      note={numTokens === 0 ? `reads ${numPromptTokens} tokens` : `${numTokens} tokens`}
    >
      {text}
      <span className="stream__caret" aria-hidden="true" />
    </Bubble>
  );
}

interface BubbleProps {
  readonly kind: Utterance['kind'];
  readonly role: NegotiationRole;
  readonly turn: number;
  readonly note: ReactNode;
  readonly children: ReactNode;
}

function Bubble({ kind, role, turn, note, children }: BubbleProps): ReactElement {
  const isAnswer = kind === 'completion';
  return (
    <article className={isAnswer ? 'bubble bubble--answer' : 'bubble'} data-actor={role}>
      <header className="bubble__head">
        <ActorMark actor={role} />
        <strong>{isAnswer ? 'Answer' : PERSONA_NAMES[role]}</strong>
        <span>{isAnswer ? `written by ${PERSONA_NAMES[role]}` : `turn ${turn}`}</span>
        <span className="bubble__note">{note}</span>
      </header>
      <p dir="auto">{children}</p>
    </article>
  );
}
