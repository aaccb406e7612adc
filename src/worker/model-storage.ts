import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '@/lib/failure.ts';
import { serveRun, type RunHandle } from '@/lib/stream.ts';
import { fileNameOf, withCopyLock } from '@/engine/loading/cached-download.ts';
import { hashBlob } from '@/engine/loading/hash-blob.ts';
import { listRepositoryFiles } from '@/engine/loading/hugging-face.ts';
import {
  copyLockName,
  MODELS_FOLDER,
  openModelStore,
  type ModelStore,
  type StoredFile,
} from '@/engine/loading/model-store.ts';
import { openCatalogueFile, type OpenModelOptions } from '@/engine/loading/open-model.ts';
import { ProgressMeter } from '@/engine/loading/progress-meter.ts';
import { OLD_TENSOR_INDEX, readTensorIndex, TENSOR_INDEX, type TensorFile } from '@/engine/loading/web-llm-index.ts';
import type { WebLlmStore } from '@/engine/loading/web-llm-store.ts';
import { openWebLlmStores } from '@/engine/loading/web-llm-stores.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type {
  ModelStorageApi,
  RepositoryFile,
  StorageCheck,
  StorageReport,
  StoredModel,
} from '@/protocol/model-storage.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import { checkRequest, removeSchema } from './request-schemas.ts';
import { ownModelsOf, urlIn, webLlmModelsOf, type OwnModel, type WebLlmModel } from './stored-models.ts';

type FoundModel = ({ readonly store: ModelStore } & OwnModel) | ({ readonly store: WebLlmStore } & WebLlmModel);

/** Every other folder of ours holds what the user has made. */
const OUR_FOLDER = /^duet-/;

/** The worker's side of `ModelStorageApi`: our copies and those of web-llm, wherever it keeps them. */
export class ModelStorage implements ModelStorageApi {
  /** Copies of web-llm that a check found damaged. Its stores have no place to write that down. */
  readonly #damaged = new Set<string>();

