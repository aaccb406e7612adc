/** The index of a model's tensor files, as MLC writes it beside them. */
import { z } from 'zod';

/** Its name today, and before that. */
export const TENSOR_INDEX = 'tensor-cache.json';
export const OLD_TENSOR_INDEX = 'ndarray-cache.json';

/** Some thousand tensors take a few hundred kilobytes. */
export const MAX_INDEX_BYTES = 64 << 20;

const indexSchema = z.object({
  records: z.array(
    z.object({
      dataPath: z.string().min(1),
      nbytes: z.int().min(0),
      /** Lower-case hex. */
      md5sum: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .optional(),
    }),
  ),
});

export interface TensorFile {
  readonly dataPath: string;
  readonly nbytes: number;
  readonly md5sum?: string | undefined;
}

/** @returns null for what is no index, or too long for one */
export async function readTensorIndex(blob: Blob): Promise<readonly TensorFile[] | null> {
  if (blob.size > MAX_INDEX_BYTES) return null;
  try {
    return indexSchema.parse(JSON.parse(await blob.text())).records;
  } catch {
    return null;
  }
}
