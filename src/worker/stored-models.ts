/** Which stored files together are a model, and in what state it is. */
import { absoluteUrl } from '@/engine/loading/cached-download.ts';
import { parseShardName, shardUrlsOf } from '@/engine/loading/gguf.ts';
import { MLC_CONFIG_NAME } from '@/engine/loading/mlc-config.ts';
import type { StoredFile } from '@/engine/loading/model-store.ts';
import { TENSOR_INDEX, OLD_TENSOR_INDEX, type TensorFile } from '@/engine/loading/web-llm-index.ts';
import type { WebLlmStore } from '@/engine/loading/web-llm-store.ts';
import { groupBy } from '@/lib/group-by.ts';
import { CATALOGUE } from '@/protocol/model-catalogue.ts';
import type { StoredModel } from '@/protocol/model-storage.ts';

/** Files that stand in a folder of which they are one model; every other file is one by itself. */
const FOLDER_FILE = /\.(?:safetensors|json|txt|model|jinja|bin)$/;

export interface OwnModel {
  readonly model: StoredModel;
  readonly files: readonly StoredFile[];
}

export interface WebLlmFile {
  readonly url: string;
  readonly sizeBytes: number;
}

export interface WebLlmModel {
  readonly model: StoredModel;
  /** Up to the names of its files. */
  readonly base: string;
  readonly files: readonly WebLlmFile[];
}

/** Our copies by model; a file of which no record tells the address stands alone. */
export function ownModelsOf(files: readonly StoredFile[]): OwnModel[] {
  const groups = groupBy(files, ({ key, url }) => (url === null ? `#${key}` : placeOf(url)));
  return [...groups].map(([place, members]) => ({ model: ownModel(place, members), files: members }));
}

function ownModel(place: string, files: readonly StoredFile[]): StoredModel {
  const isUnknown = place.startsWith('#');
  const entry = CATALOGUE.find(({ url }) => absoluteUrl(url) === place);
  const totals = files.map(({ record, partial }) => record?.sizeBytes ?? partial?.totalBytes ?? 0);
  const isWhole = files.length >= shardUrlsOf(place).length;
  return {
    id: `duet:${place}`,
    backend: 'duet',
    name: entry?.name ?? (isUnknown ? 'Remains of a download' : nameOf(place)),
    source: entry?.id ?? (isUnknown || place.startsWith('blob:') ? null : place),
    numFiles: files.length,
    sizeBytes: sum(files.map(({ sizeBytes }) => sizeBytes)),
    state: ownState(files, isWhole),
    expectedBytes: isWhole && totals.every((total) => total > 0) ? sum(totals) : 0,
  };
}

function ownState(files: readonly StoredFile[], isWhole: boolean): StoredModel['state'] {
  const isDamaged = files.some(({ record, partial, sizeBytes }) =>
    record === null ? partial === null : record.isDamaged === true || record.sizeBytes !== sizeBytes,
  );
  if (isDamaged) return 'damaged';
  return isWhole && files.every(({ record }) => record !== null) ? 'complete' : 'partial';
}

/** What the files of one model have in common: the address of its first shard, of its folder, or of itself. */
function placeOf(url: string): string {
  const [path = url] = url.split(/[?#]/, 1);
  const shard = parseShardName(path);
  if (shard !== null) return path.replace(/-\d+(-of-\d+\.gguf)$/i, '-00001$1') + url.slice(path.length);
  return FOLDER_FILE.test(path) ? path.slice(0, path.lastIndexOf('/') + 1) : url;
}

/** Files of one of web-llm's stores by model. Programs (wasm) stand alone: models share them. */
export async function webLlmModelsOf(
  store: Pick<WebLlmStore, 'backend'>,
  files: readonly WebLlmFile[],
  readIndex: (base: string) => Promise<readonly TensorFile[] | null>,
): Promise<WebLlmModel[]> {
  const models: WebLlmModel[] = [];
  for (const [base, members] of groupBy(files, ({ url }) => baseOf(url))) {
    const hasIndex = members.some(({ url }) => url === base + TENSOR_INDEX || url === base + OLD_TENSOR_INDEX);
    const index = hasIndex ? await readIndex(base) : undefined;
    models.push({
      base,
      files: members,
      model: {
        id: `${store.backend}:${base}`,
        backend: store.backend,
        name: nameOf(base),
        source: hasIndex ? base : null,
        numFiles: members.length,
        sizeBytes: sum(members.map(({ sizeBytes }) => sizeBytes)),
        ...webLlmState(base, members, index),
      },
    });
  }
  return models;
}

/** @param index  null if it cannot be read, undefined if there is none */
function webLlmState(
  base: string,
  files: readonly WebLlmFile[],
  index: readonly TensorFile[] | null | undefined,
): Pick<StoredModel, 'state' | 'expectedBytes'> {
  const sizes = new Map(files.map(({ url, sizeBytes }) => [url, sizeBytes]));
  if (index === undefined) {
    const isProgram = base.endsWith('.wasm');
    return { state: isProgram ? 'complete' : 'partial', expectedBytes: isProgram ? sum([...sizes.values()]) : 0 };
  }
  if (index === null) return { state: 'damaged', expectedBytes: 0 };
  const shards = new Map(index.map(({ dataPath, nbytes }) => [urlIn(base, dataPath), nbytes]));
  const others = files.filter(({ url }) => !shards.has(url));
  const expectedBytes = sum([...shards.values(), ...others.map(({ sizeBytes }) => sizeBytes)]);
  // An empty file counts as absent: web-llm fetches it again.
  const found = [...shards].map(([url, nbytes]) => ({ nbytes, size: sizes.get(url) ?? 0 }));
  if (found.some(({ nbytes, size }) => size > 0 && size !== nbytes)) return { state: 'damaged', expectedBytes };
  const isComplete = found.every(({ nbytes, size }) => size === nbytes) && (sizes.get(base + MLC_CONFIG_NAME) ?? 0) > 0;
  return { state: isComplete ? 'complete' : 'partial', expectedBytes };
}

function baseOf(url: string): string {
  if (/\.wasm(?:[?#]|$)/.test(url)) return url;
  return /^.+\/resolve\/[^/]+\//.exec(url)?.[0] ?? url.slice(0, url.lastIndexOf('/') + 1);
}

/** As web-llm makes the address of a shard. */
export function urlIn(base: string, dataPath: string): string {
  return URL.canParse(dataPath, base) ? new URL(dataPath, base).href : base + dataPath;
}

/** The repository's or folder's name, or the file's. */
function nameOf(place: string): string {
  const path = place.replace(/[?#].*$/s, '').replace(/(?:\/resolve\/[^/]+)?\/$/, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name) || place;
  } catch {
    return name;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
