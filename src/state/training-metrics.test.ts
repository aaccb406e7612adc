import { expect, test } from 'vitest';
import { STEP_PHASES } from '@/protocol/negotiation-training.ts';
import { METRIC_GROUPS, METRIC_KEYS, METRICS, phaseKey } from './training-metrics.ts';

test('no key stands in two charts, and no chart has more than six series', () => {
  expect(new Set(METRIC_KEYS).size).toBe(METRIC_KEYS.length);
  expect(new Set(METRICS.map(({ id }) => id)).size).toBe(METRICS.length);
  for (const { series, stack } of METRICS) expect(series.length + stack.length).toBeLessThanOrEqual(6);
});

test('the first three charts are the paper’s', () => {
  expect(METRICS.slice(0, 3).map(({ series }) => series[0]?.keys[0])).toEqual([
    'reward',
    'agreement_rate',
    'num_turns/mean',
  ]);
});

test('every metric says what it means, in one sentence, and every group has some', () => {
  for (const { meaning, title, unit } of METRICS) {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(meaning.slice(0, -1)).not.toContain('. ');
    expect(title).not.toBe('');
    expect(unit).not.toBe('');
  }
  for (const name of Object.keys(METRIC_GROUPS)) expect(METRICS.some(({ group }) => group === name)).toBe(true);
});

test('the parts of a step’s time are all phases, each once', () => {
  const parts = METRICS.flatMap(({ stack }) => stack.flatMap(({ keys }) => keys));
  expect(parts.toSorted()).toEqual(STEP_PHASES.map(phaseKey).toSorted());
});
