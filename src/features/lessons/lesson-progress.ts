/** What is kept of the lessons: pure steps from one record to the next. */
import { z } from 'zod';
import { END, indexIn, LESSON_IDS, stepsOf, type Lesson, type LessonId, type Way } from './lesson.ts';

const progressSchema = z.object({
  /** The step that is shown; '' before the first. */
  stepId: z.string().max(60),
  /** Steps whose effect was seen. */
  seen: z.array(z.string().max(60)).max(60),
  /** By question: the choice that was made last. */
  answers: z.record(z.string().max(60), z.int().min(0).max(9)),
  isFinished: z.boolean(),
  /** As the visitor wants it, or as it was shown when the first step was left; null: as the page finds fit. */
  way: z.enum(['live', 'recorded']).nullable(),
});

export type LessonProgress = z.infer<typeof progressSchema>;

/** What cannot be read begins anew, and an id that this page does not know is dropped; the others stay. */
function readProgress(kept: Readonly<Record<string, unknown>>): Readonly<Partial<Record<LessonId, LessonProgress>>> {
  const read = LESSON_IDS.flatMap((id) => {
    const { data } = progressSchema.safeParse(kept[id]);
    return data === undefined ? [] : [[id, data] as const];
  });
  return Object.fromEntries(read);
}

const viewSchema = z.object({
  /** The lesson in the sheet. */
  openId: z.enum(LESSON_IDS).nullable().catch(null),
  isFolded: z.boolean().catch(false),
  progress: z.record(z.string(), z.unknown()).catch({}).transform(readProgress),
});

export type LessonsView = z.infer<typeof viewSchema>;

export const NO_LESSONS: LessonsView = { openId: null, isFolded: false, progress: {} };
export const NO_PROGRESS: LessonProgress = { stepId: '', seen: [], answers: {}, isFinished: false, way: null };

/** What was kept, as far as it can be read. Never throws. */
export function readLessons(text: string | null): LessonsView {
  try {
    const { data } = viewSchema.safeParse(JSON.parse(text ?? 'null'));
    return data ?? NO_LESSONS;
  } catch {
    return NO_LESSONS;
  }
}

export function progressOf({ progress }: LessonsView, id: LessonId): LessonProgress {
  return progress[id] ?? NO_PROGRESS;
}

function changed(view: LessonsView, id: LessonId, change: Partial<LessonProgress>): LessonsView {
  return { ...view, progress: { ...view.progress, [id]: { ...progressOf(view, id), ...change } } };
}

export function openedLesson(view: LessonsView, id: LessonId): LessonsView {
  return { ...view, openId: id, isFolded: false };
}

export function closedLesson(view: LessonsView): LessonsView {
  return { ...view, openId: null };
}

export function foldedLesson(view: LessonsView, isFolded: boolean): LessonsView {
  return { ...view, isFolded };
}

/** On by one; behind the last step is the end, and the lesson is finished. @param way  that is shown; it is kept */
export function nextStep(view: LessonsView, lesson: Lesson, way: Way): LessonsView {
  const progress = progressOf(view, lesson.id);
  const next = stepsOf(lesson, way)[indexIn(lesson, way, progress.stepId) + 1];
  const change = next === undefined ? { stepId: END, isFinished: true } : { stepId: next.id };
  return changed(view, lesson.id, { ...change, way: progress.way ?? way });
}

export function stepBefore(view: LessonsView, lesson: Lesson, way: Way): LessonsView {
  const place = indexIn(lesson, way, progressOf(view, lesson.id).stepId);
  return changed(view, lesson.id, { stepId: stepsOf(lesson, way)[Math.max(0, place - 1)]?.id ?? '' });
}

export function effectSeen(view: LessonsView, id: LessonId, stepId: string): LessonsView {
  const { seen } = progressOf(view, id);
  return seen.includes(stepId) ? view : changed(view, id, { seen: [...seen, stepId] });
}

export function answered(view: LessonsView, id: LessonId, stepId: string, choice: number): LessonsView {
  return changed(view, id, { answers: { ...progressOf(view, id).answers, [stepId]: choice } });
}

/** What was finished once stays marked so. */
export function startedAgain(view: LessonsView, id: LessonId): LessonsView {
  return changed(view, id, { stepId: '', seen: [], answers: {}, way: null });
}

/** The step stays: where the other way lacks it, the lesson is shown at the one in front of it. */
export function wayChosen(view: LessonsView, id: LessonId, way: Way): LessonsView {
  return changed(view, id, { way });
}
