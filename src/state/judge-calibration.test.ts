import { expect, test } from 'vitest';
import type { JudgeAgreement } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import {
  applyComparisonEvent,
  createJudgeCalibrationSlice,
  EMPTY_JUDGE_CALIBRATION,
  numUnreadable,
  secondsLeft,
  scoredPairs,
  type JudgeCalibrationSlice,
  type JudgeCalibrationView,
} from './judge-calibration-slice.ts';
import { judgeOrder, type RankedVerdict } from './judge-order.ts';
import { createStore } from 'zustand/vanilla';

const scored = (score: number): JudgeVerdict => ({ state: 'scored', score });
const UNREADABLE: JudgeVerdict = { state: 'unreadable', reason: 'No digit.', raw: 'hm' };
const AGREEMENT = { count: 1, exact: 1 } as JudgeAgreement;
const ANSWERS = ['a', 'b'].map((name) => ({
  name,
  answer: { dilemma: '?', persona1: '1', persona2: '2', completion: name },
}));

function running(): JudgeCalibrationView {
  return { ...EMPTY_JUDGE_CALIBRATION, phase: 'running', judges: ['one', 'two'], answers: ANSWERS };
}

function compared(first: JudgeVerdict, second: JudgeVerdict): Parameters<typeof applyComparisonEvent>[1] {
  return { kind: 'compared', index: 0, total: 2, verdicts: [first, second], agreement: AGREEMENT };
}

test('verdicts gather; what a judge could not read is counted, and is no pair of scores', () => {
  const view = [compared(scored(3.4), scored(0)), compared(scored(2), UNREADABLE)].reduce(
    (now, event) => applyComparisonEvent(now, event, 0),
    running(),
  );
  expect(view.agreement).toBe(AGREEMENT);
  expect(numUnreadable(view)).toEqual([0, 1]);
  expect(scoredPairs(view)).toEqual([{ name: 'a', first: 3.4, second: 0 }]);
});

test('what arrives after the end changes nothing', () => {
  const done = { ...running(), phase: 'cancelled' } as const;
  expect(applyComparisonEvent(done, compared(scored(1), scored(1)), 0)).toBe(done);
});

test('cancelled keeps what was judged and closes the questions; a failure says why', () => {
  const store = createStore<JudgeCalibrationSlice>()(createJudgeCalibrationSlice);
  const view = (): JudgeCalibrationView => store.getState().judgeCalibration;
  store.getState().judgeCalibrationStarted(['one', 'two'], ANSWERS, 0);
  const question = { id: 1, answer: { dilemma: '?', persona1: '1', persona2: '2', completion: 'a' } };
  store
    .getState()
    .judgeCalibrationEventsArrived([{ kind: 'humanAsked', open: [question] }, compared(scored(1), scored(2))], 0);
  expect(view().questions).toEqual([question]);
  store.getState().judgeCalibrationFailed({ code: 'cancelled', message: '' });
  expect(view()).toMatchObject({ phase: 'cancelled', questions: [], failure: null });
  expect(view().verdicts).toHaveLength(1);
  store.getState().judgeCalibrationStarted(['one', 'two'], ANSWERS, 0);
  expect(view().verdicts).toEqual([]);
  // A kept result never takes the place of one that is being made.
  store.getState().judgeCalibrationFound({ judges: ['x', 'y'], answers: [], verdicts: [], agreement: null });
  expect(view().judges).toEqual(['one', 'two']);
  store.getState().judgeCalibrationFailed({ code: 'noModel', message: 'Load one.' });
  expect(view()).toMatchObject({ phase: 'failed', failure: { code: 'noModel', message: 'Load one.' } });
});

test('the time left follows from the rate, and not from a person', () => {
  const view = { ...running(), startedMs: 1000 };
  expect(secondsLeft(view, 9000)).toBeNull();
  const half = applyComparisonEvent(view, compared(scored(1), scored(1)), 9000);
  expect(secondsLeft(half, 9000)).toBe(8);
  expect(secondsLeft(half, 12_000)).toBe(5);
  expect(secondsLeft(half, 60_000)).toBe(0);
  const question = { id: 1, answer: { dilemma: '?', persona1: '1', persona2: '2', completion: 'a' } };
  expect(secondsLeft({ ...half, questions: [question] }, 9000)).toBeNull();
});

test('an order counts pairs of one dilemma only, ties apart, and leaves out what has no score', () => {
  const ranked = (dilemmaId: string, scores: readonly (number | null)[]): RankedVerdict[] =>
    (['good', 'middling', 'bad'] as const).map((level, i) => {
      const score = scores[i];
      return { dilemmaId, level, verdict: score === null || score === undefined ? UNREADABLE : scored(score) };
    });
  const order = judgeOrder([...ranked('a', [4.2, 4.201, 1]), ...ranked('b', [2, 5, 3]), ...ranked('c', [5, null, 0])]);
  expect(order.goodOverBad).toEqual({ right: 2, tied: 0, count: 3 });
  expect(order.all).toEqual({ right: 4, tied: 1, count: 7 });
  expect(judgeOrder([])).toEqual({
    goodOverBad: { right: 0, tied: 0, count: 0 },
    all: { right: 0, tied: 0, count: 0 },
  });
});
