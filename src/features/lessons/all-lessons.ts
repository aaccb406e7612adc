import type { Lesson, LessonId } from './lesson.ts';
import { KV_CACHE } from './lessons/kv-cache.ts';

/** In the order in which they build on each other. */
export const LESSONS: readonly Lesson[] = [KV_CACHE];

export function lessonOf(id: LessonId): Lesson | null {
  return LESSONS.find((lesson) => lesson.id === id) ?? null;
}
