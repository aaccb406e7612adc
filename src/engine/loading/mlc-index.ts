/**
 * The index of an MLC folder: which tensors lie where in its shards.
 *
 * Nothing in it is believed: shapes are compared with byte counts, ranges with their shard, and no number of it is
 * allocated for. The shards themselves are compared with it when they are opened (mlc-shards.ts).
 *
 * @see tvm's tensor cache: runtime/vm/tensor_cache_support.cc
 */
import { z } from 'zod';
import { firstFault, readFolderJson } from './folder-json.ts';
import { invalidFile, unsupportedModel } from './gguf-header.ts';
import type { ModelFolder } from './model-folder.ts';
import { OLD_TENSOR_INDEX, TENSOR_INDEX } from './web-llm-index.ts';

/** The same file's newer and older name. */
export const MLC_INDEX_NAMES = [TENSOR_INDEX, OLD_TENSOR_INDEX] as const;

/** What a record's bytes are: floats as they lie on disk, or the words of packed integers. */
export type MlcDtype = 'F32' | 'F16' | 'BF16' | 'U32';

export interface MlcShard {
  /** Inside the folder. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Lower-case hex; null if the index has none. */
  readonly md5: string | null;
}

export interface MlcRecord {
  readonly name: string;
  readonly dtype: MlcDtype;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly shard: MlcShard;
  /** From the start of the shard; no multiple of anything. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface MlcIndex {
  readonly fileName: string;
  readonly shards: readonly MlcShard[];
  readonly records: ReadonlyMap<string, MlcRecord>;
}

/** A choice; names are repeated in messages. */
const MAX_NAME_LENGTH = 300;

const sizeSchema = z.int().min(0);
const recordSchema = z.object({
  name: z.string().min(1).max(MAX_NAME_LENGTH),
  shape: z.array(z.int().min(1)).min(1).max(4),
  dtype: z.string(),
  nbytes: sizeSchema,
  byteOffset: sizeSchema,
});
const shardSchema = z.object({
  // A plain name: a path could point out of the folder, and as a URL to another server.
  dataPath: z.string().regex(/^(?!\.)[\w.-]{1,255}$/, 'a plain file name was expected'),
  format: z.literal('raw-shard'),
  nbytes: z.int().min(1),
  md5sum: z
    .string()
    .regex(/^[\da-f]{32}$/i, '32 hexadecimal digits were expected')
    .optional(),
  records: z.array(recordSchema),
});
const indexSchema = z.object({ records: z.array(shardSchema).min(1) });

type RawRecord = z.infer<typeof recordSchema>;

/**
 * Finds and reads the index under either name.
 *
 * @returns null if the folder has neither file
 * @throws {Failure} 'invalidFile' naming file and field; 'unsupportedModel' for a kind of number that no MLC
 *                   quantisation of ours has
 */
export async function readMlcIndex(folder: ModelFolder): Promise<MlcIndex | null> {
  for (const name of MLC_INDEX_NAMES) {
    const json = await readFolderJson(folder, name);
    if (json !== null) return parseMlcIndex(name, json);
  }
  return null;
}

/** @param json of the index, parsed */
export function parseMlcIndex(fileName: string, json: unknown): MlcIndex {
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success) {
    const { field, problem } = firstFault(parsed.error);
    throw invalidFile(fileName, field, problem);
  }
  const shards: MlcShard[] = [];
  const records = new Map<string, MlcRecord>();
  const shardNames = new Set<string>();
  for (const { dataPath, nbytes, md5sum, records: rawRecords } of parsed.data.records) {
    if (shardNames.has(dataPath)) throw invalidFile(fileName, `shard "${dataPath}"`, 'the name stands twice');
    shardNames.add(dataPath);
    const shard = { fileName: dataPath, sizeBytes: nbytes, md5: md5sum?.toLowerCase() ?? null };
    shards.push(shard);
    const placed = rawRecords.map((raw) => recordOf(fileName, raw, shard));
    checkPlaces(fileName, placed, shard);
    for (const record of placed) {
      if (records.has(record.name)) throw invalidFile(fileName, `tensor "${record.name}"`, 'the name stands twice');
      records.set(record.name, record);
    }
  }
  return { fileName, shards, records };
}

function recordOf(fileName: string, raw: RawRecord, shard: MlcShard): MlcRecord {
  const { name, shape, nbytes, byteOffset } = raw;
  return { name, dtype: dtypeOf(fileName, raw), shape, shard, offset: byteOffset, sizeBytes: nbytes };
}

/**
 * What lies on disk follows from the size: `format` says "f32-to-bf16" on every record of most files, and is about
 * float32 ones only, which newer writers also leave as they are.
 */
function dtypeOf(fileName: string, { name, shape, dtype, nbytes }: RawRecord): MlcDtype {
  const field = `tensor "${name}"`;
  const numValues = shape.reduce((product, size) => product * size, 1);
  const bytesPerValue = nbytes / numValues;
  const choices = DTYPES.get(dtype);
  if (choices === undefined)
    throw unsupportedModel(
      fileName,
      field,
      `numbers of type "${dtype.slice(0, 40)}" are not supported (supported are ${[...DTYPES.keys()].join(', ')})`,
    );
  const found = choices.find((choice) => BYTES_PER_VALUE[choice] === bytesPerValue);
  if (found === undefined)
    throw invalidFile(fileName, field, `${nbytes} bytes do not fit the shape [${shape.join(', ')}] in ${dtype}`);
  return found;
}

const BYTES_PER_VALUE: Readonly<Record<MlcDtype, number>> = { F32: 4, F16: 2, BF16: 2, U32: 4 };

const DTYPES: ReadonlyMap<string, readonly MlcDtype[]> = new Map([
  ['float32', ['F32', 'BF16']],
  ['float16', ['F16']],
  ['bfloat16', ['BF16']],
  ['uint32', ['U32']],
]);

/** Every record lies inside its shard, apart from all others. */
function checkPlaces(fileName: string, records: readonly MlcRecord[], shard: MlcShard): void {
  let end = 0;
  for (const record of records.toSorted((a, b) => a.offset - b.offset)) {
    const field = `tensor "${record.name}"`;
    if (record.offset < end) throw invalidFile(fileName, field, 'its bytes overlap those of another tensor');
    end = record.offset + record.sizeBytes;
    if (end > shard.sizeBytes)
      throw invalidFile(
        fileName,
        field,
        `its bytes end at ${end}, but the shard ${shard.fileName} has ${shard.sizeBytes}`,
      );
  }
}