  async report(): Promise<StorageReport> {
    const models = (await this.#find()).map(({ model }) => model);
    const { storage } = globalThis.navigator as { readonly storage?: StorageManager };
    const { usage = null, quota = null } = (await storage?.estimate?.()) ?? {};
    return {
      models: models.toSorted((a, b) => b.sizeBytes - a.sizeBytes),
      workBytes: await workBytes(storage),
      usageBytes: usage,
      quotaBytes: quota,
      isPersistent: (await storage?.persisted?.()) ?? false,
    };
  }

  async remove(ids: readonly string[]): Promise<void> {
    checkRequest(removeSchema, { ids }, 'storage.remove');
    const inUse: string[] = [];
    for (const found of await this.#find()) {
      if (!ids.includes(found.model.id)) continue;
      if (!(await removeModel(found))) inUse.push(found.model.name);
      this.#damaged.delete(found.model.id);
    }
    if (inUse.length > 0)
      throw new Failure<FailureCode>(
        'busy',
        `${inUse.join(', ')} cannot be deleted now: it is being loaded or read, perhaps in another tab. Wait, or cancel it, and try again.`,
      );
  }

  verify(id: string, onProgress: (progress: LoadProgress) => void): Promise<RunHandle<StorageCheck>> {
    return Promise.resolve(
      serveRun<StorageCheck, LoadProgress>(async (signal, emit) => {
        const found = (await this.#find()).find(({ model }) => model.id === id);
        if (found === undefined) throw new Failure<FailureCode>('invalidConfig', `No stored model is called "${id}".`);
        if (!isWebLlm(found)) return verifyOwn(found, signal, emit);
        const check = await verifyWebLlm(found, signal, emit);
        if (check.isIntact) this.#damaged.delete(id);
        else if (found.model.state === 'complete') this.#damaged.add(id);
        return check;
      }, onProgress),
    );
  }

  keep(modelId: string, onProgress: (progress: LoadProgress) => void): Promise<RunHandle<void>> {
    return Promise.resolve(
      serveRun<void, LoadProgress>((signal, emit) => keepModel(modelId, { signal, onProgress: emit }), onProgress),
    );
  }

  listRepository(repository: string, revision?: string): Promise<RepositoryFile[]> {
    return listRepositoryFiles(repository, revision);
  }

  async #find(): Promise<FoundModel[]> {
    const own = await openModelStore();
    const found: FoundModel[] =
      own === null ? [] : ownModelsOf(await own.list()).map((each) => ({ store: own, ...each }));
    for (const store of await openWebLlmStores()) {
      // A store that the browser refuses, as in some private windows, holds nothing that could be shown.
      const files = await store.list().catch(() => []);
      const models = await webLlmModelsOf(store, files, (base) => readIndex(store, base));
      for (const each of models) found.push({ store, ...each, model: this.#marked(each.model) });
    }
    return found;
  }

  #marked(model: StoredModel): StoredModel {
    return this.#damaged.has(model.id) && model.state === 'complete' ? { ...model, state: 'damaged' } : model;
  }
}

async function keepModel(modelId: string, options: OpenModelOptions): Promise<void> {
  const entry = CATALOGUE.find(({ id }) => id === modelId);
  if (entry === undefined)
    throw new Failure<FailureCode>('invalidConfig', `The catalogue has no model "${modelId}" that could be kept.`);
  if ((await openModelStore()) === null)
    throw new Failure<FailureCode>(
      'storageFailed',
      'This browser gives the page no private file system, as in some private windows, so no model can be kept.',
    );
  (await openCatalogueFile(entry, options))[Symbol.dispose]();
}

function isWebLlm(found: FoundModel): found is { readonly store: WebLlmStore } & WebLlmModel {
  return 'base' in found;
}

async function readIndex(store: WebLlmStore, base: string): Promise<readonly TensorFile[] | null> {
  const blob = (await store.read(base + TENSOR_INDEX)) ?? (await store.read(base + OLD_TENSOR_INDEX));
  return blob === null ? null : readTensorIndex(blob);
}

/** @returns false if something holds it */
async function removeModel(found: FoundModel): Promise<boolean> {
  if (isWebLlm(found)) {
    for (const { url } of found.files) await found.store.remove(url);
    return true;
  }
  let isRemoved = true;
  for (const file of found.files) isRemoved = (await removeCopy(found.store, file)) && isRemoved;
  return isRemoved;
}

async function removeCopy(store: ModelStore, { key, url }: StoredFile): Promise<boolean> {
  const remove = async (): Promise<boolean> => {
    try {
      await store.removeKey(key);
      return true;
    } catch (error) {
      // The browser keeps files that are open.
      if (error instanceof DOMException && error.name === 'NoModificationAllowedError') return false;
      throw error;
    }
  };
  const { locks } = globalThis.navigator as { readonly locks?: LockManager };
  if (url === null || locks === undefined) return remove();
  return locks.request(copyLockName(url), { ifAvailable: true }, (lock) => (lock === null ? false : remove()));
}

async function verifyOwn(
  { store, model, files }: { readonly store: ModelStore } & OwnModel,
  signal: AbortSignal,
  emit: (progress: LoadProgress) => void,
): Promise<StorageCheck> {
  const meter = new ProgressMeter('verify', model.sizeBytes, emit);
  const wrong: string[] = [];
  let isPublished = true;
  for (const { url, record } of files) {
    if (url === null || record === null) continue;
    const isIntact = await withCopyLock(url, signal, async () => {
      const file = await (await store.dataFile(url))?.getFile();
      const hash = sha256.create();
      const isRead = file !== undefined && (await hashBlob(file, hash, meter, signal));
      const isSame = isRead && bytesToHex(hash.digest()) === record.sha256;
      const { isDamaged = false, ...rest } = record;
      if (isSame === isDamaged) await store.writeRecord(isSame ? rest : { ...rest, isDamaged: true });
      return isSame;
    });
    if (!isIntact) wrong.push(fileNameOf(url));
    isPublished &&= record.isPublished === true;
  }
  meter.finish();
  if (wrong.length > 0)
    return {
      isIntact: false,
      finding: `${wrong.join(', ')}: the SHA-256 is not the one that was downloaded. ${AGAIN}`,
    };
  if (files.some(({ url }) => url === null))
    return { isIntact: false, finding: 'No record says what it is, so it cannot be used. Delete it.' };
  if (files.some(({ record }) => record === null))
    return { isIntact: false, finding: 'It is not complete. Loading it goes on with the download.' };
  const whose = isPublished
    ? 'the one that the catalogue or its publisher names'
    : 'the one that it was downloaded with';
  return { isIntact: true, finding: `The SHA-256 of every file is ${whose}.` };
}

const AGAIN = 'Delete it, or load it: it is then downloaded again.';

async function verifyWebLlm(
  { store, base, files }: { readonly store: WebLlmStore } & WebLlmModel,
  signal: AbortSignal,
  emit: (progress: LoadProgress) => void,
): Promise<StorageCheck> {
  const index = await readIndex(store, base);
  const shards = new Map((index ?? []).map((shard) => [urlIn(base, shard.dataPath), shard]));
  const urls = new Set([...files.map(({ url }) => url), ...shards.keys()]);
  const meter = new ProgressMeter(
    'verify',
    files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    emit,
  );
  const wrong: string[] = [];
  let numHashes = 0;
  for (const url of urls) {
    const shard = shards.get(url);
    if (shard?.md5sum !== undefined) numHashes++;
    const problem = await problemOf(await store.read(url), shard, meter, signal);
    if (problem !== null) wrong.push(`${fileNameOf(url)} ${problem}`);
  }
  meter.finish();
  if (wrong.length > 0) return { isIntact: false, finding: `${wrong.join('; ')}. Delete it, and load it again.` };
  if (index === null) return { isIntact: !base.endsWith('/'), finding: describeWithoutIndex(base) };
  return {
    isIntact: true,
    finding: `All ${shards.size} files of its index are there with the right length; ${numHashes} have an MD5, and it is right.`,
  };
}

function describeWithoutIndex(base: string): string {
  return base.endsWith('/')
    ? 'Its index of files is missing or cannot be read, so it is not complete.'
    : 'It can be read from beginning to end; nothing says what it must be.';
}

/** @returns what is wrong with a file, null if nothing */
async function problemOf(
  blob: Blob | null,
  shard: TensorFile | undefined,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<string | null> {
  if (blob === null) return 'is missing, empty or cut off';
  if (shard !== undefined && blob.size !== shard.nbytes) return `has ${blob.size} bytes, but ${shard.nbytes} are right`;
  const hash = md5.create();
  if (!(await hashBlob(blob, hash, meter, signal))) return 'cannot be read';
  const digest = bytesToHex(hash.digest());
  return shard?.md5sum === undefined || shard.md5sum === digest
    ? null
    : `has the MD5 ${digest}, but ${shard.md5sum} is right`;
}

async function workBytes(storage: StorageManager | undefined): Promise<number> {
  const root = await storage?.getDirectory?.().catch(() => undefined);
  let bytes = 0;
  for await (const [name, handle] of root?.entries() ?? [])
    if (handle.kind === 'directory' && OUR_FOLDER.test(name) && name !== MODELS_FOLDER)
      bytes += await folderBytes(handle);
  return bytes;
}

async function folderBytes(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const handle of folder.values()) {
    if (handle.kind === 'directory') bytes += await folderBytes(handle);
    // A file may be removed while the others are counted.
    else
      bytes += await handle.getFile().then(
        (file) => file.size,
        () => 0,
      );
  }
  return bytes;
}
