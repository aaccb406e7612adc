import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  answered,
  closedLesson,
  effectSeen,
  foldedLesson,
  nextStep,
  NO_LESSONS,
  NO_PROGRESS,
  openedLesson,
  progressOf,
  readLessons,
  startedAgain,
  stepBefore,
  wayChosen,
  type LessonsView,
} from './lesson-progress.ts';
import { END, indexIn, type Lesson, type Way } from './lesson.ts';
import { createLessonStore } from './lesson-store.ts';

const ID = 'typing';

function lessonOf(steps: readonly { readonly id: string; readonly way?: Way }[]): Lesson {
  return {
    id: ID,
    title: '',
    about: '',
    place: 'thinking',
    recordings: [],
    steps: steps.map((step) => ({ ...step, kind: 'explain', title: '', text: [] })),
  };
}

const IDS = ['one', 'two', 'three'];
const LESSON = lessonOf(IDS.map((id) => ({ id })));
const BOTH_WAYS = lessonOf([
  { id: 'one' },
  { id: 'live', way: 'live' },
  { id: 'recorded', way: 'recorded' },
  { id: 'three' },
]);
const at = (view: LessonsView): number => indexIn(LESSON, 'live', progressOf(view, ID).stepId);
const next = (view: LessonsView): LessonsView => nextStep(view, LESSON, 'live');
const stepped = (view: LessonsView, times: number): LessonsView =>
  Array.from({ length: times }).reduce<LessonsView>(next, view);

test('goes through the steps to the end, and is finished there', () => {
  expect(at(NO_LESSONS)).toBe(0);
  expect(at(stepped(NO_LESSONS, 2))).toBe(2);
  expect(progressOf(stepped(NO_LESSONS, 2), ID).isFinished).toBe(false);
  const end = stepped(NO_LESSONS, 3);
  expect(at(end)).toBe(3);
  expect(progressOf(end, ID).isFinished).toBe(true);
  expect(at(stepped(end, 2))).toBe(3);
});

test('goes back to the first step and no further; from the end to the last', () => {
  const back = (view: LessonsView): LessonsView => stepBefore(view, LESSON, 'live');
  expect(at(back(stepped(NO_LESSONS, 3)))).toBe(2);
  expect(at(back(back(stepped(NO_LESSONS, 1))))).toBe(0);
});

test('keeps the last answer and each effect once', () => {
  let view = answered(answered(NO_LESSONS, ID, 'two', 0), ID, 'two', 2);
  view = effectSeen(effectSeen(view, ID, 'one'), ID, 'one');
  expect(progressOf(view, ID)).toMatchObject({ answers: { two: 2 }, seen: ['one'] });
  expect(progressOf(view, 'grpo')).toEqual(NO_PROGRESS);
});

test('begun again it forgets all but that it was finished', () => {
  const view = startedAgain(effectSeen(answered(stepped(NO_LESSONS, 3), ID, 'two', 1), ID, 'one'), ID);
  expect(progressOf(view, ID)).toEqual({ ...NO_PROGRESS, isFinished: true });
});

test('closed and opened again it goes on where it was, unfolded', () => {
  const folded = foldedLesson(openedLesson(stepped(NO_LESSONS, 1), ID), true);
  const again = openedLesson(closedLesson(folded), ID);
  expect(again).toMatchObject({ openId: ID, isFolded: false });
  expect(at(again)).toBe(1);
});

test.each([
  // At a common step both ways are at the same one; at one of the other way, at the one in front of it.
  ['', 0, 0],
  ['one', 0, 0],
  ['live', 1, 0],
  ['recorded', 1, 1],
  ['three', 2, 2],
  [END, 3, 3],
  ['no step', 0, 0],
] as const)('at the step %j: index %i live, %i recorded', (stepId, live, recorded) => {
  expect(indexIn(BOTH_WAYS, 'live', stepId)).toBe(live);
  expect(indexIn(BOTH_WAYS, 'recorded', stepId)).toBe(recorded);
});

test('a way that begins with a step of its own is at its first step before it', () => {
  const late = lessonOf([{ id: 'live', way: 'live' }, { id: 'recorded', way: 'recorded' }, { id: 'two' }]);
  expect(indexIn(late, 'recorded', 'live')).toBe(0);
  expect(indexIn(late, 'live', 'recorded')).toBe(0);
});

test('another way keeps the step, so that the way back leads to it', () => {
  const view = nextStep(NO_LESSONS, BOTH_WAYS, 'live');
  const there = wayChosen(view, ID, 'recorded');
  expect(progressOf(there, ID)).toMatchObject({ way: 'recorded', stepId: 'live' });
  expect(progressOf(wayChosen(there, ID, 'live'), ID)).toEqual(progressOf(view, ID));
  // On from the step that is shown, which is the one in front of it.
  expect(progressOf(nextStep(there, BOTH_WAYS, 'recorded'), ID).stepId).toBe('recorded');
  expect(progressOf(stepBefore(there, BOTH_WAYS, 'recorded'), ID).stepId).toBe('one');
});

test('the way that was shown is kept with the first step; one that was chosen stays', () => {
  expect(progressOf(nextStep(NO_LESSONS, LESSON, 'live'), ID).way).toBe('live');
  const chosen = wayChosen(NO_LESSONS, ID, 'live');
  // Shown recorded in spite of it, as where no model can run.
  expect(progressOf(nextStep(chosen, LESSON, 'recorded'), ID).way).toBe('live');
});

test('what was kept is read back as it was, whatever was done', () => {
  const action = fc.constantFrom<(view: LessonsView) => LessonsView>(
    (view) => openedLesson(view, ID),
    closedLesson,
    (view) => foldedLesson(view, true),
    next,
    (view) => nextStep(view, BOTH_WAYS, 'recorded'),
    (view) => stepBefore(view, LESSON, 'live'),
    (view) => effectSeen(view, ID, 'two'),
    (view) => answered(view, 'grpo', 'three', 1),
    (view) => startedAgain(view, ID),
    (view) => wayChosen(view, ID, 'live'),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const view = actions.reduce((now, act) => act(now), NO_LESSONS);
      expect(readLessons(JSON.stringify(view))).toEqual(view);
      expect(at(view)).toBeGreaterThanOrEqual(0);
      expect(at(view)).toBeLessThanOrEqual(IDS.length);
    }),
  );
});

test('whatever else stands in the storage, the page gets lessons', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const view = readLessons(text);
      expect(readLessons(JSON.stringify(view))).toEqual(view);
    }),
  );
});

test('one broken lesson does not take the others with it', () => {
  const kept = next(openedLesson(NO_LESSONS, ID));
  const broken = { ...kept, isFolded: 'yes', progress: { ...kept.progress, grpo: { stepId: 7 } } };
  const view = readLessons(JSON.stringify(broken));
  expect(view.openId).toBe(ID);
  expect(progressOf(view, ID).stepId).toBe('two');
  expect(progressOf(view, 'grpo')).toEqual(NO_PROGRESS);
});

test('a lesson that this page does not know does not take the others with it', () => {
  const kept = next(openedLesson(NO_LESSONS, ID));
  const later = { ...kept, progress: { ...kept.progress, 'of-tomorrow': NO_PROGRESS } };
  expect(readLessons(JSON.stringify(later))).toEqual(kept);
});

test('storage that throws costs the memory of it, nothing else', () => {
  const broken = {
    getItem: () => {
      throw new Error('forbidden');
    },
    setItem: () => {
      throw new Error('full');
    },
  };
  const store = createLessonStore(broken);
  store.setState((view) => openedLesson(view, ID));
  expect(store.getState().openId).toBe(ID);
});
