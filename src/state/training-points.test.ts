import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrainingStepSummary } from '@/protocol/negotiation-training.ts';
import {
  hasCollapsed,
  linesOfRuns,
  MAX_POINTS,
  pointsOf,
  positive,
  rangeOf,
  smoothed,
  stepsPerPoint,
  summaryOf,
  thinned,
} from './training-points.ts';

function stepOf(
  step: number,
  metrics: TrainingStepSummary['metrics'],
  phaseSeconds: TrainingStepSummary['phaseSeconds'] = {},
): TrainingStepSummary {
  return { step, updates: step, metrics, phaseSeconds, tasks: [] };
}

const stepsOf = (key: string, values: readonly (number | null)[]): TrainingStepSummary[] =>
  values.map((value, index) => stepOf(index + 1, value === null ? {} : { [key]: value }));

const values = (points: readonly { readonly value: number }[]): number[] => points.map(({ value }) => value);

test('the points of a metric are those of the steps that know it', () => {
  expect(pointsOf(stepsOf('loss', [0.5, null, -0.25]), ['loss'])).toEqual([
    { step: 1, value: 0.5 },
    { step: 3, value: -0.25 },
  ]);
  expect(pointsOf(stepsOf('loss', [Number.NaN, Number.POSITIVE_INFINITY]), ['loss'])).toEqual([]);
});

test('phases are read by their keys, and added up where some are known', () => {
  const steps = [stepOf(1, {}, { forward: 2, reference: 3 }), stepOf(2, {}, { forward: 4 }), stepOf(3, {})];
  const keys = ['phase_seconds/reference', 'phase_seconds/forward'];
  expect(values(pointsOf(steps, keys))).toEqual([5, 4]);
});

test('smoothing follows the recursion by hand', () => {
  // s: 0.5, 1.25, 2.125; divided by 1/2, 3/4, 7/8.
  const points = [1, 2, 3].map((value, index) => ({ step: index + 1, value }));
  expect(values(smoothed(points, 0.5))).toEqual([1, 1.25 / 0.75, 2.125 / 0.875]);
  expect(smoothed(points, 0)).toBe(points);
});

test('smoothing keeps constants, steps and bounds, and skips missing steps as if they were not there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (given, weight) => {
        const dense = smoothed(pointsOf(stepsOf('x', given), ['x']), weight);
        const sparse = smoothed(
          pointsOf(
            stepsOf(
              'x',
              given.flatMap((value) => [value, null]),
            ),
            ['x'],
          ),
          weight,
        );
        expect(values(sparse)).toEqual(values(dense));
        expect(dense[0]?.value).toBeCloseTo(given[0] ?? 0, 6);
        for (const value of values(dense)) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...given) - 1e-6);
          expect(value).toBeLessThanOrEqual(Math.max(...given) + 1e-6);
        }
      },
    ),
  );
  for (const value of values(smoothed(pointsOf(stepsOf('x', [3, 3, 3]), ['x']), 0.99))) expect(value).toBeCloseTo(3);
});

test('thinning leaves short runs as they are, and takes means at the last step of each piece', () => {
  const points = [1, 2, 3, 4, 5].map((step) => ({ step, value: step * 10 }));
  expect(thinned(points, { first: 1, last: 5 }, 5)).toEqual(points);
  expect(thinned(points, { first: 1, last: 5 }, 2)).toEqual([
    { step: 3, value: 20 },
    { step: 5, value: 45 },
  ]);
  expect(thinned(points, { first: 2, last: 4 }, 5).map(({ step }) => step)).toEqual([2, 3, 4]);
});

