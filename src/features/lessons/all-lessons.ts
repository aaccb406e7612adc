import type { Lesson, LessonId } from './lesson.ts';
import { DOUBT } from './lessons/doubt.ts';
import { GRPO } from './lessons/grpo.ts';
import { KV_CACHE } from './lessons/kv-cache.ts';
import { NEGOTIATION } from './lessons/negotiation.ts';
import { ROTATION } from './lessons/rotation.ts';
import { TYPING } from './lessons/typing.ts';

/** In the order in which they build on each other. */
export const LESSONS: readonly Lesson[] = [KV_CACHE, ROTATION, TYPING, NEGOTIATION, GRPO, DOUBT];

export function lessonOf(id: LessonId): Lesson | null {
  return LESSONS.find((lesson) => lesson.id === id) ?? null;
}
