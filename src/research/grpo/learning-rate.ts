import { assertNever } from '@/lib/assert.ts';
import type { TrainingSettings } from '@/protocol/training.ts';

/**
 * Learning rate of an update, as transformers' schedulers define it.
 *
 *   warm-up    learningRate step / warmupSteps            (all but 'constant')
 *   linear     learningRate (maxSteps - step) / (maxSteps - warmupSteps)
 *   cosine     learningRate (1 + cos(pi progress)) / 2
 *   progress = (step - warmupSteps) / (maxSteps - warmupSteps), at most 1
 *
 * @param step  updates made before this one, so the first is 0 and a warm-up begins at rate 0
 * @returns     0 behind `maxSteps` for 'linear' and 'cosine'
 */
export function learningRateAt(step: number, settings: TrainingSettings): number {
  const { learningRate, lrSchedulerType, warmupSteps, maxSteps } = settings;
  if (lrSchedulerType === 'constant') return learningRate;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  const numDecaySteps = Math.max(maxSteps - warmupSteps, 1);
  switch (lrSchedulerType) {
    case 'constant_with_warmup':
      return learningRate;
    case 'linear':
      return learningRate * Math.max((maxSteps - step) / numDecaySteps, 0);
    case 'cosine':
      return learningRate * 0.5 * (1 + Math.cos(Math.PI * Math.min((step - warmupSteps) / numDecaySteps, 1)));
    default:
      return assertNever(lrSchedulerType);
  }
}
