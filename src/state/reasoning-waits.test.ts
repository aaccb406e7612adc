import { expect, test } from 'vitest';
import { EMPTY_REASONING_VIEW, type ReasoningView } from './reasoning-view.ts';
import { thinkThenAnswerOf, waitOf } from './reasoning-waits.ts';

const running: ReasoningView = { ...EMPTY_REASONING_VIEW, phase: 'running', startedAtMs: 1000 };

test.each([
  [{}, { kind: 'notSent' }],
  [{ firstAnswerMs: 40 }, { kind: 'none' }],
  [{ sentMs: 50, firstAnswerMs: 40 }, { kind: 'none' }],
  [{ sentMs: 500 }, { kind: 'running', elapsedMs: 1500 }],
  [
    { sentMs: 500, firstAnswerMs: 900 },
    { kind: 'over', elapsedMs: 400 },
  ],
  [{ sentMs: 500, phase: 'ended' }, { kind: 'unanswered' }],
] as const)('%o waits %o', (change, wait) => {
  expect(waitOf({ ...running, ...change }, 3000)).toEqual(wait);
});

test('think-then-answer waits for all thoughts of the turn at the speed of thinking alone, and for the reading', () => {
  const view: ReasoningView = {
    ...running,
    sentMs: 10,
    thinkerTokens: 40,
    thinkingClock: { previousStepMs: null, totalMs: 600, steps: 6 },
    readingMs: 500,
  };
  expect(thinkThenAnswerOf(view)).toEqual({ elapsedMs: 4500, isAtLeast: true, msPerStep: 100, thinkerTokens: 40 });
  expect(thinkThenAnswerOf({ ...view, state: 'writerOnly' })?.isAtLeast).toBe(false);
  expect(thinkThenAnswerOf({ ...view, sentMs: null })).toBeNull();
  expect(thinkThenAnswerOf({ ...view, thinkingClock: EMPTY_REASONING_VIEW.thinkingClock })).toBeNull();
});
