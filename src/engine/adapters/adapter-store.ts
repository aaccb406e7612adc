import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { Folder } from '@/engine/loading/opfs.ts';
import type { Adapter, AdapterShape } from './adapter-layout.ts';
import { openFileStore, type FileEntry } from './file-store.ts';
import { storedLoraConfigSchema } from './lora-config-schema.ts';
import { readAdapterWeights, writeAdapterWeights } from './peft.ts';

export const ADAPTERS_FOLDER = 'duet-adapters';

const infoSchema = z.object({
  name: z.string(),
  config: storedLoraConfigSchema,
  baseModelName: z.string(),
  baseModelSha256: z.string(),
  /** Updates that made it; 0 for one that is not trained here. */
  step: z.int().min(0),
  createdAt: z.iso.datetime(),
});

export type AdapterInfo = Readonly<z.infer<typeof infoSchema>>;

/** Named adapters, each a file in PEFT's format with its config beside it. Failures are those of `FileStore`. */
export interface AdapterStore {
  list(): Promise<FileEntry<AdapterInfo>[]>;
  /** @returns the new adapter's id */
  create(adapter: Adapter, about: Omit<AdapterInfo, 'config'>): Promise<string>;
  /** @throws {Failure} also invalidAdapter, if it does not fit the model */
  read(id: string, shape: AdapterShape): Promise<{ readonly adapter: Adapter; readonly info: AdapterInfo }>;
  /** A new version of an adapter, under its name. */
  save(id: string, adapter: Adapter, step: number): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  /** @returns the copy's id */
  duplicate(id: string, name: string, createdAt: string): Promise<string>;
  delete(id: string): Promise<void>;
}

/** @param folder `ADAPTERS_FOLDER` */
export async function openAdapterStore(folder: Folder): Promise<AdapterStore> {
  const files = await openFileStore(folder, infoSchema);
  const load = async (id: string): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly info: AdapterInfo }> => {
    const file = await files.get(id);
    if (file !== null) return file;
    throw new Failure<FailureCode>('storageFailed', 'The adapter was deleted. Choose another one.', {
      reason: 'missing',
      id,
    });
  };
  return {
    list: () => files.list(),
    async create({ config, tensors }, about) {
      const id = crypto.randomUUID();
      await files.put(id, writeAdapterWeights(tensors), { ...about, config });
      return id;
    },
    async read(id, shape) {
      const { bytes, info } = await load(id);
      return { adapter: { config: info.config, tensors: readAdapterWeights(bytes, info.config, shape) }, info };
    },
    async save(id, { config, tensors }, step) {
      const { info } = await load(id);
      await files.put(id, writeAdapterWeights(tensors), { ...info, config, step });
    },
    async rename(id, name) {
      const { info } = await load(id);
      await files.replaceInfo(id, { ...info, name });
    },
    async duplicate(id, name, createdAt) {
      const { bytes, info } = await load(id);
      const copy = crypto.randomUUID();
      await files.put(copy, bytes, { ...info, name, createdAt });
      return copy;
    },
    delete: (id) => files.delete(id),
  };
}
