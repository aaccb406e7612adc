/** A model's header without the model: what an estimate needs, from wherever the files lie. */
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { LoadOptions, ModelSource } from '@/protocol/model.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { unlessAbsent } from './absent-files.ts';
import { blobSource, type ByteSource } from './byte-source.ts';
import { absoluteUrl, fileNameOf } from './cached-download.ts';
import { checkCancelled } from './cancelled.ts';
import { modelConfigOf } from './gguf-config.ts';
import { openGguf, shardUrlsOf } from './gguf.ts';
import { readHfHeader } from './hf-folder.ts';
import { fileUrlOf } from './hugging-face.ts';
import { readMlcHeader } from './mlc-folder.ts';
import type { ModelFolder } from './model-folder.ts';
import { openModelStore } from './model-store.ts';
import { locateFiles, locateFolder, type LocatedFolder } from './open-model.ts';
import { QuantizedWeights } from './quantized-weights.ts';
import { rangeSource } from './range-source.ts';
import type { WeightSource } from './weight-source.ts';

export interface ModelHeader {
  /** Owned by the caller; its tensors may lie on a server. */
  readonly weights: WeightSource;
  readonly config: ModelConfig;
}

export interface OpenHeaderOptions extends Pick<LoadOptions, 'quantization'> {
  readonly signal?: AbortSignal;
}

/**
 * Opens a header: of the user's files, of the cached copy of an address, or of the address itself by HTTP ranges. A copy
 * is not hashed: nothing is computed from it. A folder's small files are fetched whole, since a load needs them too.
 *
 * @throws {Failure} as `openModel` and `rangeSource` do
 */
export async function openModelHeader(source: ModelSource, options: OpenHeaderOptions = {}): Promise<ModelHeader> {
  const { signal, quantization = 'none' } = options;
  checkCancelled(signal);
  const located = await locateHeader(source, signal);
  const { weights, config } = 'folder' in located ? await folderHeader(located, signal) : await ggufHeader(located);
  return { weights: quantization === 'none' ? weights : new QuantizedWeights(weights, quantization), config };
}

async function ggufHeader(files: readonly ByteSource[]): Promise<ModelHeader> {
  const weights = await openGguf(files);
  try {
    return { weights, config: await modelConfigOf(weights) };
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}

function folderHeader({ folder, format }: LocatedFolder, signal: AbortSignal | undefined): Promise<ModelHeader> {
  return format === 'mlc' ? readMlcHeader(folder) : readHfHeader(headersOnly(folder, signal));
}

/** The same folder, in which weights are opened without a download. */
function headersOnly(folder: ModelFolder, signal: AbortSignal | undefined): ModelFolder {
  const { name, baseUrl } = folder;
  return {
    name,
    open(fileName) {
      if (!fileName.endsWith('.safetensors') || baseUrl === undefined) return folder.open(fileName);
      const url = absoluteUrl(`${baseUrl}${fileName}`);
      return unlessAbsent(url, () => fileOf(url, signal));
    },
  };
}

async function locateHeader(
  source: ModelSource,
  signal: AbortSignal | undefined,
): Promise<LocatedFolder | readonly ByteSource[]> {
  if (typeof source !== 'string') {
    const located = locateFiles(source instanceof Blob ? [source] : source);
    return located.format === 'gguf' ? located.files : located;
  }
  const entry = CATALOGUE.find(({ id }) => id === source);
  const folder = entry === undefined ? await locateFolder(source, signal === undefined ? {} : { signal }) : null;
  if (folder !== null) return folder;
  const files: ByteSource[] = [];
  try {
    for (const url of shardUrlsOf(entry?.url ?? fileUrlOf(source))) files.push(await fileOf(absoluteUrl(url), signal));
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
