import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { canGoOn, type Downloaded, type DownloadOptions, type DownloadTarget } from './download.ts';
import { hashBlob } from './hash-blob.ts';
import type { ModelStore, PartialRecord } from './model-store.ts';
import type { FileSink } from './opfs.ts';
import { ProgressMeter } from './progress-meter.ts';
import type { FileVersion } from './request-file.ts';
import { checkSpace } from './storage-room.ts';

/** A choice: what a killed tab loses at most, against a flush of the disk each time. */
const CHECKPOINT_BYTES = 8 << 20;

/**
 * A copy on its way into the store. Every 8 MiB what is there is flushed and recorded with its hash, so that a download
 * goes on behind the last of these points, whatever ended it. One of `complete`, `keep` and `discard` ends it.
 */
export class PartialCopy implements DownloadTarget {
  readonly #store: ModelStore;
  readonly #url: string;
  #expectedSha256: string | undefined;
  #sink: FileSink | null = null;
  #hash = sha256.create();
  #sizeBytes = 0;
  #recordedBytes = 0;
  #version: FileVersion | null = null;

  private constructor(store: ModelStore, url: string, expectedSha256: string | undefined) {
    this.#store = store;
    this.#url = url;
    this.#expectedSha256 = expectedSha256;
  }

  /** Reads what an earlier download has left; what is of no use is removed. */
  static async open(store: ModelStore, url: string, options: DownloadOptions): Promise<PartialCopy> {
    const copy = new PartialCopy(store, url, options.expectedSha256);
    const record = await store.readPartial(url);
    if (record === null || !isOfThisFile(record, options) || !(await copy.#readBeginning(record, options)))
      await store.remove(url);
    return copy;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get version(): FileVersion | null {
    return this.#version;
  }

  /** What the whole file must have: as it is known now, or else as it was known when the copy was begun. */
  get expectedSha256(): string | undefined {
    return this.#expectedSha256;
  }

  async begin(version: FileVersion): Promise<void> {
    await this.#close();
    this.#sink = await this.#store.createCopy(this.#url);
    this.#hash = sha256.create();
    this.#sizeBytes = 0;
    this.#version = version;
    // What lies there has a name from its first byte on.
    await this.#record();
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#sink ??= await this.#store.continueCopy(this.#url, this.#sizeBytes);
    await this.#sink.write(chunk);
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    const isDue = this.#sizeBytes - this.#recordedBytes >= CHECKPOINT_BYTES && this.#canGoOn();
    if (isDue && (await this.#sink.flush())) await this.#record();
  }

  digest(): string {
    return bytesToHex(this.#hash.clone().digest());
  }

  checkRoom(numBytes: number): Promise<void> {
    return checkSpace(this.#url, numBytes);
  }

  async complete(downloaded: Downloaded): Promise<void> {
    await this.#close();
    await this.#store.writeRecord({
      url: this.#url,
      ...downloaded,
      ...(this.#expectedSha256 === undefined ? {} : { isPublished: true }),
    });
  }

  /** Leaves what is there to a later download, if that can go on with it. */
  async keep(): Promise<void> {
    if (!this.#canGoOn()) return this.discard();
    await this.#close();
    await this.#record();
  }

  async discard(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    // A sink that is already closed refuses to be aborted.
    await sink?.abort().catch(() => {});
    await this.#store.remove(this.#url);
  }

  #canGoOn(): boolean {
    return canGoOn(this, this.#expectedSha256 === undefined ? {} : { expectedSha256: this.#expectedSha256 });
  }

  async #close(): Promise<void> {
    const sink = this.#sink;
    this.#sink = null;
    await sink?.close();
  }

  async #record(): Promise<void> {
    if (this.#version === null) return;
    await this.#store.writePartial({
      url: this.#url,
      ...this.#version,
      expectedSha256: this.#expectedSha256 ?? null,
      sizeBytes: this.#sizeBytes,
      sha256: this.digest(),
    });
    this.#recordedBytes = this.#sizeBytes;
  }

  /** Hashes what is there. @returns false if it is not what was recorded */
  async #readBeginning(record: PartialRecord, { signal, onProgress = () => {} }: DownloadOptions): Promise<boolean> {
    const file = await (await this.#store.dataFile(this.#url))?.getFile();
    if (file === undefined || file.size < record.sizeBytes) return false;
    const hash = sha256.create();
    const meter = new ProgressMeter('verify', record.sizeBytes, onProgress);
    if (!(await hashBlob(file.slice(0, record.sizeBytes), hash, meter, signal))) return false;
    if (bytesToHex(hash.clone().digest()) !== record.sha256) return false;
    this.#hash = hash;
    this.#sizeBytes = record.sizeBytes;
    this.#recordedBytes = record.sizeBytes;
    this.#version = { validator: record.validator, totalBytes: record.totalBytes };
    this.#expectedSha256 ??= record.expectedSha256 ?? undefined;
    return true;
  }
}

/** Whether the file that is asked for now can be the one that was begun. */
function isOfThisFile(record: PartialRecord, { expectedSha256, expectedBytes }: DownloadOptions): boolean {
  if (expectedBytes !== undefined && record.totalBytes !== expectedBytes) return false;
  return expectedSha256 === undefined || record.expectedSha256 === null || record.expectedSha256 === expectedSha256;
}
