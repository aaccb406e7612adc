import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { CATALOGUE, type CatalogueEntry } from '@/protocol/model-catalogue.ts';
import type { LoadProgress, ModelSource } from '@/protocol/model.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { blobSource, type ByteSource } from './byte-source.ts';
import { openModelFile, type ModelFile } from './cached-download.ts';
import { checkCancelled } from './download.ts';
import { modelConfigOf } from './gguf-config.ts';
import { invalidFile } from './gguf-header.ts';
import { openGguf, shardUrlsOf, type GgufModel } from './gguf.ts';

/** A model whose header has been read and checked; tensors are read one at a time. Owned by the caller. */
export interface OpenedModel {
  readonly gguf: GgufModel;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Jinja source; null if the file has none. */
  readonly chatTemplate: string | null;
  readonly id: string;
  readonly name: string;
  readonly license: string | null;
  readonly fileBytes: number;
  /** Lower-case hex; null for the user's own files and for models of several files. */
  readonly sha256: string | null;
  /** Releases the files; tensors cannot be read afterwards. */
  close(): void;
}

export interface OpenModelOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Opens a model of the catalogue, from a URL (the other shards' addresses are derived from the first one's) or from the
 * user's own files.
 *
 * @throws {Failure} 'invalidConfig' for an unknown id; 'downloadFailed', 'integrityFailed', 'invalidFile',
 *                   'unsupportedModel', 'cancelled'
 */
export async function openModel(source: ModelSource, options: OpenModelOptions = {}): Promise<OpenedModel> {
  checkCancelled(options.signal);
  const located = await locate(source, options);
  const gguf = await openGguf(located.files);
  try {
    const config = await modelConfigOf(gguf);
    const tokenizer = new Tokenizer(readVocabulary(gguf.metadata, gguf.fileName));
    if (tokenizer.vocabSize > config.vocabSize)
      throw invalidFile(
        gguf.fileName,
        'tokenizer.ggml.tokens',
        `${tokenizer.vocabSize} tokens, but the embedding has ${config.vocabSize} rows`,
      );
    checkCancelled(options.signal);
    return {
      gguf,
      config,
      tokenizer,
      chatTemplate: textOf(gguf, 'tokenizer.chat_template'),
      id: located.id,
      name: located.entry?.name ?? textOf(gguf, 'general.name') ?? gguf.fileName,
      license: located.entry?.license ?? textOf(gguf, 'general.license'),
      fileBytes: gguf.fileBytes,
      sha256: located.sha256,
      close: () => gguf[Symbol.dispose](),
    };
  } catch (error) {
    gguf[Symbol.dispose]();
    throw error;
  }
}

interface LocatedModel {
  readonly id: string;
  readonly files: readonly ByteSource[];
  readonly sha256: string | null;
  readonly entry: CatalogueEntry | null;
}

async function locate(source: ModelSource, options: OpenModelOptions): Promise<LocatedModel> {
  if (typeof source !== 'string') {
    const files = source instanceof Blob ? [source] : source;
    const [first] = files;
    if (first === undefined) throw new Failure<FailureCode>('invalidConfig', 'No file was chosen.');
    return { id: first.name, files: files.map((file) => blobSource(file.name, file)), sha256: null, entry: null };
  }
  const entry = CATALOGUE.find(({ id }) => id === source) ?? null;
  if (entry !== null) {
    const { url, sha256: expectedSha256, sizeBytes: expectedBytes } = entry;
    const expected = expectedSha256 === null ? {} : { expectedSha256, expectedBytes };
    const file = await openModelFile(url, { ...options, ...expected });
    return { id: entry.id, files: [file], sha256: file.sha256, entry };
  }
  checkAddress(source);
  const files = await openShards(shardUrlsOf(source), options);
  const [first, second] = files;
  return { id: source, files, sha256: second === undefined ? (first?.sha256 ?? null) : null, entry: null };
}

/** One after the other, since all of them share one connection and one disk. */
async function openShards(urls: readonly string[], options: OpenModelOptions): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  try {
    for (const url of urls) files.push(await openModelFile(url, options));
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

/** @throws {Failure} 'invalidConfig' for a text that is neither an id of the catalogue nor an address */
export function checkAddress(source: string): void {
  if (isAddress(source)) return;
  throw new Failure<FailureCode>(
    'invalidConfig',
    `There is no model "${source}". Known are ${CATALOGUE.map(({ id }) => id).join(', ')}; a URL ends in ".gguf".`,
  );
}

function isAddress(source: string): boolean {
  return /^(?:https?:|blob:)/.test(source) || source.includes('/') || /\.gguf(?:[?#]|$)/.test(source);
}

function textOf(gguf: GgufModel, key: string): string | null {
  const value = gguf.metadata.get(key);
  return typeof value === 'string' && value !== '' ? value : null;
}