test('thinning keeps to its limit, ends at the last step, and lays runs of one range over each other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 300 }),
      (first, count, max) => {
        const range = { first, last: first + count - 1 };
        const all = Array.from({ length: count }, (_, index) => ({ step: first + index, value: index }));
        const some = all.filter(({ step }) => step % 3 !== 0);
        const thin = thinned(all, range, max);
        expect(thin.length).toBeLessThanOrEqual(max);
        expect(thin.at(-1)?.step).toBe(range.last);
        const steps = new Set(thin.map(({ step }) => step));
        expect(thinned(some, range, max).every(({ step }) => steps.has(step))).toBe(true);
        expect(Math.ceil(count / stepsPerPoint(range, max))).toBe(thin.length);
      },
    ),
  );
  expect(thinned(pointsOf(stepsOf('x', Array(2000).fill(1)), ['x']), { first: 1, last: 2000 })).toHaveLength(
    MAX_POINTS,
  );
});

test('the range is that of all runs', () => {
  expect(rangeOf([{ steps: [] }])).toBeNull();
  expect(rangeOf([{ steps: stepsOf('x', [1, 2]) }, { steps: [stepOf(7, {})] }, { steps: [] }])).toEqual({
    first: 1,
    last: 7,
  });
});

test('a logarithmic axis has no place for zero and below', () => {
  const points = [0, 1e-9, -1].map((value, step) => ({ step, value }));
  expect(values(positive(points))).toEqual([1e-9]);
});

test('ten spreads in a row below a tenth of the first ten are a collapse, nine are none', () => {
  const early = Array<number>(10).fill(1);
  const low = (count: number): number[] => Array<number>(count).fill(0.09);
  const collapsed = (stds: readonly (number | null)[]): boolean => hasCollapsed(stepsOf('reward_std', stds));
  expect(collapsed([...early, ...low(10)])).toBe(true);
  expect(collapsed([...early, ...low(9)])).toBe(false);
  expect(collapsed([...early, ...low(9), 0.1, ...low(9)])).toBe(false);
  expect(collapsed([...early, ...low(9), null, ...low(1)])).toBe(true);
  expect(collapsed([...early, ...low(10), ...early])).toBe(true);
  expect(collapsed(Array<number>(40).fill(0))).toBe(false);
  expect(collapsed([])).toBe(false);
});

test('a collapse may begin within the first ten steps', () => {
  expect(hasCollapsed(stepsOf('reward_std', [2, ...Array<number>(10).fill(0.01)]))).toBe(true);
});

test('a run is summed up by its last five steps against its first five', () => {
  const steps = stepsOf('reward', [1, 1, 1, 1, 1, 9, 3, 3, 3, 3, 3]);
  expect(summaryOf(steps)).toEqual({ reward: 3, rewardChange: 2, agreementRate: null, secondsPerStep: null });
  expect(summaryOf(stepsOf('reward', [1, 2, 4]))).toMatchObject({ reward: 4, rewardChange: 3 });
  expect(summaryOf(stepsOf('reward', [1]))).toMatchObject({ reward: 1, rewardChange: null });
  expect(summaryOf([])).toMatchObject({ reward: null, rewardChange: null });
});

test('a file holds every number of every run, known or not to the charts', () => {
  const lines = linesOfRuns([
    { id: 'a', name: 'First', steps: [stepOf(1, { reward: 2, 'own/number': 7 }, { rollout: 3 })] },
    {
      id: 'b',
      name: 'Second',
      steps: [{ ...stepOf(5, { loss: 0.5 }), tasks: [{ dilemma: 'd1', pair: 'p1' }] }],
    },
  ]);
  const [head = [], ...rows] = lines;
  const cell = (row: number, name: string): unknown => rows[row]?.[head.indexOf(name)];
  expect(rows).toHaveLength(2);
  expect(rows.every((row) => row.length === head.length)).toBe(true);
  expect(new Set(head).size).toBe(head.length);
  expect([cell(0, 'run'), cell(0, 'reward'), cell(0, 'own/number'), cell(0, 'loss')]).toEqual(['First', 2, 7, null]);
  expect([cell(0, 'phase_seconds/rollout'), cell(1, 'phase_seconds/rollout')]).toEqual([3, null]);
  expect([cell(1, 'step'), cell(1, 'loss'), cell(1, 'tasks')]).toEqual([5, 0.5, 'd1 p1']);
});
