import { z } from 'zod';
import { assert } from '@/lib/assert.ts';
import type { Folder } from '@/engine/loading/opfs.ts';
import type { AdapterShape } from './adapter-layout.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { openFileStore, type FileEntry } from './file-store.ts';

export const CHECKPOINTS_FOLDER = 'duet-checkpoints';

const DEFAULT_KEEP = 3;

const infoSchema = z.object({
  step: z.int().min(0),
  /** What the run had taken from its data; older files do not say. */
  dataPosition: z.int().min(0).optional(),
  createdAt: z.iso.datetime(),
});
export type CheckpointInfo = Readonly<z.infer<typeof infoSchema>>;

export type CheckpointEntry = FileEntry<CheckpointInfo> & {
  readonly adapterId: string;
  readonly runId: string;
  /** Grows with every save of a run; steps do not, where a run went back to an older checkpoint. */
  readonly order: number;
};

/** Checkpoints by adapter and run, the newest of each run. Failures are those of `FileStore`. */
export interface CheckpointStore {
  /** Saves, and then removes what is older than the newest `keep` of the run. @param keep default 3 */
  save(adapterId: string, runId: string, checkpoint: Checkpoint, keep?: number): Promise<void>;
  /** Of an adapter, or of one of its runs; each run's newest first. */
  list(adapterId: string, runId?: string): Promise<CheckpointEntry[]>;
  /** @returns null if there is none. @throws {Failure} also invalidAdapter, if it does not fit the model */
  read(id: string, shape: AdapterShape): Promise<Checkpoint | null>;
  delete(id: string): Promise<void>;
  deleteAll(adapterId: string): Promise<void>;
}

/** @param folder `CHECKPOINTS_FOLDER` */
export async function openCheckpointStore(folder: Folder): Promise<CheckpointStore> {
  const files = await openFileStore(folder, infoSchema);
  const list = async (adapterId: string, runId?: string): Promise<CheckpointEntry[]> => {
    const entries = (await files.list()).map((entry) => ({ ...entry, ...partsOf(entry.id) }));
    return entries
      .filter((entry) => entry.adapterId === adapterId && (runId === undefined || entry.runId === runId))
      .toSorted((a, b) => (a.runId === b.runId ? b.order - a.order : a.runId < b.runId ? -1 : 1));
  };
  return {
    async save(adapterId, runId, checkpoint, keep = DEFAULT_KEEP) {
      const [newest] = await list(adapterId, runId);
      const { step, dataPosition, createdAt } = checkpoint;
      await files.put(idOf(adapterId, runId, (newest?.order ?? 0) + 1), writeCheckpoint(checkpoint), {
        step,
        dataPosition,
        createdAt,
      });
      let kept = 0;
      for (const { id, state } of await list(adapterId, runId))
        if (kept >= keep) await files.delete(id);
        else if (state === 'whole') kept++;
    },
    list,
    async read(id, shape) {
      const file = await files.get(id);
      return file === null ? null : readCheckpoint(file.bytes, `checkpoint of step ${file.info.step}`, shape);
    },
    delete: (id) => files.delete(id),
    async deleteAll(adapterId) {
      for (const { id } of await list(adapterId)) await files.delete(id);
    },
  };
}

/** The parts stand in the id, so that a damaged file still shows whose it is. */
function idOf(adapterId: string, runId: string, order: number): string {
  assert(!adapterId.includes('--') && !runId.includes('--'), 'ids have no double hyphens');
  return `${adapterId}--${runId}--${order}`;
}

function partsOf(id: string): { readonly adapterId: string; readonly runId: string; readonly order: number } {
  const [adapterId = '', runId = '', order = ''] = id.split('--');
  return { adapterId, runId, order: Number(order) };
}
