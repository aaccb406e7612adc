import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { LESSONS } from './all-lessons.ts';
import { addressOf } from './lessons-context.tsx';
import { StepHeading } from './step-heading.tsx';
import type { LessonInHand } from './use-lesson.ts';

/** Behind the last step: what was right, and where to go on. */
export function LessonEnd({ hand }: { readonly hand: LessonInHand }): ReactElement {
  const { lesson, steps, progress } = hand;
  const questions = steps.filter((step) => step.kind === 'question');
  const numRight = questions.filter(({ id, choices }) => choices[progress.answers[id] ?? -1]?.isRight === true).length;
  const following = LESSONS[LESSONS.indexOf(lesson) + 1];
  return (
    <>
      <div className="lesson-step">
        <StepHeading isReady>The end of the lesson</StepHeading>
        <p>
          {numRight} of {questions.length} questions are answered rightly now.
        </p>
        {following !== undefined && (
          <p>
            Next: <a href={addressOf(following)}>{following.title}</a>
          </p>
        )}
        <p>
          <a href="#/lessons">All lessons</a>
        </p>
      </div>
      <div className="lesson-sheet__foot">
        <Button variant="default" size="sm" onClick={hand.back}>
          Back
        </Button>
        <Button variant="default" size="sm" onClick={hand.again}>
          Start again
        </Button>
      </div>
    </>
  );
}
