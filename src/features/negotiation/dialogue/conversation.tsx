import { Fragment, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { answerOf } from '@/protocol/negotiation-api.ts';
import type { NegotiationRole, Thoughts } from '@/protocol/negotiation-run.ts';
import { reasonNotToNegotiate, seatOf } from '@/state/negotiation-seat.ts';
import { dialogueRecord, isRunning, type DialogueView } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { SentenceAnnouncer } from '@/ui/sentence-announcer.tsx';
import { useFollowing } from '@/ui/use-following.ts';
import { useNegotiationRun } from '../negotiation-run-context.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';
import { AgreementLine } from './agreement-line.tsx';
import { GrowingBubble, SpokenBubble } from './bubble.tsx';
import type { RenderScore } from './render-score.ts';
import { EditBox } from './edit-box.tsx';
import { PersonTurn } from './person-turn.tsx';
import { GrowingAside, ThoughtsAside } from './thoughts-aside.tsx';

interface ConversationProps {
  readonly dialogue: DialogueView;
  readonly areThoughtsShown: boolean;
  readonly renderScore: RenderScore;
}

/** What both sides say, as it is said. Follows the newest word until the reader scrolls up. */
export function Conversation({ dialogue, areThoughtsShown, renderScore }: ConversationProps): ReactElement {
  const content = useRef<HTMLDivElement>(null);
  // What was over when it was opened is read from its beginning.
  const isActive = useAppState((state) => isRunning(state.rollout));
  const [wasRunning] = useState(isActive);
  const { scroller, isFollowing, onScroll, followAgain } = useFollowing(content, wasRunning);
  const { growing, growingThoughts, thoughts, utterances } = dialogue;
  // The keyboard goes on from here when what it was in is gone.
  const backToText = (): void => scroller.current?.focus({ preventScroll: true });
  const nextThoughts = thoughts.filter(
    ({ role, turn }) => !utterances.some((said) => said.role === role && said.turn === turn),
  );
  return (
    <div className="conversation">
      {/* oxlint-disable jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <div
        className="conversation__scroll"
        ref={scroller}
        onScroll={onScroll}
        role="group"
        aria-label="Conversation"
        tabIndex={0}
        data-testid="conversation"
      >
        {/* oxlint-enable jsx-a11y/no-noninteractive-tabindex */}
        <div ref={content}>
          <SaidSoFar dialogue={dialogue} areThoughtsShown={areThoughtsShown} onEdited={backToText} />
          {areThoughtsShown && <Asides thoughts={nextThoughts} />}
          {growing !== null && growing.kind === 'utterance' && <GrowingBubble growing={growing} />}
          {areThoughtsShown && growingThoughts !== null && <GrowingAside thoughts={growingThoughts} />}
          {dialogue.awaiting !== null && (
            <PersonTurn dialogue={dialogue} awaiting={dialogue.awaiting} onSent={backToText} />
          )}
          <Ending dialogue={dialogue} renderScore={renderScore} />
        </div>
      </div>
      {!isFollowing && wasRunning && (
        <button type="button" className="stream__newest" onClick={followAgain}>
          To the newest ↓
        </button>
      )}
      <SentenceAnnouncer text={transcriptOf(dialogue)} isComplete={growing === null} />
    </div>
  );
}

function Asides({ thoughts }: { readonly thoughts: readonly Thoughts[] }): ReactNode {
  return thoughts.map((one) => <ThoughtsAside key={`${one.role} ${one.turn}`} thoughts={one} />);
}

interface SaidSoFarProps extends Omit<ConversationProps, 'renderScore'> {
  /** The box for another text is about to go. */
  readonly onEdited: () => void;
}

function SaidSoFar({ dialogue, areThoughtsShown, onEdited }: SaidSoFarProps): ReactElement {
  const run = useNegotiationRun();
  const isBusy = useAppState((state) => isRunning(state.rollout) || seatOf(state) !== null);
  const reason = useAppState(reasonNotToNegotiate);
  /** Which utterance is being said otherwise. */
  const [edited, setEdited] = useState<number | null>(null);
  const { utterances, thoughts, agreements } = dialogue;
  const isRecorded = useAppState((state) => state.rollout.isRecorded);
  const obstacle = obstacleOf(isRecorded, isBusy, reason);
  return (
    <>
      {utterances.map((utterance, index) => {
        const verdict = index % 2 === 1 ? agreements[(index - 1) / 2] : undefined;
        const before = thoughts.filter(({ role, turn }) => role === utterance.role && turn === utterance.turn);
        return (
          // Utterances are only ever appended: the index is their identity.
          <Fragment key={index}>
            {areThoughtsShown && <Asides thoughts={before} />}
            {edited === index && obstacle === null ? (
              <EditBox
                utterance={utterance}
                onCancel={() => {
                  setEdited(null);
                  onEdited();
                }}
                onBranch={(text) => {
                  setEdited(null);
                  run.branch(dialogueRecord(dialogue), index, text);
                }}
              />
            ) : (
              <SpokenBubble utterance={utterance} obstacle={obstacle} onEdit={() => setEdited(index)} />
            )}
            {verdict !== undefined && <AgreementLine verdict={verdict} />}
          </Fragment>
        );
      })}
    </>
  );
}

/** Why no branch can begin here. */
function obstacleOf(isRecorded: boolean, isBusy: boolean, reason: string | null): string | null {
  if (isRecorded) return 'not in a recording';
  return isBusy ? 'possible once the run is over' : reason;
}

/** How it ended: the answer with its score, or why there is none. */
function Ending({ dialogue, renderScore }: Pick<ConversationProps, 'dialogue' | 'renderScore'>): ReactElement | null {
  const head = useAppState((state) => state.rollout.head);
  const { completion, growing, outcome, verdict, agreements } = dialogue;
  const isWriting = growing !== null && growing.kind === 'completion';
  return (
    <>
      {outcome === 'failed' && (
        <p className="ending__failed">
          No agreement after {agreements.length} {agreements.length === 1 ? 'turn' : 'turns'}: the reward is 0
          {completion === null && !isWriting && ', and no answer is written'}.
        </p>
      )}
      {isWriting && <GrowingBubble growing={growing} />}
      {completion !== null && <SpokenBubble utterance={completion} />}
      {verdict !== null && head !== null && (
        <div className="ending__score">{renderScore(verdict, answerOf(head, dialogueRecord(dialogue)))}</div>
      )}
    </>
  );
}

/** For screen readers, which hear it sentence by sentence. */
function transcriptOf({ utterances, growing, completion }: DialogueView): string {
  const line = (role: NegotiationRole, text: string): string => `${PERSONA_NAMES[role]}: ${text}`;
  return [
    ...utterances.map(({ role, text }) => line(role, text)),
    ...(completion === null ? [] : [`Answer: ${completion.text}`]),
    ...(growing === null ? [] : [line(growing.role, growing.text)]),
  ].join('\n');
}
