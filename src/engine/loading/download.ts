import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { LoadProgress } from '@/protocol/model.ts';
import { sleep } from '@/lib/sleep.ts';
import { checkCancelled } from './cancelled.ts';
import type { Publisher } from './hugging-face.ts';
import { ProgressMeter } from './progress-meter.ts';
import { chunksOf, connectionFailure, requestFile } from './request-file.ts';
import type { BegunFile, FileAnswer, FileVersion } from './request-file.ts';

export interface DownloadOptions {
  /** Lower-case hex; of a model that the catalogue or its publisher knows. */
  readonly expectedSha256?: string;
  readonly expectedBytes?: number;
  /** Says what is published of a file that is not known otherwise. Default: one of this file's own. */
  readonly publisher?: Publisher;
  /** 'gguf' refuses a file that does not begin as one at its first bytes. Default: 'gguf'. */
  readonly expect?: 'gguf' | 'any';
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Waits before the attempts that follow a connection that broke, one after another. Default: [500, 2000]. */
  readonly retryDelaysMs?: readonly number[];
}

export interface Downloaded {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Where the bytes of a download go. */
export interface DownloadTarget {
  /** Bytes that are there. */
  readonly sizeBytes: number;
  /** What they are the beginning of; null before `begin`. */
  readonly version: FileVersion | null;
  /** Forgets what is there: the next byte is the first one of this version. */
  begin(version: FileVersion): Promise<void>;
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** SHA-256 of all bytes that are there, lower-case hex. */
  digest(): string;
  /**
   * Left out where nothing is stored.
   *
   * @throws {Failure} 'downloadFailed', reason 'storageFull', without room for so much more
   */
  checkRoom?(numBytes: number): Promise<void>;
}

const MAGIC = { gguf: 'GGUF', any: '' } as const;

/** A choice: two short waits get over a change of networks; a longer one is the user's to make. */
const RETRY_DELAYS_MS = [500, 2000];

/** Attempts that brought at least this much do not count towards giving up. */
const PROGRESS_BYTES = 1 << 20;

/**
 * Streams a model file into a target, behind what is there already. A connection that breaks is made again where the
 * download can go on; the caller decides what becomes of an unfinished target.
 *
 * @throws {Failure} 'downloadFailed' naming the address and status, a web page in place of a file, a broken connection
 *                   (`details.reason` 'connection') or missing room ('storageFull'); 'invalidFile' if it is no GGUF
 *                   file; 'integrityFailed' if size or hash are not the expected ones; 'cancelled'
 */
export async function download(url: string, target: DownloadTarget, options: DownloadOptions): Promise<Downloaded> {
  const { retryDelaysMs = RETRY_DELAYS_MS, signal } = options;
  let numRetries = 0;
  for (;;) {
    const before = target.sizeBytes;
    try {
      await transfer(url, target, options);
      return finish(url, target, options);
    } catch (error) {
      if (target.sizeBytes - before >= PROGRESS_BYTES) numRetries = 0;
      const delayMs = retryDelaysMs[numRetries++];
      const isBroken = error instanceof Failure && error.details['reason'] === 'connection';
      if (!isBroken || delayMs === undefined || !canGoOn(target, options)) throw error;
      await sleep(delayMs, signal);
      checkCancelled(signal);
    }
  }
}

/** Whether what is there can be gone on from: its whole length and one of version and hash are known. */
export function canGoOn(
  { sizeBytes, version }: DownloadTarget,
  { expectedSha256, expect = 'gguf' }: Pick<DownloadOptions, 'expectedSha256' | 'expect'>,
): boolean {
  if (version === null || sizeBytes < MAGIC[expect].length || sizeBytes > version.totalBytes) return false;
  return version.validator !== null || expectedSha256 !== undefined;
}

async function transfer(url: string, target: DownloadTarget, options: DownloadOptions): Promise<void> {
  const { signal, expectedBytes } = options;
  const begun = begunOf(target, options);
  if (begun !== null && begun.sizeBytes === begun.version.totalBytes) return;
  const answer = await requestFile(url, begun, signal);
  const totalBytes = expectedBytes ?? answer.version.totalBytes;
  try {
    // What is there is gone on from or written over.
    await target.checkRoom?.(totalBytes - target.sizeBytes);
    if (!answer.isRest) await target.begin({ ...answer.version, totalBytes });
    await receive(url, answer, target, options, totalBytes);
  } finally {
    // An answer that nobody reads would hold its connection.
    await answer.response.body?.cancel().catch(() => {});
  }
  const announcedBytes = answer.version.totalBytes;
  if (target.sizeBytes < announcedBytes)
    throw connectionFailure(
      url,
      `The connection to ${url} ended after ${target.sizeBytes} of ${announcedBytes} bytes.`,
    );
  if (expectedBytes !== undefined && target.sizeBytes < expectedBytes) throw wrongLength(url, 'shorter', expectedBytes);
}

async function receive(
  url: string,
  { response, isRest }: FileAnswer,
  target: DownloadTarget,
  { signal, expectedBytes = Infinity, expect = 'gguf', onProgress = () => {} }: DownloadOptions,
  totalBytes: number,
): Promise<void> {
  const magic = MAGIC[expect];
  const meter = new ProgressMeter('download', totalBytes, onProgress, target.sizeBytes);
  let head = isRest ? magic : '';
  for await (const chunk of chunksOf(url, response, signal)) {
    if (head.length < magic.length) head += String.fromCharCode(...chunk.subarray(0, magic.length));
    if (!head.startsWith(magic.slice(0, head.length))) throw notGguf(url);
    if (target.sizeBytes + chunk.length > expectedBytes) throw wrongLength(url, 'longer', expectedBytes);
    await target.write(chunk);
    meter.add(chunk.length);
  }
  meter.finish();
}

function begunOf(target: DownloadTarget, options: DownloadOptions): BegunFile | null {
  const { sizeBytes, version } = target;
  if (version === null || !canGoOn(target, options)) return null;
  return { sizeBytes, version, hasKnownHash: options.expectedSha256 !== undefined };
}

function finish(url: string, target: DownloadTarget, { expectedSha256, expect = 'gguf' }: DownloadOptions): Downloaded {
  if (target.sizeBytes < MAGIC[expect].length) throw notGguf(url);
  const downloaded = { sizeBytes: target.sizeBytes, sha256: target.digest() };
  if (expectedSha256 !== undefined && downloaded.sha256 !== expectedSha256)
    throw new Failure<FailureCode>(
      'integrityFailed',
      `${url} has the SHA-256 ${downloaded.sha256}, but ${expectedSha256} is right. The copy was not kept.`,
      { url },
    );
  return downloaded;
}

function notGguf(url: string): Failure<FailureCode> {
  return new Failure<FailureCode>('invalidFile', `${url} is not a GGUF file: it does not begin with "GGUF".`, {
    file: url,
  });
}

function wrongLength(url: string, how: 'longer' | 'shorter', expectedBytes: number): Failure<FailureCode> {
  return new Failure<FailureCode>(
    'integrityFailed',
    `${url} is ${how} than the ${expectedBytes} bytes that are right. The copy was not kept.`,
    { url },
  );
}
