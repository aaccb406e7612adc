/** What is kept of the lessons: pure steps from one record to the next. */
import { z } from 'zod';
import { END, LESSON_IDS, type LessonId, type Way } from './lesson.ts';

const progressSchema = z.object({
  /** The step that is shown; '' before the first. */
  stepId: z.string().max(60),
  /** Steps whose effect was seen. */
  seen: z.array(z.string().max(60)).max(60),
  /** By question: the choice that was made last. */
  answers: z.record(z.string().max(60), z.int().min(0).max(9)),
  isFinished: z.boolean(),
  /** As the visitor wants it; null: as the page finds fit. */
  way: z.enum(['live', 'recorded']).nullable(),
});

export type LessonProgress = z.infer<typeof progressSchema>;

const viewSchema = z.object({
  /** The lesson in the sheet. */
  openId: z.enum(LESSON_IDS).nullable().catch(null),
  isFolded: z.boolean().catch(false),
  /** One that cannot be read begins anew; the others stay. */
  progress: z.partialRecord(z.enum(LESSON_IDS), progressSchema.optional().catch(undefined)).catch({}),
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

/**
 * Where among the steps a lesson is; as many as there are: at its end. A step that is not there counts as the first.
 */
export function placeIn(stepIds: readonly string[], { stepId }: Pick<LessonProgress, 'stepId'>): number {
  return stepId === END ? stepIds.length : Math.max(0, stepIds.indexOf(stepId));
}

/** On by one; behind the last step is the end, and the lesson is finished. */
export function nextStep(view: LessonsView, id: LessonId, stepIds: readonly string[]): LessonsView {
  const next = stepIds[placeIn(stepIds, progressOf(view, id)) + 1];
  return changed(view, id, next === undefined ? { stepId: END, isFinished: true } : { stepId: next });
}

export function stepBefore(view: LessonsView, id: LessonId, stepIds: readonly string[]): LessonsView {
  const place = placeIn(stepIds, progressOf(view, id));
  return changed(view, id, { stepId: stepIds[Math.max(0, place - 1)] ?? '' });
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
  return changed(view, id, { stepId: '', seen: [], answers: {} });
}

/** The other way has other steps between the common ones: on at the same one, or at the last common one before it. */
export function wayChosen(
  view: LessonsView,
  id: LessonId,
  way: Way,
  steps: { readonly before: readonly string[]; readonly now: readonly string[] },
): LessonsView {
  const progress = progressOf(view, id);
  if (progress.stepId === END) return changed(view, id, { way });
  const place = placeIn(steps.before, progress);
  const common = steps.before.slice(0, place + 1).findLast((stepId) => steps.now.includes(stepId));
  return changed(view, id, { way, stepId: common ?? '' });
}
