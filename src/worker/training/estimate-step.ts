import { Failure } from '@/lib/failure.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import { estimateMemory, estimateTraining } from '@/engine/generation/estimate-training.ts';
import type { EstimateInput } from '@/engine/generation/estimate-training.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { TrainingEstimate } from '@/protocol/training-api.ts';
import type { TrainingRow, TrainingSettings } from '@/protocol/training.ts';
import type { TrainableModel } from './trainable-model.ts';

/** Memory and time of one step, from the list of its buffers and a probe on this device. */
export async function estimateStep(
  model: TrainableModel,
  trainer: ModelTrainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
  signal: AbortSignal,
): Promise<TrainingEstimate> {
  const probe = await trainer.probe({ ...settings, signal });
  return estimateTraining(inputOf(model, trainer, rows, settings), probe);
}

/** @throws {Failure} 'doesNotFit' with the numbers and the settings that would fit */
export function refuseUnlessFits(
  model: TrainableModel,
  trainer: ModelTrainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
): void {
  const { fits, reasons, suggestions } = estimateMemory(inputOf(model, trainer, rows, settings));
  if (fits) return;
  const helping = suggestions.map((one) => `${JSON.stringify(one.settings)} takes ${one.totalBytes} bytes`);
  const help = helping.length > 0 ? `These settings would fit: ${helping.join('; ')}.` : 'No other settings would fit.';
  throw new Failure<FailureCode>('doesNotFit', `${reasons.join(' ')} ${help}`);
}

function inputOf(
  { gpuModel }: TrainableModel,
  trainer: ModelTrainer,
  rows: readonly TrainingRow[],
  settings: TrainingSettings,
): EstimateInput {
  const { requestedLimits } = gpuModel.gpu;
  const limits = [requestedLimits['maxStorageBufferBindingSize'], requestedLimits['maxBufferSize']];
  return {
    config: gpuModel.config,
    layout: trainer.adapter.layout,
    rows,
    settings,
    sharePrompts: trainer.adapter.config.loraDropout === 0,
    room: {
      largestBufferLimitBytes: Math.min(...limits.map((limit) => limit ?? Infinity)),
      memoryLimitBytes: settings.memoryLimitBytes,
    },
  };
}
