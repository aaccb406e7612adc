/** A file on a server, read in parts by HTTP ranges (RFC 9110, section 14): for headers of files nobody has yet. */
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ByteSource } from './byte-source.ts';
import { checkCancelled } from './cancelled.ts';
import { checkAnswer, chunksOf, reasonOf } from './request-file.ts';

/** Bytes of the first request, which also learns the file's length: most headers fit. */
const FIRST_BYTES = 1 << 19;

interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file. */
  readonly sizeBytes: number;
}

/**
 * Opens a file on a server without downloading it. What was read from the file's beginning is kept, so that a header
 * that is read in growing pieces crosses the network once.
 *
 * @throws {Failure} 'downloadFailed' if it cannot be reached, or if the server does not send parts of files or does not
 *                   say how long they are; 'cancelled'
 */
export async function rangeSource(url: string, name: string, signal?: AbortSignal): Promise<ByteSource> {
  const first = await fetchPart(url, 0, FIRST_BYTES, signal);
  const { sizeBytes } = first;
  let head = first.bytes;
  return {
    name,
    sizeBytes,
    async read(offset, length) {
      const end = offset + length;
      if (!Number.isSafeInteger(end) || offset < 0 || length < 0 || end > sizeBytes)
        throw new Failure<FailureCode>(
          'invalidFile',
          `${name}: bytes ${offset} to ${end} were asked for, but the file has ${sizeBytes}.`,
          { file: name },
        );
      if (end <= head.length) return head.slice(offset, end);
      const from = offset <= head.length ? head.length : offset;
      const part = await fetchPart(url, from, end - from, signal);
      if (part.sizeBytes !== sizeBytes || part.bytes.length !== end - from) throw changed(url);
      if (from === offset) return part.bytes;
      const longer = new Uint8Array(end);
      longer.set(head);
      longer.set(part.bytes, from);
      head = longer;
      return head.slice(offset, end);
    },
    [Symbol.dispose]() {},
  };
}

async function fetchPart(url: string, offset: number, length: number, signal?: AbortSignal): Promise<Part> {
  checkCancelled(signal);
  const headers = { Range: `bytes=${offset}-${offset + length - 1}` };
  const response = await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) }).catch(
    (error: unknown) => {
      checkCancelled(signal);
      throw failed(url, `cannot be reached (${reasonOf(error)})`);
    },
  );
  if (response.status !== 206) {
    // Leaving the body unread would download the whole file.
    await response.body?.cancel().catch(() => undefined);
    checkAnswer(url, response);
    throw failed(
      url,
      'sends files only as a whole, so its header cannot be read alone. Load the model, or download the file and choose it here',
    );
  }
  const bytes = await readAtMost(url, response, length, signal);
  return { bytes, sizeBytes: totalOf(response) ?? (await lengthOf(url, signal)) };
}

/** A server that sends more than it was asked for is stopped. */
async function readAtMost(
  url: string,
  response: Response,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let received = 0;
  for await (const chunk of chunksOf(url, response, signal)) {
    if (received + chunk.length > length) throw failed(url, 'sent more than the part that was asked for');
    bytes.set(chunk, received);
    received += chunk.length;
  }
  return bytes.slice(0, received);
}

/** From `Content-Range: bytes 0-99/1234`, which other origins may hide. */
function totalOf(response: Response): number | null {
  const total = Number(/\/(\d+)\s*$/.exec(response.headers.get('content-range') ?? '')?.[1]);
  return Number.isSafeInteger(total) && total > 0 ? total : null;
}

async function lengthOf(url: string, signal: AbortSignal | undefined): Promise<number> {
  const response = await fetch(url, { method: 'HEAD', ...(signal === undefined ? {} : { signal }) }).catch(() => null);
  checkCancelled(signal);
  const length = Number(response?.headers.get('content-length'));
  if (response?.ok !== true || response.headers.has('content-encoding') || !Number.isSafeInteger(length) || length <= 0)
    throw failed(url, 'does not say how long the file is');
  return length;
}

function changed(url: string): Failure<FailureCode> {
  return failed(url, 'sent another file, or less of it, while its header was read');
}

function failed(url: string, problem: string): Failure<FailureCode> {
  return new Failure<FailureCode>('downloadFailed', `${url} ${problem}.`, { url });
}
