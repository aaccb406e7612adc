import { expect, it, test } from 'vitest';
import { DEFAULT_TRAINING, type TrainingSettings } from '@/protocol/training.ts';
import { learningRateAt } from './learning-rate.ts';

const settings = { ...DEFAULT_TRAINING, learningRate: 0.1, warmupSteps: 4, maxSteps: 12 };

test.each<[TrainingSettings['lrSchedulerType'], number, number]>([
  ['constant', 0, 0.1],
  ['constant', 100, 0.1],
  ['constant_with_warmup', 0, 0],
  ['constant_with_warmup', 1, 0.025],
  ['constant_with_warmup', 4, 0.1],
  ['constant_with_warmup', 40, 0.1],
  ['linear', 0, 0],
  ['linear', 3, 0.075],
  ['linear', 4, 0.1],
  ['linear', 6, 0.075],
  ['linear', 11, 0.0125],
  ['linear', 12, 0],
  ['linear', 13, 0],
  ['cosine', 2, 0.05],
  ['cosine', 4, 0.1],
  ['cosine', 6, 0.05 * (1 + Math.SQRT1_2)],
  ['cosine', 8, 0.05],
  ['cosine', 12, 0],
  ['cosine', 20, 0],
])('%s at step %i: %f', (lrSchedulerType, step, expected) => {
  expect(learningRateAt(step, { ...settings, lrSchedulerType })).toBeCloseTo(expected, 12);
});

it('without warm-up begins at the full rate', () => {
  for (const lrSchedulerType of ['constant_with_warmup', 'linear', 'cosine'] as const)
    expect(learningRateAt(0, { ...settings, warmupSteps: 0, lrSchedulerType })).toBe(0.1);
});

it('a warm-up as long as the training never divides by 0', () => {
  for (const step of [11, 12, 13])
    expect(learningRateAt(step, { ...settings, warmupSteps: 12, lrSchedulerType: 'linear' })).toBeCloseTo(
      [11 / 120, 0, 0][step - 11] ?? Number.NaN,
      12,
    );
});
