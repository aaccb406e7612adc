/** One request for a file, or for what is missing of it. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { checkCancelled } from './cancelled.ts';

/** What tells one version of the file at an address from another. */
export interface FileVersion {
  /** A strong ETag, in its quotes, or else Last-Modified; null if the server names neither. */
  readonly validator: string | null;
  /** 0 if unknown. */
  readonly totalBytes: number;
}

/** A file whose beginning is there. */
export interface BegunFile {
  readonly sizeBytes: number;
  readonly version: FileVersion;
  /** Whether its hash is known beforehand, so that what does not belong together is found out in any case. */
  readonly hasKnownHash: boolean;
}

export interface FileAnswer {
  readonly response: Response;
  /** The bytes behind those that are there; otherwise the file from its beginning. */
  readonly isRest: boolean;
  readonly version: FileVersion;
}

/**
 * Asks for a file, or for its rest where its beginning is there. The whole file comes if it has changed since or the
 * server gives no ranges.
 *
 * @throws {Failure} 'downloadFailed' naming address and status, or with `details.reason` 'connection'; 'cancelled'
 */
export async function requestFile(
  url: string,
  begun: BegunFile | null,
  signal: AbortSignal | undefined,
): Promise<FileAnswer> {
  const rest = begun === null ? null : await requestRest(url, begun, signal);
  if (rest !== null) return rest;
  return wholeFile(url, await ask(url, {}, signal));
}

/** @returns null if the file has to be asked for as a whole */
async function requestRest(url: string, begun: BegunFile, signal: AbortSignal | undefined): Promise<FileAnswer | null> {
  const { validator } = begun.version;
  const headers: Record<string, string> = { Range: `bytes=${begun.sizeBytes}-` };
  // Elsewhere the header would need a permission that file servers (Hugging Face's among them) do not give; `goesOn`
  // makes the same comparison with the answer.
  if (validator !== null && isSameOrigin(url)) headers['If-Range'] = validator;
  const response = await ask(url, headers, signal).catch(() => {
    checkCancelled(signal);
    return null;
  });
  // A server may refuse ranges to other origins altogether. Whether it can be reached, the plain request tells.
  if (response === null) return null;
  if (response.status === 206 && goesOn(response, begun)) return { response, isRest: true, version: begun.version };
  if (response.status !== 206 && response.status !== 416) return wholeFile(url, response);
  await response.body?.cancel().catch(() => {});
  return null;
}

function goesOn({ headers }: Response, { sizeBytes, version, hasKnownHash }: BegunFile): boolean {
  if (headers.has('content-encoding')) return false;
  if (!hasKnownHash && validatorOf(headers) !== version.validator) return false;
  const range = headers.get('content-range');
  // Servers of other origins may hide it, never the length.
  if (range === null) return Number(headers.get('content-length')) === version.totalBytes - sizeBytes;
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
  return Number(start) === sizeBytes && Number(end) === version.totalBytes - 1 && Number(total) === version.totalBytes;
}

function wholeFile(url: string, response: Response): FileAnswer {
  checkAnswer(url, response);
  return { response, isRest: false, version: versionOf(response.headers) };
}

/** @throws {Failure} 'downloadFailed' with `details.status` for a refusal, and for a web page in place of the file */
export function checkAnswer(url: string, { ok, status, statusText, headers }: Response): void {
  if (!ok)
    throw new Failure<FailureCode>('downloadFailed', `${url} answered ${`${status} ${statusText}`.trim()}.`, {
      url,
      status,
    });
  if ((headers.get('content-type') ?? '').includes('text/html'))
    throw new Failure<FailureCode>(
      'downloadFailed',
      `${url} answered a web page, not a model file: the file is probably not there.`,
      { url, status },
    );
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  checkCancelled(signal);
  try {
    // The copy in the private file system replaces the HTTP cache, which would hold the file twice.
    return await fetch(url, { cache: 'no-store', headers, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    checkCancelled(signal);
    throw connectionFailure(url, `${url} cannot be reached (${reasonOf(error)}).`);
  }
}

/** The bytes of an answer. @throws {Failure} 'downloadFailed' with `details.reason` 'connection'; 'cancelled' */
export async function* chunksOf(
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
        throw connectionFailure(url, `The connection to ${url} broke (${reasonOf(error)}).`);
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

/** What another attempt may get over. */
export function connectionFailure(url: string, message: string): Failure<FailureCode> {
  return new Failure<FailureCode>('downloadFailed', message, { url, reason: 'connection' });
}

/** A compressed answer states length and version of something else than the file. */
function versionOf(headers: Headers): FileVersion {
  if (headers.has('content-encoding')) return { validator: null, totalBytes: 0 };
  const length = Number(headers.get('content-length'));
  return { validator: validatorOf(headers), totalBytes: Number.isSafeInteger(length) && length > 0 ? length : 0 };
}

/** Weak ETags name what is equal in meaning, not in bytes. */
function validatorOf(headers: Headers): string | null {
  const tag = headers.get('etag');
  return tag?.startsWith('"') === true ? tag : headers.get('last-modified');
}

function isSameOrigin(url: string): boolean {
  const { location } = globalThis as { location?: Location };
  return location !== undefined && new URL(url, location.href).origin === location.origin;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
