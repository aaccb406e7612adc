import './lessons-page.css';
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { LESSONS } from './all-lessons.ts';
import { indexIn, stepsOf, type Lesson } from './lesson.ts';
import { minutesOf } from './lesson-minutes.ts';
import { progressOf, startedAgain } from './lesson-progress.ts';
import { addressOf, useLessons, useLessonStore } from './lessons-context.tsx';
import { useWay } from './use-way.ts';

/** All lessons, with how far each one is. */
export function LessonsPage(): ReactElement {
  const { reason } = useWay(null, false);
  return (
    <div className="lessons">
      <p className="lessons__lead">
        Each lesson leads through the real panels, step by step, at the side of the page: do something, see what it
        does, and check what you have understood. What you have done is kept in this browser.
        {reason !== null && ` ${reason.replace('this lesson shows', 'lessons show')}`}
      </p>
      <p className="lessons__lead">
        <a className="lessons__documents" href="docs/index.html" target="_blank" rel="noreferrer">
          Documents
        </a>
        : how each panel is used, how it works, and how a script drives it.
      </p>
      <ol className="lessons__list">
        {LESSONS.map((lesson) => (
          <li key={lesson.id}>
            <Card lesson={lesson} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Card({ lesson }: { readonly lesson: Lesson }): ReactElement {
  const store = useLessonStore();
  const progress = useLessons((view) => progressOf(view, lesson.id));
  const { way } = useWay(progress.way, false);
  const steps = stepsOf(lesson, way);
  const place = indexIn(lesson, way, progress.stepId);
  const isBegun = place > 0 && place < steps.length;
  const address = addressOf(lesson, steps[place]);
  const again = (): void => store.setState((view) => startedAgain(view, lesson.id));
  return (
    <article className="lesson-card" data-finished={progress.isFinished}>
      <h2>{lesson.title}</h2>
      <p>{lesson.about}</p>
      <p className="lesson-card__facts">
        <span>about {minutesOf(steps)} minutes</span>
        <span>{way === 'live' ? 'live' : 'recorded'}</span>
        {progress.isFinished && <strong>finished</strong>}
        {isBegun && (
          <span>
            step {place + 1} of {steps.length}
          </span>
        )}
      </p>
      <div className="lesson-card__actions">
        {place === steps.length ? (
          <Button component="a" href={addressOf(lesson)} variant="default" onClick={again}>
            Start again
          </Button>
        ) : (
          <Button component="a" href={address}>
            {isBegun ? 'Go on' : 'Start'}
          </Button>
        )}
        {isBegun && (
          <Button component="a" href={addressOf(lesson)} variant="default" onClick={again}>
            Start again
          </Button>
        )}
      </div>
    </article>
  );
}
