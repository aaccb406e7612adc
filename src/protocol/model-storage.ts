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
  /** Adapters, checkpoints and training runs: what of ours lies in the private file system. Databases are not counted. */
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

/** A file of a repository on Hugging Face. */
export interface RepositoryFile {
  /** Inside the repository, with `/` between folders. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex; null for small files, whose SHA-256 the publisher does not list. */
  readonly sha256: string | null;
}

export interface ModelStorageApi {
  report(): Promise<StorageReport>;
  /** @throws {Failure} 'busy' if the loaded model is read from one of them at this moment */
  remove(ids: readonly string[]): Promise<void>;
  /** Reads a copy from beginning to end and compares it with what it must be. A damaged one is kept and marked. */
  verify(id: string, onProgress: (progress: LoadProgress) => void): Promise<Run<StorageCheck>>;
  /**
   * Fetches a model of the catalogue, or what is missing of it, without loading it: it can be loaded without a network
   * then. A copy that is there is compared with its hash.
   *
   * @param modelId  of the catalogue
   * @throws {Failure} 'invalidConfig' for an unknown id; 'storageFailed' where the page has no private file system or it is full;
   *                   'downloadFailed', 'integrityFailed', 'cancelled'
   */
  keep(modelId: string, onProgress: (progress: LoadProgress) => void): Promise<Run<void>>;
  /**
   * Asks Hugging Face which files a repository has. Nothing is asked before this is called.
   *
   * @param repository  'owner/name', public
   * @param revision    a branch, tag or commit. Default: 'main'
   * @throws {Failure} 'invalidConfig' if this is no repository's name; 'downloadFailed' if it is not there or the
   *                   server cannot be reached
   */
  listRepository(repository: string, revision?: string): Promise<RepositoryFile[]>;
}
