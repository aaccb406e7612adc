/** `window.duet.storage`: what of models lies in the browser's storage. Documented in docs/automation.md. */
import type { Remote } from 'comlink';
import { followRun } from '@/lib/stream.ts';
import type { ModelStorageApi, StorageCheck, StorageReport } from '@/protocol/model-storage.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import type { RunOptions } from './duet-api.ts';

export interface StorageRunOptions extends RunOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface StorageDuet {
  report(): Promise<StorageReport>;
  /** Ids that are not there any more are passed over. */
  remove(ids: readonly string[]): Promise<void>;
  verify(id: string, options?: StorageRunOptions): Promise<StorageCheck>;
  /** Fetches a model of the catalogue without loading it, so that it can be loaded without a network. */
  keep(modelId: string, options?: StorageRunOptions): Promise<void>;
  /** Asks the browser not to clear the storage by itself; it may ask the person. @returns whether it promised */
  requestPersistence(): Promise<boolean>;
}

export function createStorageDuet(storage: Remote<ModelStorageApi>): StorageDuet {
  return {
    report: () => storage.report(),
    remove: (ids) => storage.remove(ids),
    verify: (id, { onProgress = () => undefined, signal } = {}) =>
      followRun<StorageCheck, LoadProgress>((emit) => storage.verify(id, emit), onProgress, signal),
    keep: (modelId, { onProgress = () => undefined, signal } = {}) =>
      followRun<void, LoadProgress>((emit) => storage.keep(modelId, emit), onProgress, signal),
    async requestPersistence() {
      // Only pages have `persist`; old browsers and pages without HTTPS have no `storage`.
      const { storage: manager } = navigator as { storage?: Partial<StorageManager> };
      return (await manager?.persist?.call(manager)) ?? false;
    },
  };
}
