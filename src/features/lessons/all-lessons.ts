import { LESSON_IDS, type Lesson, type LessonId } from './lesson.ts';
import { DOUBT } from './lessons/doubt.ts';
import { GRPO } from './lessons/grpo.ts';
import { KV_CACHE } from './lessons/kv-cache.ts';
import { NEGOTIATION } from './lessons/negotiation.ts';
import { ROTATION } from './lessons/rotation.ts';
import { TYPING } from './lessons/typing.ts';

const LESSON_OF: Readonly<Record<LessonId, Lesson>> = {
  'kv-cache': KV_CACHE,
  rotation: ROTATION,
  typing: TYPING,
  negotiation: NEGOTIATION,
  grpo: GRPO,
  doubt: DOUBT,
};

/** In the order in which they build on each other. */
export const LESSONS: readonly Lesson[] = LESSON_IDS.map(lessonOf);

export function lessonOf(id: LessonId): Lesson {
  return LESSON_OF[id];
}
