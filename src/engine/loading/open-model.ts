import { assertNever } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { CATALOGUE, type CatalogueEntry } from '@/protocol/model-catalogue.ts';
import type { LoadOptions, LoadProgress, ModelInfo, ModelSource } from '@/protocol/model.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { readVocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { blobSource, type ByteSource } from './byte-source.ts';
import { openModelFile, type ModelFile } from './cached-download.ts';
import { checkCancelled } from './cancelled.ts';
import { formatOfFiles, formatOfFolder, type FolderFormat } from './folder-format.ts';
import { modelConfigOf } from './gguf-config.ts';
import { invalidFile } from './gguf-header.ts';
import { openGguf, shardUrlsOf, type GgufModel } from './gguf.ts';
import { openHfFolder } from './hf-folder.ts';
import { fileUrlOf, Publisher, repositoryUrlOf } from './hugging-face.ts';
import { openMlcFolder } from './mlc-folder.ts';
import { filesFolder, urlFolder, type FolderModel, type ModelFolder } from './model-folder.ts';
import { QuantizedWeights } from './quantized-weights.ts';
import { isWebLlmAddress, webLlmFolder } from './web-llm-folder.ts';
import { openWebLlmStores } from './web-llm-stores.ts';
import type { WeightSource } from './weight-source.ts';

