import { expect, test } from 'vitest';
import { METRICS } from '@/state/training-metrics.ts';
import { chartLabel, metricValue, tickText } from './metric-texts.ts';

const NUMBER = { isShare: false };
const SHARE = { isShare: true };

test('numbers have about three digits', () => {
  const texts = [3.4159, 3.4, 3, 12.34, 1234.5, 0.0512, 0.000_001_23, 0, -0.25].map((value) =>
    metricValue(value, NUMBER),
  );
  expect(texts).toEqual(['3.42', '3.40', '3', '12.3', '1,235', '0.051', '1.2e-6', '0', '\u22120.25']);
  expect([0.4812, 1, 0].map((value) => metricValue(value, SHARE))).toEqual(['48.1\u00A0%', '100\u00A0%', '0\u00A0%']);
});

test('ticks are short', () => {
  const texts = [0, 0.25, 1, 1500, 20_000, 1e-6, 2.5e-4, -0.4].map((value) => tickText(value, NUMBER));
  expect(texts).toEqual(['0', '0.25', '1', '1.5K', '20K', '1e-6', '2.5e-4', '\u22120.4']);
  expect([0, 0.25, 1].map((value) => tickText(value, SHARE))).toEqual(['0', '25', '100']);
});

test('a chart says its first and last values', () => {
  const [metric] = METRICS;
  if (metric === undefined) throw new Error('There is no metric.');
  expect(chartLabel(metric, 40, [{ name: 'mean', first: 1, last: 3.5 }])).toBe(
    'Collective Agency, CA, 0 to 5, over 40 steps: mean begins at 1 and is 3.50 last. The table view has all numbers.',
  );
  expect(chartLabel(metric, 1, [{ name: 'mean', first: 1, last: 1 }])).toContain('over one step: mean is 1.');
});
