/** Hugging Face's addresses, and what it lists of a repository's files: sizes, and the SHA-256 of large ones. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { RepositoryFile } from '@/protocol/model-storage.ts';
import { checkCancelled } from './cancelled.ts';
import { reasonOf } from './request-file.ts';

const HUB = 'https://huggingface.co';
/** A page has up to 1,000 files, each in a few hundred bytes. */
const MAX_PAGE_BYTES = 4 << 20;
const MAX_PAGES = 20;
/** A choice: the list is no reason to let a download wait for long. */
const PATIENCE_MS = 10_000;

const REPOSITORY = /^\w[\w.-]{0,95}\/\w[\w.-]{0,95}$/;
const REPOSITORY_PAGE =
  /^(?:hf:|https:\/\/huggingface\.co\/)(?<id>[\w.-]+\/[\w.-]+?)(?:\/tree\/(?<branch>[^?#]+?))?\/?(?:[?#].*)?$/;

const sizeSchema = z.int().min(0);
const entrySchema = z.object({
  type: z.string(),
  path: z.string().min(1),
  size: sizeSchema,
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: sizeSchema }).optional(),
});
const treeSchema = z.array(z.unknown());

export interface HubOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of another server with the same interface. */
  readonly hub?: string;
}

/**
 * All files of a public repository, in the order of its folders.
 *
 * @param repository  'owner/name'
 * @throws {Failure} 'invalidConfig' if this is no repository's name; 'downloadFailed' naming it if it is not there, the
 *                   server cannot be reached or its answer is none; 'cancelled'
 */
export async function listRepositoryFiles(
  repository: string,
  revision = 'main',
  { signal, hub = HUB }: HubOptions = {},
): Promise<RepositoryFile[]> {
  if (!REPOSITORY.test(repository))
    throw new Failure<FailureCode>(
      'invalidConfig',
      `"${repository}" is no repository. Its name has two parts, such as "owner/name".`,
      { field: 'repository' },
    );
  const files: RepositoryFile[] = [];
  let page: string | null = `${hub}/api/models/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`;
  for (let pages = 0; page !== null && pages < MAX_PAGES; pages++) {
    checkCancelled(signal);
    const response = await ask(page, repository, signal);
    files.push(...parseTree(await textOf(response, repository, signal), repository));
    page = nextPage(response.headers.get('link'), hub);
  }
  return files;
}

/** What publishers say of their files; the files of one folder are asked about one by one, their list only once. */
export class Publisher {
  readonly #hub: string;
  readonly #lists = new Map<string, Promise<RepositoryFile[]>>();

  /** @param hub  of another server with the same interface */
  constructor(hub: string = HUB) {
    this.#hub = hub;
  }

  /**
   * @returns null for addresses elsewhere, for files that are not listed, and if the list cannot be had: that is no
   *          reason not to download
   * @throws {Failure} 'cancelled'
   */
  async fileAt(url: string, signal: AbortSignal | undefined): Promise<RepositoryFile | null> {
    const place = placeOf(url, this.#hub);
    if (place === null) return null;
    try {
      const files = await this.#list(place.repository, place.revision, signal);
      return files.find(({ path }) => path === place.path) ?? null;
    } catch {
      checkCancelled(signal);
      return null;
    }
  }

  #list(repository: string, revision: string, signal: AbortSignal | undefined): Promise<RepositoryFile[]> {
    const key = `${repository} ${revision}`;
    const asked = this.#lists.get(key);
    if (asked !== undefined) return asked;
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    const list = listRepositoryFiles(repository, revision, { signal: either, hub: this.#hub });
    this.#lists.set(key, list);
    return list;
  }
}

/** The address of a file itself where Hugging Face's page about it was given, as people copy it; others stay. */
export function fileUrlOf(source: string): string {
  return source.replace(/^(https:\/\/huggingface\.co\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/');
}

/**
 * Where the files of a repository lie: `hf:owner/name`, its page, or the page of one of its branches.
 *
 * @returns ends in `/`; null for anything else
 */
export function repositoryUrlOf(source: string): string | null {
  const { id, branch = 'main' } = REPOSITORY_PAGE.exec(source)?.groups ?? {};
  return id === undefined ? null : `${HUB}/${id}/resolve/${branch}/`;
}

/** The parts of `HUB/owner/name/resolve/revision/path`; null for other addresses. */
function placeOf(url: string, hub: string): { repository: string; revision: string; path: string } | null {
  if (!url.startsWith(`${hub}/`)) return null;
  const rest = url.slice(hub.length + 1).replace(/[?#].*$/s, '');
  const [, repository, revision, path] = /^([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(rest) ?? [];
  if (repository === undefined || revision === undefined || path === undefined) return null;
  try {
    return { repository, revision: decodeURIComponent(revision), path: decodeURIComponent(path) };
  } catch {
    return null;
  }
}

async function ask(url: string, repository: string, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    checkCancelled(signal);
    throw failed(repository, `cannot be asked (${reasonOf(error)})`);
  });
  if (response.ok) return response;
  // A private repository answers as one that is not there.
  const isMissing = [401, 403, 404].includes(response.status);
  throw isMissing
    ? failed(repository, 'has no such public repository or revision; check the name')
    : failed(repository, `answered ${response.status} ${response.statusText}`.trim());
}

async function textOf(response: Response, repository: string, signal: AbortSignal | undefined): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      if (text.length > MAX_PAGE_BYTES) throw failed(repository, 'gave a list that is too long');
    }
  } catch (error) {
    checkCancelled(signal);
    throw error instanceof Failure ? error : failed(repository, 'broke the connection');
  } finally {
    await reader?.cancel().catch(() => {});
  }
  return text + decoder.decode();
}

/**
 * @param text  answer of `/api/models/.../tree/...`: folders are left out, and entries of a form that is not known
 * @throws {Failure} 'downloadFailed' if it is no list
 */
export function parseTree(text: string, repository: string): RepositoryFile[] {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    tree = null;
  }
  const parsed = treeSchema.safeParse(tree);
  if (!parsed.success) throw failed(repository, 'gave an answer that is no list of files');
  return parsed.data.flatMap((item) => {
    const entry = entrySchema.safeParse(item);
    if (!entry.success || entry.data.type !== 'file') return [];
    const { path, size, lfs } = entry.data;
    return [{ path, sizeBytes: lfs?.size ?? size, sha256: lfs?.oid ?? null }];
  });
}

/** Of a header such as `<https://...>; rel="next"`; only pages of the same server are followed. */
function nextPage(link: string | null, hub: string): string | null {
  const [, url] = /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? '') ?? [];
  return url?.startsWith(`${hub}/api/`) === true ? url : null;
}

function failed(repository: string, what: string): Failure<FailureCode> {
  return new Failure<FailureCode>('downloadFailed', `Hugging Face ${what}: ${repository}.`, { repository });
}
