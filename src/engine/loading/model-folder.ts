import type { ModelConfig } from '@/engine/model/model-config.ts';
import type { Vocabulary } from '@/engine/tokenizer/vocabulary.ts';
import type { ByteSource } from './byte-source.ts';
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
  /** Whether `open` has compared a file with `expected`, so that its reader need not. */
  readonly comparesFiles?: true;
  /**
   * Opens a file by its name inside the folder.
   *
   * @param expected  lets a folder that can fetch the file again do so in place of another copy
   * @returns         owned; null if the folder has none of this name
   */
  open(fileName: string, expected?: ExpectedFile): Promise<ByteSource | null>;
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
