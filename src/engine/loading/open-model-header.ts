/** A model's header without the model: what an estimate needs, from wherever the files lie. */
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { ModelSource } from '@/protocol/model.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { blobSource, type ByteSource } from './byte-source.ts';
import { absoluteUrl, fileNameOf } from './cached-download.ts';
import { checkCancelled } from './download.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf, shardUrlsOf } from './gguf.ts';
import { openModelStore } from './model-store.ts';
import { checkAddress } from './open-model.ts';
import { rangeSource } from './range-source.ts';
import type { WeightSource } from './weight-source.ts';

export interface ModelHeader {
  /** Owned by the caller; its tensors may lie on a server. */
  readonly weights: WeightSource;
  readonly config: ModelConfig;
}

/**
 * Opens a header: of the user's files, of the cached copy of an address, or of the address itself by HTTP ranges. A copy
 * is not hashed: nothing is computed from it.
 *
 * @throws {Failure} as `openModel` and `rangeSource` do
 */
export async function openModelHeader(source: ModelSource, signal?: AbortSignal): Promise<ModelHeader> {
  checkCancelled(signal);
  const weights = await openGguf(await filesOf(source, signal));
  try {
    return { weights, config: await modelConfigOf(weights) };
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}

async function filesOf(source: ModelSource, signal: AbortSignal | undefined): Promise<ByteSource[]> {
  if (typeof source !== 'string') {
    const files = source instanceof Blob ? [source] : source;
    return files.map((file) => blobSource(file.name, file));
  }
  const entry = CATALOGUE.find(({ id }) => id === source);
  if (entry === undefined) checkAddress(source);
  const files: ByteSource[] = [];
  try {
    for (const url of shardUrlsOf(entry?.url ?? source)) files.push(await fileOf(absoluteUrl(url), signal));
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

async function fileOf(url: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  return (await copyOf(url)) ?? (await rangeSource(url, fileNameOf(url), signal));
}

/** @returns null without a complete copy */
async function copyOf(url: string): Promise<ByteSource | null> {
  const store = await openModelStore();
  const record = (await store?.readRecord(url)) ?? null;
  const handle = (await store?.dataFile(url)) ?? null;
  if (record === null || handle === null) return null;
  const file = await handle.getFile();
  return file.size === record.sizeBytes ? blobSource(fileNameOf(url), file) : null;
}
