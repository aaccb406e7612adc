import { openDB } from 'idb';
import { z } from 'zod';
import type { KernelTuning } from '@/protocol/model.ts';
import type { TuningStore } from '@/engine/generation/tune-kernels.ts';

const DATABASE = 'duet-tuning';
const STORE = 'tunings';

const shapeSchema = z.enum(['threadPerRows', 'workgroupPerRows']);
const tuningSchema = z.object({
  kernelShape: shapeSchema,
  choices: z.record(z.string(), shapeSchema),
  measuredUs: z.record(z.string(), z.number()),
});

/** Kernel measurements in IndexedDB. Where the browser forbids storage nothing is kept, which costs a measurement. */
export function createTuningStore(): TuningStore {
  const opening = openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) });
  opening.catch(() => undefined);
  return {
    async get(key) {
      try {
        const stored: unknown = await (await opening).get(STORE, key);
        const parsed = tuningSchema.safeParse(stored);
        return parsed.success ? { ...parsed.data, origin: 'cached' } : undefined;
      } catch {
        return undefined;
      }
    },
    async put(key, { kernelShape, choices, measuredUs }: KernelTuning) {
      try {
        await (await opening).put(STORE, { kernelShape, choices, measuredUs }, key);
      } catch {
        // Measured again at the next load.
      }
    },
  };
}
