import { createContext, useContext, useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { beganWithShare } from '@/client/began-with-share.ts';
import { writePageAddress } from '@/lib/page-address.ts';
import { replacePageAddress, usePageAddress } from '@/ui/use-page-address.ts';
import { LESSON_IDS, placeOf, type Lesson, type LessonStep } from './lesson.ts';
import { closedLesson, openedLesson, type LessonsView } from './lesson-progress.ts';
import { createLessonStore, type LessonStore } from './lesson-store.ts';

const LessonStoreContext = createContext<LessonStore | null>(null);

/** Keeps the progress, and opens the lesson that the address names: `#/thinking?lesson=kv-cache`. */
export function LessonsProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const [store] = useState(() => {
    const created = createLessonStore(localStorage);
    // A recording would take the place of what somebody shared.
    if (beganWithShare()) created.setState(closedLesson);
    return created;
  });
  const { lesson } = usePageAddress().params;
  const id = LESSON_IDS.find((known) => known === lesson);
  useEffect(() => {
    if (id !== undefined) store.setState((view) => openedLesson(view, id));
  }, [store, id]);
  return <LessonStoreContext value={store}>{children}</LessonStoreContext>;
}

export function useLessonStore(): LessonStore {
  const store = useContext(LessonStoreContext);
  if (store === null) throw new Error('useLessonStore needs a LessonsProvider above it.');
  return store;
}

export function useLessons<Selected>(selector: (view: LessonsView) => Selected): Selected {
  return useStore(useLessonStore(), selector);
}

/** Where a step of a lesson happens, with the lesson open. @param step  default: the first */
export function addressOf(lesson: Lesson, step?: LessonStep): string {
  const place = step === undefined ? lesson.place : placeOf(lesson, step);
  return writePageAddress({ path: place.split('/'), params: { lesson: lesson.id } });
}

/** A link that is pressed again opens the lesson again. */
export function closeLesson(store: LessonStore, { path, params }: ReturnType<typeof usePageAddress>): void {
  store.setState(closedLesson);
  if (params['lesson'] === undefined) return;
  const { lesson: _closed, ...others } = params;
  replacePageAddress({ path, params: others });
}
