/**
 * A model's folder through web-llm's own stores: what web-llm has fetched is used as it lies there, and what is fetched
 * here is put there for web-llm.
 */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { unlessAbsent } from './absent-files.ts';
import { blobSource, bytesSource, type ByteSource } from './byte-source.ts';
import { MemoryTarget } from './cached-download.ts';
import { checkCancelled } from './cancelled.ts';
import { download, type DownloadOptions } from './download.ts';
import { invalidFile } from './gguf-header.ts';
import { MLC_CONFIG_NAME } from './mlc-config.ts';
import { MLC_INDEX_NAMES } from './mlc-index.ts';
import { md5Of, type OpenFolderOptions } from './mlc-shards.ts';
import type { ExpectedFile, ModelFolder } from './model-folder.ts';
import { ProgressMeter } from './progress-meter.ts';
import { explainStorageError } from './storage-room.ts';
import type { WebLlmStore } from './web-llm-store.ts';

/** @returns the whole file @throws {Failure} as `download` does */
export type FetchFile = (url: string, options: DownloadOptions) => Promise<Uint8Array<ArrayBuffer>>;

/** Files without which web-llm cannot run the model either. */
const NEEDED_FILES: readonly string[] = [MLC_CONFIG_NAME, ...MLC_INDEX_NAMES, 'tokenizer.json'];

/** A choice: a matrix and its scales may lie in two shards, and a Blob of a store may be as large as it is in memory. */
const MAX_OPEN_BLOBS = 2;

/**
 * Where web-llm looks for a model's files, given the address in its list of models.
 *
 * @returns ends in `/`; `resolve/main/` is added unless a branch is named already
 * @see cleanModelUrl of web-llm, src/utils.ts
 */
export function webLlmBaseUrl(modelUrl: string): string {
  const base = modelUrl.endsWith('/') ? modelUrl : `${modelUrl}/`;
  const { location } = globalThis as { location?: Location };
  return new URL(isWebLlmAddress(base) ? base : `${base}resolve/main/`, location?.href).href;
}

/** @param folderUrl ends in `/` */
export function isWebLlmAddress(folderUrl: string): boolean {
  return /.+\/resolve\/.+\//.test(folderUrl);
}

/**
 * The folder of a model at `modelUrl`, file by file from the first of `stores` that has a good copy. A file that none
 * has, or that is not what the index says, is fetched, compared, and written to the store that holds the rest of the
 * model, else to the first one (web-llm's default is the Cache).
 *
 * @param stores  in the order of `openWebLlmStores`; without any, files stay in memory
 * @param options `onProgress` gets 'verify' for stored shards and 'download' for others
 */
export function webLlmFolder(
  modelUrl: string,
  stores: readonly WebLlmStore[],
  options: OpenFolderOptions = {},
  fetchFile: FetchFile = fetchToMemory,
): ModelFolder {
  return new WebLlmFolder(webLlmBaseUrl(modelUrl), stores, options, fetchFile);
}

async function fetchToMemory(url: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const target = new MemoryTarget();
  await download(url, target, { ...options, expect: 'any' });
  return target.bytes();
}

function damagedCopy(fileName: string, { message, details }: Failure): Failure<FailureCode> {
  return new Failure<FailureCode>(
    'downloadFailed',
    `${fileName}: the copy that web-llm's storage in this browser has is damaged, and another one cannot be fetched: ${message}`,
    details,
  );
}

interface StoredFile {
  readonly store: WebLlmStore;
  readonly blob: Blob;
}

class WebLlmFolder implements ModelFolder {
  readonly name: string;
  readonly comparesFiles = true;
  readonly #stores: readonly WebLlmStore[];
  readonly #options: OpenFolderOptions;
  readonly #fetchFile: FetchFile;
  /** The store in which a file of the model was found; null before. */
  #home: WebLlmStore | null = null;
  /** URLs of which a store has a copy that is not what the index says. */
  readonly #damaged = new Set<string>();
  /** By URL, the last used one at the end. */
  readonly #blobs = new Map<string, Blob>();

  constructor(baseUrl: string, stores: readonly WebLlmStore[], options: OpenFolderOptions, fetchFile: FetchFile) {
    this.name = baseUrl;
    this.#stores = stores;
    this.#options = options;
    this.#fetchFile = fetchFile;
  }

