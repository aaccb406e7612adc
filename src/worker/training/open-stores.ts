import { Failure } from '@/lib/failure.ts';
import { ADAPTERS_FOLDER, openAdapterStore } from '@/engine/adapters/adapter-store.ts';
import { CHECKPOINTS_FOLDER, openCheckpointStore } from '@/engine/adapters/checkpoint-store.ts';
import { openPrivateFolder, type Folder } from '@/engine/loading/opfs.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { openRunStore, RUNS_FOLDER } from '../negotiation-training/run-store.ts';
import type { TrainingStores } from './trainable-model.ts';

/** @throws {Failure} 'storageFailed' where the browser has no private storage */
export async function openTrainingStores(): Promise<TrainingStores> {
  const open = async (name: string): Promise<Folder> => (await openPrivateFolder(name)) ?? noStorage();
  const [adapters, checkpoints, runs] = await Promise.all([
    open(ADAPTERS_FOLDER).then(openAdapterStore),
    open(CHECKPOINTS_FOLDER).then(openCheckpointStore),
    open(RUNS_FOLDER).then(openRunStore),
  ]);
  return { adapters, checkpoints, runs };
}

function noStorage(): never {
  throw new Failure<FailureCode>(
    'storageFailed',
    'This window has no storage for adapters. Open Duet in an ordinary window, over HTTPS or on localhost.',
    { reason: 'other' },
  );
}
