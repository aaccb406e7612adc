import { Button } from '@mantine/core';
import { useCallback, useEffect, useRef, useState, type ReactElement } from 'react';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { type DoStep, type LessonStep } from './lesson.ts';
import { findTarget, labelOf, revealOf, type LessonTarget } from './lesson-targets.ts';
import { addressOf } from './lessons-context.tsx';
import { holdRecordings } from './open-recording.ts';
import { perform } from './perform.ts';
import { QuestionChoices } from './question-choices.tsx';
import { RichText } from './rich-text.tsx';
import { StepHeading } from './step-heading.tsx';
import { useEffectSeen } from './use-effect-seen.ts';
import type { LessonInHand } from './use-lesson.ts';
import { useMark } from './use-target.ts';

const KINDS: Readonly<Record<LessonStep['kind'], string>> = {
  explain: 'Read',
  do: 'Do',
  see: 'Look',
  question: 'Question',
};

interface StepViewProps {
  readonly hand: LessonInHand;
  readonly step: LessonStep;
  /** The page that the step is about is shown. */
  readonly isHere: boolean;
  readonly onGoTo: () => void;
}

/** One step; mounted anew for each. */
export function LessonStepView(props: StepViewProps): ReactElement {
  const { hand, step } = props;
  const { place, next, back, progress } = hand;
  const isSeen = progress.seen.includes(step.id);
  const isOpen = step.kind === 'do' ? !isSeen : step.kind === 'question' && progress.answers[step.id] === undefined;
  return (
    <>
      <div className="lesson-step" data-kind={step.kind}>
        <p className="lesson-step__kind">{KINDS[step.kind]}</p>
        <StepHeading isReady={hand.isReady}>{step.title}</StepHeading>
        {step.text.map((paragraph) => (
          <p key={paragraph}>
            <RichText text={paragraph} />
          </p>
        ))}
        {step.facts !== undefined && <Facts facts={step.facts} />}
        {step.kind === 'question' && <QuestionChoices hand={hand} step={step} />}
        <Pointer {...props} />
        {step.kind === 'do' && <Doing hand={hand} step={step} isHere={props.isHere} isSeen={isSeen} />}
      </div>
      <div className="lesson-sheet__foot">
        <Button variant="default" size="sm" disabled={place === 0} onClick={back}>
          Back
        </Button>
        <Button size="sm" variant={isOpen ? 'default' : 'filled'} onClick={next}>
          {isOpen ? 'Skip' : 'Next'}
        </Button>
      </div>
    </>
  );
}

/** Numbers of what is on the screen, read from it. */
function Facts({ facts }: { readonly facts: NonNullable<LessonStep['facts']> }): ReactElement | null {
  const text = useAppState(facts);
  return text === null ? null : <p className="lesson-step__facts">{text}</p>;
}

/** The way from the text to what it points at. */
function Pointer({ hand, step, isHere, onGoTo }: StepViewProps): ReactElement | null {
  const { target } = step;
  const sight = useMark(isHere && hand.isReady ? (target ?? null) : null);
  const isSeen = hand.progress.seen.includes(step.id);
  if (!isHere && isSeen) return null;
  if (!isHere)
    return (
      <p className="lesson-step__away">
        This step is on another page. <a href={addressOf(hand.lesson, step)}>Go there</a>
      </p>
    );
  if (target === undefined || !hand.isReady) return null;
  if (sight === 'there')
    return (
      <p className="lesson-step__pointer">
        <button type="button" onClick={onGoTo} aria-keyshortcuts="F6">
          Go to {labelOf(target)}
        </button>
        <span>F6 there and back</span>
      </p>
    );
  return <Missing target={target} isDone={step.kind === 'do' && (sight === 'gone' || isSeen)} />;
}

interface MissingProps {
  readonly target: LessonTarget;
  /** It was there, or what it is for has been done: what was pressed may have become another button. */
  readonly isDone: boolean;
}

/** How what is pointed at comes onto the screen. */
function Missing({ target, isDone }: MissingProps): ReactElement | null {
  const behind = revealOf(target);
  if (behind === null && isDone) return null;
  return (
    <p className="lesson-step__away">
      It is not on the screen now: {labelOf(target)}.{' '}
      {behind === null ? (
        'The steps before this one bring it.'
      ) : (
        <button type="button" onClick={() => findTarget(behind)?.click()}>
          Open {labelOf(behind)}
        </button>
      )}
    </p>
  );
}

interface DoingProps {
  readonly hand: LessonInHand;
  readonly step: DoStep;
  readonly isHere: boolean;
  readonly isSeen: boolean;
}

/** What is waited for, and the offer to do it. */
function Doing({ hand, step, isHere, isSeen }: DoingProps): ReactElement {
  const [problem, setProblem] = useState<string | null>(null);
  const [isDoing, setIsDoing] = useState(false);
  const stop = useRef<AbortController | null>(null);
  /** Seen while it is still being done for the visitor. */
  const wasSeen = useRef(false);
  const store = useAppStore();
  const { seen } = hand;
  const onSeen = useCallback(() => {
    // Leaving the step would end what is typed in the middle of a word.
    wasSeen.current = stop.current !== null;
    if (wasSeen.current) return;
    if (step.isHeldAfter === true) holdRecordings(store.getState());
    seen();
  }, [seen, step, store]);
  useEffectSeen(isSeen || !hand.isReady ? null : step.until, onSeen);
  // Leaving the step ends what is typed for the visitor.
  useEffect(() => () => stop.current?.abort(), []);
  const doIt = (): void => {
    const controller = new AbortController();
    stop.current = controller;
    setProblem(null);
    setIsDoing(true);
    perform(step.doIt, controller.signal)
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        stop.current = null;
        setIsDoing(false);
        if (wasSeen.current && !controller.signal.aborted) onSeen();
      });
  };
  return (
    <div className="lesson-doing" data-seen={isSeen}>
      <p role="status">{isSeen ? 'Done.' : 'Waiting for you.'}</p>
      {!isSeen && step.doIt.length > 0 && (
        <Button variant="default" disabled={!isHere || isDoing || !hand.isReady} onClick={doIt}>
          Do it for me
        </Button>
      )}
      {problem !== null && <p role="alert">{problem}</p>}
    </div>
  );
}