  async open(fileName: string, expected?: ExpectedFile): Promise<ByteSource | null> {
    const url = new URL(fileName, this.name).href;
    const found = await this.#find(url, expected);
    if (found !== null) {
      this.#home ??= found.store;
      return this.#sourceOf(url, fileName, found);
    }
    const bytes = await this.#fetch(url, fileName, expected);
    if (bytes === null) return null;
    await this.#compareFetched(url, bytes, expected);
    const store = this.#home ?? this.#stores[0];
    if (store === undefined) return bytesSource(fileName, bytes);
    await this.#write(store, url, bytes);
    this.#home = store;
    return this.#sourceOf(url, fileName, { store, blob: new Blob([bytes]) });
  }

  async #find(url: string, expected?: ExpectedFile): Promise<StoredFile | null> {
    for (const store of this.#stores) {
      checkCancelled(this.#options.signal);
      // A store that cannot be read has nothing to give.
      const blob = await store.read(url).catch(() => null);
      if (blob === null || blob.size === 0) continue;
      if (await this.#isExpected(url, blob, expected)) return { store, blob };
      this.#damaged.add(url);
    }
    return null;
  }

  async #isExpected(url: string, blob: Blob, expected: ExpectedFile | undefined): Promise<boolean> {
    if (expected === undefined) return true;
    if (blob.size !== expected.sizeBytes) return false;
    if (expected.md5 === null) return true;
    const { signal, onProgress = () => {} } = this.#options;
    const meter = new ProgressMeter('verify', blob.size, onProgress);
    const digest = await md5Of(blobSource(url, blob), (numBytes) => {
      checkCancelled(signal);
      meter.add(numBytes);
    });
    meter.finish();
    return digest === expected.md5;
  }

  /** Without the network, a file that web-llm does not need either is one that the folder lacks. */
  async #fetch(url: string, fileName: string, expected?: ExpectedFile): Promise<Uint8Array<ArrayBuffer> | null> {
    const size = expected === undefined ? {} : { expectedBytes: expected.sizeBytes };
    try {
      return await unlessAbsent(url, () => this.#fetchFile(url, { ...this.#options, ...size }));
    } catch (error) {
      const isOutOfReach = error instanceof Failure && error.code === 'downloadFailed';
      if (isOutOfReach && expected === undefined && (await this.#doesWithout(fileName))) return null;
      throw isOutOfReach && this.#damaged.has(url) ? damagedCopy(fileName, error) : error;
    }
  }

  async #doesWithout(fileName: string): Promise<boolean> {
    if (this.#home === null) return false;
    if (!NEEDED_FILES.includes(fileName)) return true;
    const [indexName, oldIndexName] = MLC_INDEX_NAMES;
    return fileName === indexName && (await this.#find(new URL(oldIndexName, this.name).href)) !== null;
  }

  async #compareFetched(url: string, bytes: Uint8Array<ArrayBuffer>, expected?: ExpectedFile): Promise<void> {
    if (expected === undefined) return;
    const digest = expected.md5 === null ? null : await md5Of(bytesSource(url, bytes), () => {});
    if (bytes.length === expected.sizeBytes && digest === expected.md5) return;
    throw new Failure<FailureCode>(
      'integrityFailed',
      `${url} is not what the model's index says: ${bytes.length} bytes with the MD5 ${digest}, but ` +
        `${expected.sizeBytes} bytes with ${expected.md5} are right. The copy was not kept.`,
      { url },
    );
  }

  async #write(store: WebLlmStore, url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const contentType = url.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    try {
      await store.write(url, bytes, contentType);
    } catch (error) {
      throw await explainStorageError(error, url, bytes.length);
    }
  }

  /** Reads through the store again where other files were read in between. */
  #sourceOf(url: string, fileName: string, { store, blob }: StoredFile): ByteSource {
    this.#keep(url, blob);
    const sizeBytes = blob.size;
    return {
      name: fileName,
      sizeBytes,
      read: async (offset, length) => {
        const current = this.#blobs.get(url) ?? (await store.read(url).catch(() => null));
        if (current === null || current.size !== sizeBytes)
          throw invalidFile(fileName, 'file', 'the copy in the storage of the browser is gone: load the model again');
        this.#keep(url, current);
        return blobSource(fileName, current).read(offset, length);
      },
      [Symbol.dispose]: () => {
        this.#blobs.delete(url);
      },
    };
  }

  #keep(url: string, blob: Blob): void {
    this.#blobs.delete(url);
    this.#blobs.set(url, blob);
    const [oldest] = this.#blobs.keys();
    if (this.#blobs.size > MAX_OPEN_BLOBS && oldest !== undefined) this.#blobs.delete(oldest);
  }
}
