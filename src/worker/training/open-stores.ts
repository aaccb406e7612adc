import { Failure } from '@/lib/failure.ts';
import { ADAPTERS_FOLDER, openAdapterStore } from '@/engine/adapters/adapter-store.ts';
import { CHECKPOINTS_FOLDER, openCheckpointStore } from '@/engine/adapters/checkpoint-store.ts';
import { openPrivateFolder } from '@/engine/loading/opfs.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { TrainingStores } from './trainable-model.ts';

/** @throws {Failure} 'storageFailed' where the browser has no private storage */
export async function openTrainingStores(): Promise<TrainingStores> {
  const [adapters, checkpoints] = await Promise.all([ADAPTERS_FOLDER, CHECKPOINTS_FOLDER].map(openPrivateFolder));
  if (adapters === undefined || adapters === null || checkpoints === undefined || checkpoints === null)
    throw new Failure<FailureCode>(
      'storageFailed',
      'This window has no storage for adapters. Open Duet in an ordinary window, over HTTPS or on localhost.',
      { reason: 'other' },
    );
  return { adapters: await openAdapterStore(adapters), checkpoints: await openCheckpointStore(checkpoints) };
}
