/** Weights in safetensors: one file or the shards of an index, read by ranges, under GGUF's names. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ByteSource } from './byte-source.ts';
import { isJsonObject, readFolderJson } from './folder-json.ts';
import { invalidFile } from './gguf-header.ts';
import { ggufNameOf, hfNameOf } from './hf-names.ts';
import type { ModelFolder } from './model-folder.ts';
import {
  parseSafetensorsHeader,
  safetensorsDataStart,
  type SafetensorsEntry,
  type SafetensorsFaults,
} from './safetensors-header.ts';
import { countTensorTypes, type WeightSource, type WeightTensor } from './weight-source.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Names only, so that no path leads out of the folder. */
const shardNameSchema = z
  .string()
  .max(200)
  .regex(/^[\w][\w.-]*\.safetensors$/);

interface Shard {
  readonly source: ByteSource;
  readonly entries: readonly SafetensorsEntry[];
  readonly dataStart: number;
}

interface StoredTensor extends WeightTensor {
  readonly source: ByteSource;
  readonly offset: number;
}

/** The tensors of one or several safetensors files. Owns its sources. */
class SafetensorsWeights implements WeightSource {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly queryKeyRows = 'halfSplit';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly #sources: readonly ByteSource[];

  constructor(first: Shard, shards: readonly Shard[], isTied: boolean) {
    const tensors = new Map<string, StoredTensor>();
    for (const { source, entries, dataStart } of shards)
      for (const { name: hfName, dtype, shape, begin, end } of entries) {
        if (isIgnored(hfName, isTied)) continue;
        // What has no name of ours keeps its own, and is refused with it when the tensors are checked.
        const name = ggufNameOf(hfName) ?? hfName;
        if (tensors.has(name)) throw invalidFile(source.name, `tensor "${hfName}"`, 'it is there twice');
        const sizeBytes = end - begin;
        tensors.set(name, { name, type: dtype, shape, sizeBytes, source, offset: dataStart + begin });
      }
    this.fileName = first.source.name;
    this.fileBytes = shards.reduce((sum, { source }) => sum + source.sizeBytes, 0);
    this.tensors = tensors;
    this.#sources = shards.map(({ source }) => source);
  }

  tensor(name: string): StoredTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw invalidFile(this.fileName, `tensor "${hfNameOf(name)}"`, 'it is missing');
    return tensor;
  }

  async readTensor(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const { source, offset, sizeBytes } = this.tensor(name);
    return source.read(offset, sizeBytes);
  }

  tensorTypes(): Record<string, number> {
    return countTensorTypes(this.tensors);
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source[Symbol.dispose]();
  }
}

/** A copy of the tied embedding, and angles that the engine works out from the configuration. */
function isIgnored(hfName: string, isTied: boolean): boolean {
  return (isTied && hfName === 'lm_head.weight') || /(?:^|\.)rotary_emb\.inv_freq$/.test(hfName);
}

/**
 * Opens `model.safetensors`, or all shards that `model.safetensors.index.json` names. Only headers are read.
 *
 * @param isTied  whether the head is the embedding, so that a stored copy of it is left aside
 * @returns       owned
 * @throws {Failure} 'invalidFile' naming the file and tensor, or the file that is missing; 'unsupportedModel' for
 *                   other dtypes than F32, F16 and BF16
 */
export async function openSafetensorsWeights(folder: ModelFolder, isTied: boolean): Promise<WeightSource> {
  const sources: ByteSource[] = [];
  try {
    const shards = await openShards(folder, sources);
    const [first] = shards;
    if (first === undefined) throw invalidFile(INDEX, 'weight_map', 'it names no tensor');
    return new SafetensorsWeights(first, shards, isTied);
  } catch (error) {
    for (const source of sources) source[Symbol.dispose]();
    throw error;
  }
}

/** @param opened  filled with what the caller has to dispose of, also after a failure */
async function openShards(folder: ModelFolder, opened: ByteSource[]): Promise<Shard[]> {
  const open = async (name: string): Promise<Shard | null> => {
    const source = await folder.open(name);
    if (source === null) return null;
    opened.push(source);
    return readShard(source);
  };
  const single = await open(SINGLE);
  if (single !== null) return [single];
  const shardOf = await readIndex(folder);
  const shards: Shard[] = [];
  for (const name of new Set(shardOf.values())) {
    const shard = await open(name);
    if (shard === null) throw missingFile(folder, name);
    checkShard(name, shard, shardOf);
    shards.push(shard);
  }
  checkAllThere(shards, shardOf);
  return shards;
}

async function readShard(source: ByteSource): Promise<Shard> {
  const faults: SafetensorsFaults = {
    wrongFile: 'Copy or download it again.',
    malformed: 'Copy or download it again.',
    invalid: (message) => failure('invalidFile', source, message),
    unsupported: (message) => failure('unsupportedModel', source, message),
  };
  const prefix = await source.read(0, Math.min(8, source.sizeBytes));
  const dataStart = safetensorsDataStart(prefix, source.sizeBytes, faults);
  const header = await source.read(8, dataStart - 8);
  return { source, dataStart, ...parseSafetensorsHeader(header, source.sizeBytes - dataStart, faults) };
}

function failure(code: FailureCode, { name }: ByteSource, message: string): Failure<FailureCode> {
  return new Failure<FailureCode>(code, `${name}: ${message}`, { file: name });
}

/** @returns tensor -> shard */
async function readIndex(folder: ModelFolder): Promise<ReadonlyMap<string, string>> {
  const index = await readFolderJson(folder, INDEX);
  if (index === null) throw missingFile(folder, `${SINGLE} or ${INDEX}`);
  const map = index['weight_map'];
  if (!isJsonObject(map)) throw invalidFile(INDEX, 'weight_map', 'an object of tensors and their files was expected');
  return new Map(
    Object.entries(map).map(([tensor, file]) => {
      const name = shardNameSchema.safeParse(file);
      if (!name.success)
        throw invalidFile(
          INDEX,
          `weight_map of "${tensor}"`,
          'the name of a safetensors file in the folder was expected',
        );
      return [tensor, name.data];
    }),
  );
}

/** A shard holds the tensors that the index says, and no other. */
function checkShard(name: string, { entries }: Shard, shardOf: ReadonlyMap<string, string>): void {
  for (const { name: tensor } of entries)
    if (shardOf.get(tensor) !== name)
      throw invalidFile(INDEX, `weight_map of "${tensor}"`, `${name} holds this tensor, which the index does not say`);
}

function checkAllThere(shards: readonly Shard[], shardOf: ReadonlyMap<string, string>): void {
  const held = new Set(shards.flatMap(({ entries }) => entries.map(({ name }) => name)));
  for (const [tensor, file] of shardOf)
    if (!held.has(tensor))
      throw invalidFile(file, `tensor "${tensor}"`, `${INDEX} says that it is here, and it is not`);
}

function missingFile(folder: ModelFolder, name: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidFile', `${folder.name} has no file ${name}. Give all files of the folder.`, {
    file: name,
  });
}