/** A model whose headers have been read and checked; tensors are read one at a time. Owned by the caller. */
export interface OpenedModel {
  readonly weights: WeightSource;
  readonly format: ModelInfo['format'];
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  /** Jinja source; null if the files have none. */
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

export interface OpenModelOptions extends Pick<LoadOptions, 'quantization'> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Opens a model of the catalogue, from an address (of a GGUF file, whose other shards' addresses are derived from the
 * first one's; of a folder in safetensors or MLC's format; of a Hugging Face repository with such a folder), or from
 * the user's own files.
 *
 * @throws {Failure} 'invalidConfig' for an unknown id; 'downloadFailed', 'integrityFailed', 'invalidFile',
 *                   'unsupportedModel', 'cancelled'
 */
export async function openModel(source: ModelSource, options: OpenModelOptions = {}): Promise<OpenedModel> {
  checkCancelled(options.signal);
  const located = await locate(source, options);
  const { weights: stored, config, vocabulary, chatTemplate, name, license } = await openLocated(located, options);
  try {
    const tokenizer = new Tokenizer(vocabulary);
    if (tokenizer.vocabSize > config.vocabSize)
      throw invalidFile(
        stored.fileName,
        'vocabulary',
        `${tokenizer.vocabSize} tokens, but the embedding has ${config.vocabSize} rows`,
      );
    checkCancelled(options.signal);
    const { quantization = 'none' } = options;
    const weights = quantization === 'none' ? stored : new QuantizedWeights(stored, quantization);
    return {
      weights,
      format: located.format,
      config,
      tokenizer,
      chatTemplate,
      id: located.id,
      name: located.entry?.name ?? name ?? located.name,
      license: located.entry?.license ?? license,
      fileBytes: weights.fileBytes,
      sha256: located.format === 'gguf' ? located.sha256 : null,
      close: () => weights[Symbol.dispose](),
    };
  } catch (error) {
    stored[Symbol.dispose]();
    throw error;
  }
}

interface Located {
  readonly id: string;
  /** If neither catalogue nor files have a better one. */
  readonly name: string;
  readonly entry: CatalogueEntry | null;
}

interface LocatedGguf extends Located {
  readonly format: 'gguf';
  readonly files: readonly ByteSource[];
  readonly sha256: string | null;
}

export interface LocatedFolder extends Located {
  readonly format: FolderFormat;
  readonly folder: ModelFolder;
}

type LocatedModel = LocatedGguf | LocatedFolder;

async function openLocated(located: LocatedModel, options: OpenModelOptions): Promise<FolderModel> {
  switch (located.format) {
    case 'gguf':
      return openGgufFiles(located.files);
    case 'safetensors':
      return openHfFolder(located.folder);
    case 'mlc':
      return openMlcFolder(located.folder, options);
    default:
      return assertNever(located);
  }
}

async function openGgufFiles(files: readonly ByteSource[]): Promise<FolderModel> {
  const gguf = await openGguf(files);
  try {
    return {
      weights: gguf,
      config: await modelConfigOf(gguf),
      vocabulary: readVocabulary(gguf.metadata, gguf.fileName),
      chatTemplate: textOf(gguf, 'tokenizer.chat_template'),
      name: textOf(gguf, 'general.name'),
      license: textOf(gguf, 'general.license'),
    };
  } catch (error) {
    gguf[Symbol.dispose]();
    throw error;
  }
}

async function locate(source: ModelSource, options: OpenModelOptions): Promise<LocatedModel> {
  if (typeof source !== 'string') return locateFiles(source instanceof Blob ? [source] : source);
  const entry = CATALOGUE.find(({ id }) => id === source);
  return entry === undefined ? locateAddress(source, options) : locateEntry(entry, options);
}

async function locateEntry(entry: CatalogueEntry, options: OpenModelOptions): Promise<LocatedGguf> {
  const { id, name } = entry;
  const file = await openCatalogueFile(entry, options);
  return { format: 'gguf', id, name, files: [file], sha256: file.sha256, entry };
}

/** The file of a model of the catalogue, as `openModelFile` opens it. @throws {Failure} as that does */
export function openCatalogueFile(entry: CatalogueEntry, options: OpenModelOptions): Promise<ModelFile> {
  const { url, sha256: expectedSha256, sizeBytes: expectedBytes } = entry;
  const expected = expectedSha256 === null ? {} : { expectedSha256, expectedBytes };
  return openModelFile(url, { ...options, ...expected });
}

async function locateAddress(source: string, options: OpenModelOptions): Promise<LocatedModel> {
  const folder = await locateFolder(source, options);
  if (folder !== null) return folder;
  const files = await openShards(shardUrlsOf(fileUrlOf(source)), options);
  const [first, second] = files;
  const sha256 = second === undefined ? (first?.sha256 ?? null) : null;
  return { format: 'gguf', id: source, name: first?.name ?? source, files, sha256, entry: null };
}

/** @throws {Failure} 'invalidConfig' for no files or two of one name; 'invalidFile' saying which are needed */
export function locateFiles(files: readonly File[]): LocatedModel {
  const [first] = files;
  if (first === undefined) throw new Failure<FailureCode>('invalidConfig', 'No file was chosen.');
  const format = formatOfFiles(files.map(({ name }) => name));
  if (format === 'gguf') {
    const ggufFiles = files.filter(({ name }) => name.endsWith('.gguf'));
    const sources = ggufFiles.map((file) => blobSource(file.name, file));
    const { name } = ggufFiles[0] ?? first;
    return { format, id: name, name, files: sources, sha256: null, entry: null };
  }
  const folder = filesFolder(files);
  return { format, id: folder.name, name: folder.name, folder, entry: null };
}

/**
 * @param source  an address
 * @returns       null for the address of a file
 */
export async function locateFolder(source: string, options: OpenModelOptions): Promise<LocatedFolder | null> {
  const repository = repositoryUrlOf(source);
  if (repository === null) checkAddress(source);
  const path = source.replace(/[?#].*$/s, '');
  if (repository === null && (source.startsWith('blob:') || path.endsWith('.gguf'))) return null;
  const url = repository ?? (path.endsWith('/') ? path : `${path}/`);
  const plain = urlFolder(url, options);
  // web-llm has files of such addresses only; those of its models are read from, and put into, its own stores.
  const shared = isWebLlmAddress(url) ? webLlmFolder(url, await openWebLlmStores(), options) : plain;
  const format = await formatOfFolder(plain, shared);
  const folder = format === 'mlc' ? shared : plain;
  if (format !== null) return { format, id: source, name: titleOf(folder.name), folder, entry: null };
  if (repository === null && !path.endsWith('/')) return null;
  throw new Failure<FailureCode>(
    'invalidFile',
    `${folder.name} has neither config.json nor mlc-chat-config.json. Give the address of a folder with one of them, or of a GGUF file.`,
  );
}

/** Owner and name of a repository, else the last part of the path. */
function titleOf(baseUrl: string): string {
  const repository = /(?<id>[^/]+\/[^/]+)\/resolve\/[^/]+\/$/.exec(baseUrl)?.groups?.['id'];
  return repository ?? baseUrl.split('/').findLast((part) => part !== '') ?? baseUrl;
}

/** One after the other, since all of them share one connection and one disk. */
async function openShards(urls: readonly string[], options: OpenModelOptions): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  const publisher = new Publisher();
  try {
    for (const url of urls) files.push(await openModelFile(url, { ...options, publisher }));
    return files;
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

/** @throws {Failure} 'invalidConfig' for a text that is neither an id of the catalogue nor an address */
function checkAddress(source: string): void {
  if (isAddress(source)) return;
  throw new Failure<FailureCode>(
    'invalidConfig',
    `There is no model "${source}". Known are ${CATALOGUE.map(({ id }) => id).join(', ')}; a URL ends in ".gguf" or names a folder.`,
  );
}

function isAddress(source: string): boolean {
  return /^(?:https?:|blob:)/.test(source) || source.includes('/') || /\.gguf(?:[?#]|$)/.test(source);
}

function textOf(gguf: GgufModel, key: string): string | null {
  const value = gguf.metadata.get(key);
  return typeof value === 'string' && value !== '' ? value : null;
}
