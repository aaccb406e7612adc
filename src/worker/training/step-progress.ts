import type { PassOptions, TokenRow, Trainer } from '@/engine/generation/trainer.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import { packRows } from '@/engine/model/packed-rows.ts';
import { forwardFlops } from '@/engine/model/training-flops.ts';
import type { TrainingProgress } from '@/protocol/training-api.ts';
import type { TrainingSettings } from '@/protocol/training.ts';
import type { TrainableModel } from './trainable-model.ts';

/**
 * The same trainer, which says how far its passes are. The share is of the arithmetic: a backward pass counts like
 * `gradientCheckpointing` makes it, one or two forwards.
 */
export function progressOf(
  trainer: ModelTrainer,
  { gpuModel }: TrainableModel,
  settings: TrainingSettings,
  emit: (progress: TrainingProgress) => void,
): Trainer {
  const { tokensPerPass } = settings;
  const sharePrompts = trainer.adapter.config.loraDropout === 0;
  const flopsOf = (rows: readonly TokenRow[]): number =>
    forwardFlops(gpuModel.config, packRows(rows, { tokensPerPass, sharePrompts }));
  const follow = (
    options: PassOptions,
    phases: readonly (readonly [TrainingProgress['phase'], number])[],
  ): PassOptions => {
    let flops = 0;
    return {
      ...options,
      onFlops: (added) => {
        flops += added;
        let from = 0;
        for (const [phase, size] of phases) {
          if (flops < from + size || phase === phases.at(-1)?.[0]) {
            emit({ phase, done: Math.min(1, (flops - from) / size) });
            return;
          }
          from += size;
        }
      },
    };
  };
  return {
    logProbs: (rows, adapter, options) =>
      trainer.logProbs(rows, adapter, follow(options, [['reference', flopsOf(rows)]])),
    clearGradients: () => trainer.clearGradients(),
    accumulate: (rows, gradientOf, seed, options) =>
      trainer.accumulate(
        rows,
        gradientOf,
        seed,
        follow(options, [
          ['forward', flopsOf(rows)],
          ['backward', 2 * flopsOf(rows)],
        ]),
      ),
    gradientNorms: () => trainer.gradientNorms(),
    update(update) {
      emit({ phase: 'update', done: 1 });
      trainer.update(update);
    },
    readGradients: () => trainer.readGradients(),
  };
}
