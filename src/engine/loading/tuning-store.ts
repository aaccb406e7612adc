import { openDB, type IDBPDatabase } from 'idb';
import { z } from 'zod';
import type { KernelTuning } from '@/protocol/model.ts';
import { decodeSpeedOf, type DecodeSpeed } from '@/protocol/speed.ts';

const DATABASE = 'duet-tuning';
const STORE = 'tunings';

/** Where measurements of one kind are kept between loads. */
export interface MeasurementStore<Measurement> {
  get(key: string): Promise<Measurement | undefined>;
  put(key: string, measurement: Measurement): Promise<void>;
}

/** What was measured on this device. */
export interface Measurements {
  readonly tunings: MeasurementStore<KernelTuning>;
  readonly speeds: MeasurementStore<DecodeSpeed>;
}

const shapeSchema = z.enum(['threadPerRows', 'workgroupPerRows']);
const tuningSchema = z
  .object({
    kernelShape: shapeSchema,
    choices: z.record(z.string(), shapeSchema),
    measuredUs: z.record(z.string(), z.number()),
  })
  .transform((stored): KernelTuning => ({ ...stored, origin: 'cached' }));
const speedSchema = z
  .object({ stepMs: z.number().positive(), numSteps: z.int().positive() })
  .transform(({ stepMs, numSteps }): DecodeSpeed => ({ ...decodeSpeedOf([stepMs], 'cached'), numSteps }));

/** In IndexedDB. Where the browser forbids storage nothing is kept, which costs a measurement. */
export function openMeasurements(): Measurements {
  const opening = openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) });
  opening.catch(() => undefined);
  // Kinds are told apart by the first word of their keys.
  return { tunings: storeOf(opening, tuningSchema), speeds: storeOf(opening, speedSchema) };
}

function storeOf<Measurement>(
  opening: Promise<IDBPDatabase>,
  schema: z.ZodType<Measurement>,
): MeasurementStore<Measurement> {
  return {
    async get(key) {
      try {
        const parsed = schema.safeParse(await (await opening).get(STORE, key));
        return parsed.success ? parsed.data : undefined;
      } catch {
        return undefined;
      }
    },
    async put(key, measurement) {
      try {
        await (await opening).put(STORE, measurement, key);
      } catch {
        // Measured again at the next load.
      }
    },
  };
}
