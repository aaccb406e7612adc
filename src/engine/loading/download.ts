import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import type { FileSink } from './opfs.ts';
import { ProgressMeter } from './progress-meter.ts';

export interface DownloadOptions {
  /** Lower-case hex; of a model that the catalogue knows. */
  readonly expectedSha256?: string;
  readonly expectedBytes?: number;
  /** 'gguf' refuses a file that does not begin as one at its first bytes. Default: 'gguf'. */
  readonly expect?: 'gguf' | 'any';
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface Downloaded {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const MAGIC = { gguf: 'GGUF', any: '' } as const;

/**
 * Streams a model file into a sink and hashes it on the way. The caller closes or aborts the sink.
 *
 * @throws {Failure} 'downloadFailed' naming the address and status, a web page in place of a file, or a broken
 *                   connection; 'invalidFile' if it is no GGUF file; 'integrityFailed' if size or hash are not the
 *                   expected ones; 'cancelled'
 */
export async function download(url: string, sink: FileSink, options: DownloadOptions): Promise<Downloaded> {
  const { signal, expectedBytes, expect = 'gguf', onProgress = () => {} } = options;
  const magic = MAGIC[expect];
  const response = await request(url, signal);
  const announcedBytes = expectedBytes ?? contentLengthOf(response);
  await checkSpace(url, announcedBytes);
  const meter = new ProgressMeter('download', announcedBytes, onProgress);
  const hash = sha256.create();
  let sizeBytes = 0;
  let head = '';
  for await (const chunk of chunksOf(url, response, signal)) {
    sizeBytes += chunk.length;
    if (head.length < magic.length) head += String.fromCharCode(...chunk.subarray(0, magic.length));
    if (!head.startsWith(magic.slice(0, head.length))) throw notGguf(url);
    if (expectedBytes !== undefined && sizeBytes > expectedBytes) throw tooLong(url, expectedBytes);
    hash.update(chunk);
    await sink.write(chunk);
    meter.add(chunk.length);
  }
  const downloaded = { sizeBytes, sha256: bytesToHex(hash.digest()) };
  checkComplete(url, downloaded, announcedBytes, options);
  meter.finish();
  return downloaded;
}

function checkComplete(
  url: string,
  { sizeBytes, sha256: digest }: Downloaded,
  announcedBytes: number,
  { expectedSha256, expect = 'gguf' }: DownloadOptions,
): void {
  if (sizeBytes < announcedBytes)
    throw new Failure<FailureCode>(
      'downloadFailed',
      `The connection to ${url} ended after ${sizeBytes} of ${announcedBytes} bytes.`,
      { url },
    );
  if (sizeBytes < MAGIC[expect].length) throw notGguf(url);
  if (expectedSha256 !== undefined && digest !== expectedSha256)
    throw new Failure<FailureCode>(
      'integrityFailed',
      `${url} has the SHA-256 ${digest}, but ${expectedSha256} is right. The copy was not kept.`,
      { url },
    );
}

/** @throws {Failure} 'cancelled' once the signal is aborted */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

function cancelled(): Failure<FailureCode> {
  return new Failure<FailureCode>('cancelled', 'Loading was cancelled.');
}

async function request(url: string, signal: AbortSignal | undefined): Promise<Response> {
  checkCancelled(signal);
  let response: Response;
  try {
    // The copy in the private file system replaces the HTTP cache, which would hold the file twice.
    response = await fetch(url, { cache: 'no-store', ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    checkCancelled(signal);
    throw new Failure<FailureCode>('downloadFailed', `${url} cannot be reached (${reasonOf(error)}).`, { url });
  }
  if (!response.ok)
    throw new Failure<FailureCode>('downloadFailed', `${url} answered ${response.status} ${response.statusText}.`, {
      url,
      status: response.status,
    });
  if ((response.headers.get('content-type') ?? '').includes('text/html'))
    throw new Failure<FailureCode>(
      'downloadFailed',
      `${url} answered a web page, not a model file: the file is probably not there.`,
      { url, status: response.status },
    );
  return response;
}

/** @returns 0 when unknown; a compressed answer states the length of something else */
function contentLengthOf(response: Response): number {
  if (response.headers.has('content-encoding')) return 0;
  const length = Number(response.headers.get('content-length'));
  return Number.isSafeInteger(length) && length > 0 ? length : 0;
}

async function* chunksOf(
  url: string,
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        checkCancelled(signal);
        throw new Failure<FailureCode>('downloadFailed', `The connection to ${url} broke (${reasonOf(error)}).`, {
          url,
        });
      });
      checkCancelled(signal);
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the transfer if the consumer left early; after the end it does nothing.
    await reader.cancel().catch(() => {});
  }
}

/** Says so before the transfer, not after it, if the file cannot fit. */
async function checkSpace(url: string, neededBytes: number): Promise<void> {
  const { navigator } = globalThis as { navigator?: { storage?: StorageManager } };
  if (typeof navigator?.storage?.estimate !== 'function') return;
  const { quota, usage = 0 } = await navigator.storage.estimate();
  if (quota !== undefined && neededBytes > quota - usage) throw storageFull(url, neededBytes);
}

/** Makes storage errors readable; other errors stay as they are. */
export function explainStorageError(error: unknown, url: string): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'QuotaExceededError') return storageFull(url, 0);
  if (error.name === 'NoModificationAllowedError' || error.name === 'InvalidStateError')
    return new Failure<FailureCode>(
      'downloadFailed',
      `The copy of ${url} has to be fetched again, but another tab uses it. Close that tab and try again.`,
      { url },
    );
  return error;
}

function storageFull(url: string, neededBytes: number): Failure<FailureCode> {
  const size = neededBytes > 0 ? ` (${Math.ceil(neededBytes / 1e6)} MB)` : '';
  return new Failure<FailureCode>(
    'downloadFailed',
    `The browser's storage has no room for ${url}${size}. Free disk space or delete other sites' data.`,
    { url, reason: 'storageFull' },
  );
}

function notGguf(url: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidFile', `${url} is not a GGUF file: it does not begin with "GGUF".`, {
    file: url,
  });
}

function tooLong(url: string, expectedBytes: number): Failure<FailureCode> {
  return new Failure<FailureCode>(
    'integrityFailed',
    `${url} is longer than the ${expectedBytes} bytes that are right. The copy was not kept.`,
    { url },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
