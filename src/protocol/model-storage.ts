/** What of models lies in the browser's storage, by whom it was put there, and what can be done about it. */
import type { Run } from './engine-api.ts';
import type { LoadProgress } from './model.ts';

/** Where a copy lies: our files, or one of the three stores that web-llm can be set to. */
export type StorageBackend = 'duet' | 'webLlmCache' | 'webLlmIndexedDb' | 'webLlmOpfs';

/** A model, or a part of one, that takes up room. */
export interface StoredModel {
  /** Names it in `remove` and `verify`. */
  readonly id: string;
  readonly backend: StorageBackend;
  /** As people call it: the catalogue's name, else the repository or file. */
  readonly name: string;
  /** What `loadModel` takes to load it; null where it cannot be loaded from what is known of it. */
  readonly source: string | null;
  readonly numFiles: number;
  readonly sizeBytes: number;
  /** 'partial': a download that broke off; loading it again goes on from there. 'damaged': it is not what it was. */
  readonly state: 'complete' | 'partial' | 'damaged';
  /** Of a partial one, 0 if unknown. */
  readonly expectedBytes: number;
}

export interface StorageReport {
  /** Largest first. */
  readonly models: readonly StoredModel[];
  /** Adapters, checkpoints, runs and recordings of ours in files. */
  readonly workBytes: number;
  /** Of the whole origin, as the browser estimates it; null where it does not say. */
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
  /** Whether the browser promised not to clear it by itself. */
  readonly isPersistent: boolean;
}

export interface StorageCheck {
  readonly isIntact: boolean;
  /** A sentence: what was compared, and what is wrong. */
  readonly finding: string;
}

export interface ModelStorageApi {
  report(): Promise<StorageReport>;
  /** @throws {Failure} 'busy' if the loaded model is read from one of them at this moment */
  remove(ids: readonly string[]): Promise<void>;
  /** Reads a copy from beginning to end and compares it with what it must be. A damaged one is kept and marked. */
  verify(id: string, onProgress: (progress: LoadProgress) => void): Promise<Run<StorageCheck>>;
}
