/** How long a lesson takes. */
import type { LessonStep } from './lesson.ts';

/** Of a text with new terms in it, read on a screen. */
const WORDS_A_MINUTE = 170;
/** Beside the reading: finding the control, watching what it does, weighing the choices. */
const SECONDS: Readonly<Record<LessonStep['kind'], number>> = { explain: 3, see: 15, do: 22, question: 15 };

function wordsOf(step: LessonStep): number {
  const choices = step.kind === 'question' ? step.choices.map(({ text }) => text) : [];
  // One feedback is read, the right one or, first, another.
  const feedback = step.kind === 'question' ? [step.choices.find(({ isRight }) => isRight)?.feedback ?? ''] : [];
  return [step.title, ...step.text, ...choices, ...feedback].join(' ').split(/\s+/).length;
}

/** Unrounded. */
export function lessonSeconds(steps: readonly LessonStep[]): number {
  return steps.reduce((sum, step) => sum + (wordsOf(step) / WORDS_A_MINUTE) * 60 + SECONDS[step.kind], 0);
}

export function minutesOf(steps: readonly LessonStep[]): number {
  return Math.round(lessonSeconds(steps) / 60);
}
