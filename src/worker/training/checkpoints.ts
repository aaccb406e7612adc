import { Failure } from '@/lib/failure.ts';
import type { AdapterShape } from '@/engine/adapters/adapter-layout.ts';
import type { Checkpoint } from '@/engine/adapters/checkpoint.ts';
import type { ModelTrainer } from '@/engine/generation/model-trainer.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { CheckpointInfo, CheckpointState, ResumedRun } from '@/protocol/training-api.ts';
import type { AttachedTraining } from './attached-training.ts';
import type { TrainingStores } from './trainable-model.ts';

/** Writes the attached adapter's checkpoints and puts them back. */
export class Checkpoints {
  readonly #stores: () => Promise<TrainingStores>;

  constructor(stores: () => Promise<TrainingStores>) {
    this.#stores = stores;
  }

  /** Weights go into the adapter's own file too, so that the list of adapters shows what was trained. */
  async save(
    training: AttachedTraining,
    trainer: ModelTrainer,
    runId: string,
    state: Partial<CheckpointState>,
    keep?: number,
  ): Promise<CheckpointInfo> {
    const { adapters, checkpoints } = await this.#stores();
    const { step } = training;
    const adapterId = training.current?.id ?? '';
    const adapter = await training.read();
    const { expAvg, expAvgSq } = await trainer.readOptimizer();
    const checkpoint: Checkpoint = {
      adapter: adapter.config,
      params: adapter.tensors,
      expAvg,
      expAvgSq,
      step,
      rngState: state.rngState ?? [],
      dataPosition: state.dataPosition ?? 0,
      settings: state.settings ?? {},
      metrics: state.metrics ?? [],
      createdAt: new Date().toISOString(),
    };
    await checkpoints.save(adapterId, runId, checkpoint, keep);
    await adapters.save(adapterId, adapter, step);
    training.markSaved();
    const saved = (await this.list(adapterId)).find((info) => info.runId === runId);
    if (saved === undefined) throw new RangeError('The checkpoint that was saved is not in the list.');
    return saved;
  }

  async list(adapterId: string): Promise<CheckpointInfo[]> {
    const { checkpoints } = await this.#stores();
    const entries = await checkpoints.list(adapterId);
    return entries
      .flatMap((entry): CheckpointInfo[] => {
        if (entry.state !== 'whole') return [];
        const { id, runId, sizeBytes, info } = entry;
        return [{ id, adapterId, runId, sizeBytes, ...info }];
      })
      .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }

  /** @throws {Failure} 'storageFailed' if there is none; the adapter stays as it was then */
  async resume(
    training: AttachedTraining,
    trainer: ModelTrainer,
    shape: AdapterShape,
    checkpointId: string | undefined,
  ): Promise<ResumedRun> {
    const { checkpoints } = await this.#stores();
    const known = await this.list(training.current?.id ?? '');
    const info = checkpointId === undefined ? known[0] : known.find(({ id }) => id === checkpointId);
    const checkpoint = info === undefined ? null : await checkpoints.read(info.id, shape);
    if (info === undefined || checkpoint === null)
      throw new Failure<FailureCode>('storageFailed', 'The attached adapter has no such checkpoint.', {
        reason: 'missing',
      });
    trainer.restore(checkpoint.params, checkpoint);
    await training.setStep(checkpoint.step);
    const { rngState, dataPosition, settings, metrics } = checkpoint;
    return { checkpoint: info, state: { rngState, dataPosition, settings, metrics } };
  }
}
