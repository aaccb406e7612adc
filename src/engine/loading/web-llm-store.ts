/** Files of models as web-llm keeps them in the browser. Keys are whole URLs, with `/resolve/<branch>/` in them. */
import type { StorageBackend } from '@/protocol/model-storage.ts';

export interface WebLlmStore {
  readonly backend: Exclude<StorageBackend, 'duet'>;
  /** @returns null if the store has no file of this URL, or one that is empty or shorter than its record says */
  read(url: string): Promise<Blob | null>;
  /** Puts a file there so that web-llm finds it. */
  write(url: string, bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<void>;
  /** @returns false if there was none */
  remove(url: string): Promise<boolean>;
  list(): Promise<readonly { readonly url: string; readonly sizeBytes: number }[]>;
}
