import type { ReactElement } from 'react';
import type { AppState } from '@/state/app-store.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { lessonOf } from './all-lessons.ts';
import type { LessonId } from './lesson.ts';
import { progressOf } from './lesson-progress.ts';
import { addressOf, useLessons } from './lessons-context.tsx';

/** "?" in the header: the lesson that fits the page. */
export function LessonButton(): ReactElement {
  const { path } = usePageAddress();
  const picture = useAppState((state) => state.picture);
  const knowsCache = useLessons((view) => progressOf(view, 'kv-cache').isFinished);
  const id = fittingLesson(path, picture, knowsCache);
  const lesson = id === null ? null : lessonOf(id);
  const name = lesson === null ? 'Lessons' : `Lesson: ${lesson.title}`;
  return (
    <a className="header__help" href={lesson === null ? '#/lessons' : addressOf(lesson)} aria-label={name} title={name}>
      ?
    </a>
  );
}

/** @param knowsCache  its lesson was finished: the panel's next one fits */
export function fittingLesson(
  [panel = 'thinking', page]: readonly string[],
  picture: AppState['picture'],
  knowsCache: boolean,
): LessonId | null {
  if (panel === 'negotiation') return page === 'training' ? 'grpo' : page === 'evaluation' ? 'doubt' : 'negotiation';
  if (panel !== 'thinking') return null;
  if (picture === 'rotaryDial' || picture === 'check') return 'rotation';
  return knowsCache ? 'typing' : 'kv-cache';
}
