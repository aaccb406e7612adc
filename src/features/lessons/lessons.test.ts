import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NEGOTIATION_PAGES } from '@/features/negotiation/use-negotiation-page.ts';
import { PRESETS } from '@/features/negotiation/training/lesson/lesson-group.ts';
import { PICTURE_NAMES } from '@/state/pictures-slice.ts';
import { METRICS } from '@/state/training-metrics.ts';
import { LESSONS } from './all-lessons.ts';
import { END, LESSON_IDS, stepsOf, type Effect, type Lesson, type Way } from './lesson.ts';
import { lessonSeconds } from './lesson-minutes.ts';
import { LESSON_TARGETS, revealOf, type LessonTarget } from './lesson-targets.ts';

const WAYS: readonly Way[] = ['live', 'recorded'];
const IN_BOTH_WAYS = LESSONS.flatMap((lesson) => WAYS.map((way) => [lesson.id, way, lesson] as const));

test('there is a lesson for each id, in order', () => {
  expect(LESSONS.map(({ id }) => id)).toEqual(LESSON_IDS);
});

test.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))('%s: ids of steps are its own', (_, { steps }) => {
  const ids = steps.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).not.toContain(END);
  expect(ids.filter((id) => id.length > 60 || id === '')).toEqual([]);
});

test.each(IN_BOTH_WAYS)('%s, %s: 8 to 17 steps, something done, two questions or more', (_id, way, lesson) => {
  const steps = stepsOf(lesson, way);
  expect(steps.length).toBeGreaterThanOrEqual(8);
  expect(steps.length).toBeLessThanOrEqual(17);
  const numOf = (kind: string): number => steps.filter((step) => step.kind === kind).length;
  expect(numOf('do')).toBeGreaterThanOrEqual(2);
  expect(numOf('see')).toBeGreaterThanOrEqual(2);
  expect(numOf('question')).toBeGreaterThanOrEqual(2);
});

test.each(IN_BOTH_WAYS)('%s, %s: takes 5 to 10 minutes', (_id, way, lesson) => {
  const minutes = lessonSeconds(stepsOf(lesson, way)) / 60;
  expect(minutes).toBeGreaterThanOrEqual(5);
  expect(minutes).toBeLessThanOrEqual(10);
});

test.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))(
  '%s: a question has one right choice, and each choice says why',
  (_, { steps }) => {
    for (const step of steps) {
      if (step.kind !== 'question') continue;
      expect(step.choices.filter(({ isRight }) => isRight === true)).toHaveLength(1);
      expect(step.choices.length).toBeGreaterThanOrEqual(2);
      expect(step.choices.length).toBeLessThanOrEqual(4);
      expect(new Set(step.choices.map(({ text }) => text)).size).toBe(step.choices.length);
      for (const { feedback } of step.choices) expect(feedback.length).toBeGreaterThan(20);
    }
  },
);

test('the right choice does not always stand at the same place', () => {
  const places = LESSONS.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'question' ? [step.choices.findIndex(({ isRight }) => isRight)] : [])),
  );
  expect(new Set(places)).toEqual(new Set([0, 1, 2]));
});

test.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))(
  '%s: terms and stressed words are marked in pairs',
  (_, { steps }) => {
    const parts = steps.flatMap((step) => [
      ...step.text,
      ...(step.kind === 'question' ? step.choices.map(({ feedback }) => feedback) : []),
    ]);
    for (const part of parts) for (const mark of ['*', '_']) expect(part.split(mark).length % 2).toBe(1);
  },
);

test.each(LESSONS.map((lesson) => [lesson.id, lesson] as const))(
  '%s: its recordings come with the page',
  (_, lesson) => {
    for (const { kind, file, playedIn } of lesson.recordings) {
      const folder = { thinking: '', negotiation: 'negotiations/', training: 'training/' }[kind];
      const url = new URL(`../../../public/recordings/${folder}${file}`, import.meta.url);
      expect(JSON.parse(readFileSync(url, 'utf8'))).toHaveProperty('format');
      const ids = stepsOf(lesson, 'recorded').map(({ id }) => id);
      expect(playedIn === null || ids.includes(playedIn)).toBe(true);
    }
  },
);

function namesIn(until: Effect): readonly LessonTarget[] {
  if (until.kind === 'changed') return [until.target];
  if (until.kind === 'state') return [];
  const names = [...until.selector.matchAll(/data-lesson="([^"]+)"/g)].map(([, name]) => name);
  expect(names.filter((name) => name === undefined || !(name in LESSON_TARGETS))).toEqual([]);
  return names as LessonTarget[];
}

function targetsOf({ steps }: Lesson): readonly LessonTarget[] {
  return steps.flatMap((step) => [
    ...(step.target === undefined ? [] : [step.target]),
    ...(step.kind === 'do' ? step.doIt.map(({ target }) => target) : []),
    ...(step.kind === 'do' ? namesIn(step.until) : []),
  ]);
}

test('every target is used, and what it stands behind is a target that stands behind nothing', () => {
  const used = new Set(LESSONS.flatMap(targetsOf));
  const behind = new Set([...used].flatMap((target) => revealOf(target) ?? []));
  const all = Object.keys(LESSON_TARGETS) as LessonTarget[];
  expect(all.filter((target) => !used.has(target) && !behind.has(target))).toEqual([]);
  expect([...behind].filter((target) => revealOf(target) !== null)).toEqual([]);
});

/** Names that panels build from an id, such as `picture-${name}`, with the ids that there are. */
const BUILT: Readonly<Record<string, readonly string[]>> = {
  'picture-': PICTURE_NAMES,
  'rewards-': PRESETS.map(({ id }) => id),
  'chart-': METRICS.map(({ id }) => id),
  'negotiation-': Object.keys(NEGOTIATION_PAGES),
};

test('every target is the name of something in a panel', () => {
  const sources = new URL('../', import.meta.url);
  const panels = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx') && !name.startsWith('lessons'))
    .map((name) => readFileSync(new URL(name, sources), 'utf8'))
    .join('\n');
  const isNamed = (target: string): boolean =>
    panels.includes(`lesson="${target}"`) ||
    Object.entries(BUILT).some(
      ([start, ids]) => panels.includes(`data-lesson={\`${start}\${`) && ids.some((id) => target === `${start}${id}`),
    );
  expect(Object.keys(LESSON_TARGETS).filter((target) => !isNamed(target))).toEqual([]);
});
