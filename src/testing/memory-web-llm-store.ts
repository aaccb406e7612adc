import type { WebLlmStore } from '@/engine/loading/web-llm-store.ts';

/** A store of web-llm in memory, whose files tests look at and damage. */
export class MemoryWebLlmStore implements WebLlmStore {
  readonly backend: WebLlmStore['backend'];
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(backend: WebLlmStore['backend']) {
    this.backend = backend;
  }

  async read(url: string): Promise<Blob | null> {
    const bytes = this.files.get(url);
    return bytes === undefined ? null : new Blob([bytes]);
  }

  async write(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.files.set(url, bytes.slice());
  }

  async remove(url: string): Promise<boolean> {
    return this.files.delete(url);
  }

  async list(): Promise<{ url: string; sizeBytes: number }[]> {
    return [...this.files].map(([url, { length }]) => ({ url, sizeBytes: length }));
  }
}
