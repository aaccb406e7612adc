import type { AdapterStore } from '@/engine/adapters/adapter-store.ts';
import type { CheckpointStore } from '@/engine/adapters/checkpoint-store.ts';
import type { GpuModel } from '@/engine/generation/gpu-model.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import type { MadeByModel } from '@/protocol/made-by-model.ts';
import type { RunStore } from '../negotiation-training/run-store.ts';
import type { AttachedTraining } from './attached-training.ts';

/** What training needs of the loaded model. */
export interface TrainableModel {
  readonly gpuModel: GpuModel;
  readonly opened: Pick<OpenedModel, 'tokenizer' | 'chatTemplate'>;
  readonly name: string;
  /** Tells models apart: SHA-256 of the file, or name and size where it was not hashed. */
  readonly key: string;
  readonly madeBy: MadeByModel;
  readonly training: AttachedTraining;
}

export interface TrainingStores {
  readonly adapters: AdapterStore;
  readonly checkpoints: CheckpointStore;
  readonly runs: RunStore;
}
