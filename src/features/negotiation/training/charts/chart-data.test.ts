import { expect, test } from 'vitest';
import { METRICS, type Metric } from '@/state/training-metrics.ts';
import { rangeOf, type StepNumbers } from '@/state/training-points.ts';
import { plotOf, type ChartRun } from './chart-data.ts';

function metricOf(id: string): Metric {
  const metric = METRICS.find((one) => one.id === id);
  if (metric === undefined) throw new Error(`No metric ${id}.`);
  return metric;
}

const stepOf = (step: number, metrics: Record<string, number>): StepNumbers => ({ step, metrics, phaseSeconds: {} });

function runOf(id: string, steps: readonly StepNumbers[]): ChartRun {
  return { id, name: `Run ${id}`, steps };
}

function optionsOf(runs: readonly ChartRun[], smoothing = 0, isLog = false) {
  return { range: rangeOf(runs), smoothing, isLog };
}

const ONE = runOf('a', [
  stepOf(1, { reward: 2, 'reward/min': 0, 'reward/max': 4 }),
  stepOf(2, { reward: 3, 'reward/max': 5 }),
]);

test('one run shows all series that are known, several runs one line each', () => {
  expect(plotOf(metricOf('reward'), [ONE], optionsOf([ONE]))?.lines.map(({ label }) => label)).toEqual([
    'mean',
    'min',
    'max',
  ]);
  const runs = [ONE, runOf('b', [stepOf(2, { reward: 1 }), stepOf(3, { reward: 2 })])];
  const plot = plotOf(metricOf('reward'), runs, optionsOf(runs));
  expect(plot?.lines.map(({ label, name }) => [label, name])).toEqual([
    ['A', 'Run a'],
    ['B', 'Run b'],
  ]);
  expect(plot?.rows.map(({ step }) => step)).toEqual([1, 2, 3]);
});

test('all charts of the same runs have the same rows, whatever is missing', () => {
  const steps = (id: string): number[] | undefined =>
    plotOf(metricOf(id), [ONE], optionsOf([ONE]))?.rows.map(({ step }) => step);
  expect(steps('reward')).toEqual([1, 2]);
  expect(plotOf(metricOf('loss'), [ONE], optionsOf([ONE]))).toBeNull();
  const sparse = runOf('c', [stepOf(1, { loss: 1 }), stepOf(2, {}), stepOf(3, { loss: 2 })]);
  const plot = plotOf(metricOf('loss'), [sparse], optionsOf([sparse]));
  expect(plot?.rows).toEqual([{ step: 1, line0: 1, measured0: 1 }, { step: 2 }, { step: 3, line0: 2, measured0: 2 }]);
});

test('a logarithmic axis leaves out what it cannot show, and is used only where it makes sense', () => {
  const run = runOf('a', [stepOf(1, { grad_norm: 0, loss: 1 }), stepOf(2, { grad_norm: 0.5, loss: 2 })]);
  const plot = plotOf(metricOf('grad_norm'), [run], optionsOf([run], 0, true));
  expect(plot?.axis.isLog).toBe(true);
  expect(plot?.rows[0]).toEqual({ step: 1 });
  expect(plotOf(metricOf('loss'), [run], optionsOf([run], 0, true))?.axis.isLog).toBe(false);
});

test('smoothing keeps the measured values beside the line', () => {
  const plot = plotOf(metricOf('reward'), [ONE], optionsOf([ONE], 0.5));
  expect(plot?.rows[1]).toMatchObject({ measured0: 3 });
  expect(plot?.rows[1]?.['line0']).toBeCloseTo(2 + 2 / 3);
  expect(plot?.lines[0]?.ends).toEqual({ name: 'mean', first: 2, last: 3 });
});

test('the axis of stacked areas reaches their sum', () => {
  const run = runOf('a', [{ step: 1, metrics: {}, phaseSeconds: { rollout: 6, judge: 3 } }]);
  const plot = plotOf(metricOf('step_time'), [run], optionsOf([run]));
  expect(plot?.lines.map(({ label }) => label)).toEqual(['dialogues', 'judge']);
  expect(plot?.axis.domain[1]).toBeGreaterThanOrEqual(9);
  expect(plot?.axis.domain[0]).toBe(0);
});
