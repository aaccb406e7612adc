/** What a lesson is: text and steps as data. `docs/lessons.md` says how to write one. */
import type { AppState } from '@/state/app-store.ts';
import type { LessonTarget } from './lesson-targets.ts';

export const LESSON_IDS = ['kv-cache', 'rotation', 'typing', 'negotiation', 'grpo', 'doubt'] as const;
export type LessonId = (typeof LESSON_IDS)[number];

/** On the model that is loaded here, or on a recording that comes with the page. */
export type Way = 'live' | 'recorded';

/** Where a step happens, as the page's address names it. */
export type Place = 'thinking' | 'negotiation' | 'negotiation/training';

/** When the visitor has done what a step asks for. */
export type Effect =
  /** What the page knows. */
  | { readonly kind: 'state'; readonly holds: (state: AppState) => boolean }
  /** What the page shows: an element that this CSS selector finds. */
  | { readonly kind: 'shown'; readonly selector: string }
  /** What a target shows is no longer what it showed when the step began. */
  | { readonly kind: 'changed'; readonly target: LessonTarget };

/** What "Do it for me" does, on the real controls. */
export type Action =
  | { readonly kind: 'press'; readonly target: LessonTarget }
  /** Letter by letter, so that what listens to typing can be seen. */
  | { readonly kind: 'type'; readonly target: LessonTarget; readonly text: string }
  | { readonly kind: 'enter'; readonly target: LessonTarget }
  /** An entry of a list, by its value. */
  | { readonly kind: 'choose'; readonly target: LessonTarget; readonly value: string }
  /** One of several choices, by its value. */
  | { readonly kind: 'pick'; readonly target: LessonTarget; readonly value: string }
  /** Its first slider, to one of its ends. */
  | { readonly kind: 'slide'; readonly target: LessonTarget; readonly to: 'start' | 'end' };

interface StepBase {
  /** Of its lesson, for ever: progress is kept under it. */
  readonly id: string;
  readonly title: string;
  /** Paragraphs. `*term*` marks a term at its first use, followed by its gloss; `_word_` is stressed. */
  readonly text: readonly string[];
  /** The real control or region that is marked. */
  readonly target?: LessonTarget;
  /** Default: the lesson's. */
  readonly place?: Place;
  /** Steps of one way only. Default: both. */
  readonly way?: Way;
  /** A line with numbers of what is on the screen; null while there are none. */
  readonly facts?: (state: AppState) => string | null;
}

export interface ReadStep extends StepBase {
  readonly kind: 'explain' | 'see';
}

export interface DoStep extends StepBase {
  readonly kind: 'do';
  readonly target: LessonTarget;
  readonly until: Effect;
  /** Empty: there is nothing to do but wait. */
  readonly doIt: readonly Action[];
  /** A recording that plays is held then, so that the next steps can be read at leisure. */
  readonly isHeldAfter?: true;
}

export interface Choice {
  readonly text: string;
  readonly isRight?: true;
  /** Why it is right, or what it overlooks. */
  readonly feedback: string;
}

export interface QuestionStep extends StepBase {
  readonly kind: 'question';
  readonly choices: readonly Choice[];
}

export type LessonStep = ReadStep | DoStep | QuestionStep;

/** A recording that comes with the page. */
export interface LessonRecording {
  readonly kind: 'thinking' | 'negotiation' | 'training';
  readonly file: string;
  /** Shown in the live way too: what it holds takes too long to make. */
  readonly isAlwaysShown?: true;
  /** Before this step it is held at its beginning; behind it, it stands at its end. Null: it stands at its end at once. */
  readonly playedIn: string | null;
}

export interface Lesson {
  readonly id: LessonId;
  readonly title: string;
  /** What it is about, in a sentence. */
  readonly about: string;
  readonly place: Place;
  readonly recordings: readonly LessonRecording[];
  readonly steps: readonly LessonStep[];
}

/** In place of a step: behind the last one. */
export const END = 'end';

export function stepsOf(lesson: Lesson, way: Way): readonly LessonStep[] {
  return lesson.steps.filter((step) => step.way === undefined || step.way === way);
}

/**
 * Where among the steps of a way a lesson is; as many as there are: at its end. Where that way lacks the step, it is at
 * the last one in front of it; a step that no way has counts as the first.
 */
export function indexIn(lesson: Lesson, way: Way, stepId: string): number {
  const steps = stepsOf(lesson, way);
  if (stepId === END) return steps.length;
  const place = lesson.steps.findIndex(({ id }) => id === stepId);
  return Math.max(
    0,
    steps.findLastIndex((step) => lesson.steps.indexOf(step) <= place),
  );
}

export function placeOf(lesson: Lesson, step: LessonStep): Place {
  return step.place ?? lesson.place;
}
