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
  placeIn,
  progressOf,
  readLessons,
  startedAgain,
  stepBefore,
  wayChosen,
  type LessonsView,
} from './lesson-progress.ts';
import { createLessonStore } from './lesson-store.ts';

const IDS = ['one', 'two', 'three'];
const ID = 'typing';
const at = (view: LessonsView): number => placeIn(IDS, progressOf(view, ID));
const stepped = (view: LessonsView, times: number): LessonsView =>
  Array.from({ length: times }).reduce<LessonsView>((now) => nextStep(now, ID, IDS), view);

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
  const back = (view: LessonsView): LessonsView => stepBefore(view, ID, IDS);
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
  // At a common step it stays; at one of its own way it goes back to the last common one.
  ['common', ['one', 'live', 'three'], ['one', 'recorded', 'three'], 2, 'three'],
  ['own', ['one', 'live', 'three'], ['one', 'recorded', 'three'], 1, 'one'],
  ['no common one', ['live', 'two'], ['recorded', 'three'], 1, ''],
])('another way: %s', (_name, before, now, place, expected) => {
  const view = { ...NO_LESSONS, progress: { [ID]: { ...NO_PROGRESS, stepId: before[place] ?? '' } } };
  const chosen = wayChosen(view, ID, 'recorded', { before, now });
  expect(progressOf(chosen, ID)).toMatchObject({ way: 'recorded', stepId: expected });
});

test('another way at the end stays at the end', () => {
  expect(at(wayChosen(stepped(NO_LESSONS, 3), ID, 'live', { before: IDS, now: ['one'] }))).toBe(3);
});

test('what was kept is read back as it was, whatever was done', () => {
  const action = fc.constantFrom<(view: LessonsView) => LessonsView>(
    (view) => openedLesson(view, ID),
    closedLesson,
    (view) => foldedLesson(view, true),
    (view) => nextStep(view, ID, IDS),
    (view) => stepBefore(view, ID, IDS),
    (view) => effectSeen(view, ID, 'two'),
    (view) => answered(view, 'grpo', 'three', 1),
    (view) => startedAgain(view, ID),
    (view) => wayChosen(view, ID, 'live', { before: IDS, now: IDS }),
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
  const kept = nextStep(openedLesson(NO_LESSONS, ID), ID, IDS);
  const broken = { ...kept, isFolded: 'yes', progress: { ...kept.progress, grpo: { stepId: 7 } } };
  const view = readLessons(JSON.stringify(broken));
  expect(view.openId).toBe(ID);
  expect(progressOf(view, ID).stepId).toBe('two');
  expect(progressOf(view, 'grpo')).toEqual(NO_PROGRESS);
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
