import './human-rubric.css';
import { Button, Tooltip } from '@mantine/core';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import type { HumanQuestion } from '@/protocol/negotiation-api.ts';
import { ASPECTS, CA_RUBRIC } from '@/protocol/negotiation/templates-judge.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { useFocusUnlessTyping } from './use-focus-unless-typing.ts';

interface HumanRubricProps {
  /** Oldest first; the first one is asked. */
  readonly questions: readonly HumanQuestion[];
}

/** The rubric for a person's score, with buttons and keys 0 to 5. */
export function HumanRubric({ questions }: HumanRubricProps): ReactElement | null {
  const [first] = questions;
  return first === undefined ? null : <Question key={first.id} question={first} numOpen={questions.length} />;
}

interface QuestionProps {
  readonly question: HumanQuestion;
  readonly numOpen: number;
}

function Question({ question, numOpen }: QuestionProps): ReactElement {
  const duet = useDuet();
  const [isAnswered, setIsAnswered] = useState(false);
  const [problem, setProblem] = useState('');
  const box = useFocusUnlessTyping();
  const { dilemma, persona1, persona2, completion } = question.answer;

  const answer = (score: number | null): void => {
    if (isAnswered) return;
    setIsAnswered(true);
    setProblem('');
    duet.negotiation.answer(question.id, score).catch((error: Error) => {
      setIsAnswered(false);
      setProblem(error.message);
    });
  };
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isScore = /^[0-5]$/.test(event.key);
    if (!isScore && event.key.toLowerCase() !== 'n') return;
    event.preventDefault();
    answer(isScore ? Number(event.key) : null);
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys stand for the buttons inside
    <section
      className="human-rubric"
      data-actor="judge"
      aria-label="Your score for an answer"
      ref={box}
      tabIndex={-1}
      onKeyDown={press}
    >
      <p className="human-rubric__head">
        <ActorMark actor="judge" />
        <strong>You are the judge</strong>
        {numOpen > 1 && <span className="human-rubric__count">{numOpen} answers wait</span>}
      </p>
      <dl className="human-rubric__case">
        <dt>Dilemma</dt>
        <dd>{dilemma}</dd>
        <dt data-actor="agent1">
          <ActorMark actor="agent1" /> Goal 1
        </dt>
        <dd>{persona1}</dd>
        <dt data-actor="agent2">
          <ActorMark actor="agent2" /> Goal 2
        </dt>
        <dd>{persona2}</dd>
      </dl>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, also by keyboard */}
      <blockquote className="human-rubric__answer" tabIndex={0} aria-label="The answer">
        {completion}
      </blockquote>
      <p className="human-rubric__ask">
        How far does the answer expand Collective Agency, as one whole:{' '}
        {ASPECTS.map(({ name, meaning }, index) => (
          <Aspect key={name} name={name} meaning={meaning} isLast={index === ASPECTS.length - 1} />
        ))}
      </p>
      <div className="human-rubric__scores" role="group" aria-label="Score, 0 to 5">
        {CA_RUBRIC.toReversed().map(({ score, label, content }) => (
          <Tooltip key={score} label={content} multiline maw={280}>
            <button
              type="button"
              // Not `disabled`: the keyboard would lose its place.
              aria-disabled={isAnswered}
              aria-label={`${score}, ${label}: ${content}`}
              onClick={() => answer(score)}
            >
              <span className="human-rubric__digit">{score}</span>
              <span className="human-rubric__label">{label}</span>
              <span className="human-rubric__content">{content}</span>
            </button>
          </Tooltip>
        ))}
      </div>
      <div className="human-rubric__foot">
        <Button variant="default" aria-disabled={isAnswered} onClick={() => answer(null)}>
          No score (n)
        </Button>
        <span>Keys 0 to 5 answer while this box has the focus. When in doubt, the lower score.</span>
      </div>
      {problem !== '' && (
        <p className="human-rubric__problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

interface AspectProps {
  readonly name: string;
  readonly meaning: string;
  readonly isLast: boolean;
}

function Aspect({ name, meaning, isLast }: AspectProps): ReactElement {
  return (
    <>
      <Tooltip label={meaning} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the meaning must be reachable by keyboard */}
        <span className="human-rubric__aspect" tabIndex={0}>
          {name}
        </span>
      </Tooltip>
      {isLast ? '?' : ', '}
    </>
  );
}
