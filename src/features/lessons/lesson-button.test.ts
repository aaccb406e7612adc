import { expect, test } from 'vitest';
import { fittingLesson } from './lesson-button.tsx';

test.each([
  [[], 'timeline', false, 'kv-cache'],
  [['thinking'], 'blocks', false, 'kv-cache'],
  [['thinking'], 'blocks', true, 'typing'],
  [['thinking'], 'rotaryDial', false, 'rotation'],
  [['thinking'], 'check', true, 'rotation'],
  [['negotiation'], 'timeline', false, 'negotiation'],
  [['negotiation', 'training'], 'timeline', false, 'grpo'],
  [['negotiation', 'evaluation'], 'timeline', false, 'doubt'],
  [['chat'], 'timeline', false, null],
  [['lessons'], 'timeline', false, null],
] as const)('%j, picture %s: the lesson %s %s', (path, picture, knowsCache, expected) => {
  expect(fittingLesson(path, picture, knowsCache)).toBe(expected);
});
