import type { ModelConfig } from '@/engine/model/model-config.ts';
import type { Vocabulary } from '@/engine/tokenizer/vocabulary.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { unlessAbsent } from './absent-files.ts';
import { blobSource, type ByteSource } from './byte-source.ts';
import { openModelFile, removeModelFile } from './cached-download.ts';
import type { DownloadOptions } from './download.ts';
import { Publisher } from './hugging-face.ts';
import type { WeightSource } from './weight-source.ts';

/** What a file must be, where another file of the folder says so. */
export interface ExpectedFile {
  readonly sizeBytes: number;
  /** Lower-case hex; null if unknown. */
  readonly md5: string | null;
}

/** The files of one model folder, wherever it lies: at an address, in web-llm's store, or chosen by the user. */
export interface ModelFolder {
  /** For messages. */
  readonly name: string;
  /** Where its files are fetched from one by one, ends in `/`; left out for files of the user. */
  readonly baseUrl?: string;
  /** Whether `open` has compared a file with `expected`, so that its reader need not. */
  readonly comparesFiles?: true;
  /**
   * Opens a file by its name inside the folder.
   *
   * @param expected  lets a folder that can fetch the file again do so in place of another copy
   * @returns         owned; null if the folder has none of this name
   */
  open(fileName: string, expected?: ExpectedFile): Promise<ByteSource | null>;
  /** Forgets a copy of ours that is not what it must be, so that it is fetched again the next time. It must be closed. */
  discard?(fileName: string): Promise<void>;
}

/** A folder's model, read and checked; tensors are read one at a time. */
export interface FolderModel {
  /** Owned by the caller. */
  readonly weights: WeightSource;
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** Jinja source; null if the folder has none. */
  readonly chatTemplate: string | null;
  readonly name: string | null;
  readonly license: string | null;
}

/**
 * Files that the user chose, alone or as a folder; of a folder those in sub-folders are not in it.
 *
 * @throws {Failure} 'invalidConfig' if two files have one name
 */
export function filesFolder(files: readonly File[]): ModelFolder {
  const byName = new Map<string, File>();
  for (const file of files) {
    const [, name = file.name, ...deeper] = pathOf(file);
    if (deeper.length > 0) continue;
    if (byName.has(name))
      throw new Failure<FailureCode>('invalidConfig', `Two of the files are called ${name}. Choose one model.`);
    byName.set(name, file);
  }
  const [folder = ''] = files[0] === undefined ? [] : pathOf(files[0]);
  return {
    name: folder === '' ? 'Your folder' : folder,
    async open(fileName) {
      const file = byName.get(fileName);
      return file === undefined ? null : blobSource(fileName, file);
    },
  };
}

/** Folder, name, and more for files in sub-folders; one empty part for a file that was chosen by itself. */
function pathOf(file: File): string[] {
  // Not every environment has the property.
  return ((file as { readonly webkitRelativePath?: string }).webkitRelativePath ?? '').split('/');
}

/**
 * The folder at an address; every file is a cached copy or a download. Without a network, the files that the server did
 * not have when it was last asked are not there.
 *
 * @param baseUrl  up to and with the last `/`; a query of it is not kept
 */
export function urlFolder(baseUrl: string, options: DownloadOptions = {}): ModelFolder {
  const publisher = new Publisher();
  return {
    name: baseUrl,
    baseUrl,
    open(fileName, expected) {
      const url = `${baseUrl}${fileName}`;
      const size = expected === undefined ? {} : { expectedBytes: expected.sizeBytes };
      return unlessAbsent(url, () => openModelFile(url, { ...options, ...size, publisher, expect: 'any' }));
    },
    discard: (fileName) => removeModelFile(`${baseUrl}${fileName}`),
  };
}
