import { createStore, type StoreApi } from 'zustand/vanilla';
import { readLessons, type LessonsView } from './lesson-progress.ts';

const STORAGE_KEY = 'duet-lessons';

export type LessonStore = StoreApi<LessonsView>;

/** Progress with its copy in `storage`. Storage that is broken, full or forbidden costs the memory of it, nothing else. */
export function createLessonStore(storage: Pick<Storage, 'getItem' | 'setItem'>): LessonStore {
  const store = createStore<LessonsView>(() => readLessons(textOf(storage)));
  store.subscribe((view) => {
    try {
      storage.setItem(STORAGE_KEY, JSON.stringify(view));
    } catch {
      // Forgotten with the page.
    }
  });
  return store;
}

function textOf(storage: Pick<Storage, 'getItem'>): string | null {
  try {
    return storage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
