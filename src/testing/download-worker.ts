/** Runs openModelFile in a dedicated worker, where files of the private file system are opened synchronously. */
import { expose } from 'comlink';
import { Failure } from '@/lib/failure.ts';
import { openModelFile } from '@/engine/loading/cached-download.ts';
import { patternBytes } from './pattern-bytes.ts';

const api = {
  /** @returns the file's hash and its bytes, read through the source */
  async open(url: string): Promise<{ readonly sha256: string; readonly bytes: Uint8Array }> {
    using file = await openModelFile(url);
    return { sha256: file.sha256, bytes: await file.read(0, file.sizeBytes) };
  },
  /** Cancels as soon as bytes arrive. @returns the failure's code */
  async cancel(url: string): Promise<string> {
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    return codeOf(openModelFile(url, { signal: abort.signal, onProgress }));
  },
  /** Asks for a file with another hash. @returns the failure's code */
  async openOther(url: string): Promise<string> {
    return codeOf(openModelFile(url, { expectedSha256: '0'.repeat(64) }));
  },
  /** Loads a file from a server that names its version, and sends this many bytes and then nothing more. */
  async openUntil(url: string, sizeBytes: number, numBytes: number): Promise<void> {
    const headers = { etag: '"v1"', 'content-length': String(sizeBytes) };
    const piece = 1 << 18;
    let sent = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (sent >= numBytes) return;
        controller.enqueue(patternBytes(sent, Math.min(piece, numBytes - sent)));
        sent += piece;
      },
    });
    globalThis.fetch = () => Promise.resolve(new Response(body, { headers }));
    await openModelFile(url);
  },
};

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((reason: unknown) => reason);
  return error instanceof Failure ? error.code : String(error);
}

export type DownloadWorkerApi = typeof api;

expose(api);
