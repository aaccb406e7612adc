/** Supervised fine-tuning: steps over examples in a seeded order that can be taken up anywhere. */
import type { Trainer } from '@/engine/generation/trainer.ts';
import { at } from '@/lib/assert.ts';
import { createRng, shuffled } from '@/lib/rng.ts';
import type { StepReport, TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import { trainStep } from '../grpo/train-step.ts';

export interface FineTunePlan {
  readonly examples: readonly TrainingRow[];
  readonly settings: TrainingSettings;
  readonly examplesPerStep: number;
  /** Updates that the adapter has had. */
  readonly firstStep: number;
  /** Updates to make. */
  readonly numSteps: number;
  /** Examples that were used before, over all epochs. */
  readonly dataPosition: number;
}

/**
 * Runs the steps, one report each. The report's batch began at `dataPosition`.
 *
 * @throws {Failure} 'trainingDiverged' in front of the update that would have spoilt the adapter; 'cancelled'
 */
export async function* fineTune(
  trainer: Trainer,
  plan: FineTunePlan,
  signal: AbortSignal,
): AsyncGenerator<{ readonly report: StepReport; readonly dataPosition: number }, void, void> {
  const { examples, settings, examplesPerStep } = plan;
  for (let index = 0; index < plan.numSteps; index++) {
    const from = plan.dataPosition + index * examplesPerStep;
    const batch = exampleOrder(examples.length, settings.seed, from, examplesPerStep).map((i) => at(examples, i));
    const report = await trainStep(trainer, batch, settings, plan.firstStep + index, signal);
    yield { report, dataPosition: from + examplesPerStep };
  }
}

/**
 * Which examples stand at places `from` .. `from + count - 1` of an endless sequence of epochs, each a permutation of
 * all examples that depends on seed and epoch only.
 */
export function exampleOrder(numExamples: number, seed: number, from: number, count: number): number[] {
  const epochs = new Map<number, readonly number[]>();
  const examples = Array.from({ length: numExamples }, (_, index) => index);
  return Array.from({ length: count }, (_, index) => {
    const place = from + index;
    const epoch = Math.floor(place / numExamples);
    const order = epochs.get(epoch) ?? shuffled(examples, createRng(seed + epoch * 0x9e37_79b1));
    epochs.set(epoch, order);
    return at(order, place % numExamples);
  });
}
