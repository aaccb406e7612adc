/** A file server on this machine that answers ranges, and breaks off as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { listen } from './listen.ts';

export interface ServedFile {
  readonly bytes: Uint8Array;
  /** With its quotes. */
  readonly etag?: string;
  readonly lastModified?: string;
  /** Default: true. */
  readonly hasRanges?: boolean;
  readonly isCompressed?: boolean;
}

export interface RangeServer {
  readonly origin: string;
  /** What is served from now on. */
  file: ServedFile;
  /** After how many bytes of their answers the connections of the next requests break, in order. */
  readonly cuts: number[];
  /** The `Range` and `If-Range` of each request for the file. */
  readonly asked: { readonly range: string | undefined; readonly ifRange: string | undefined }[];
  close(): Promise<void>;
}

export async function startRangeServer(file: ServedFile): Promise<RangeServer> {
  const state: Pick<RangeServer, 'file' | 'cuts' | 'asked'> = { file, cuts: [], asked: [] };
  const server = createServer((request, response) => answer(request, response, state));
  return Object.assign(state, await listen(server));
}

function answer(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { file, cuts, asked }: Pick<RangeServer, 'file' | 'cuts' | 'asked'>,
): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', 'etag, content-range');
  // What needs leave is refused, as file servers do.
  if (method === 'OPTIONS') {
    response.writeHead(403).end();
    return;
  }
  const ifRange = headers['if-range'] as string | undefined;
  asked.push({ range: headers.range, ifRange });
  if (file.etag !== undefined) response.setHeader('etag', file.etag);
  if (file.lastModified !== undefined) response.setHeader('last-modified', file.lastModified);
  const size = file.bytes.length;
  const isFresh = ifRange === undefined || [file.etag, file.lastModified].includes(ifRange);
  const start = isFresh && file.hasRanges !== false ? startOf(headers.range) : null;
  if (start === null) sendWhole(response, file, cuts.shift());
  else if (start >= size) response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
  else {
    response.setHeader('content-range', `bytes ${start}-${size - 1}/${size}`);
    send(response, 206, file.bytes.subarray(start), cuts.shift());
  }
}

function startOf(range: string | undefined): number | null {
  const [, start] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  return start === undefined ? null : Number(start);
}

function sendWhole(response: ServerResponse, { bytes, isCompressed }: ServedFile, cut: number | undefined): void {
  if (isCompressed === true) response.setHeader('content-encoding', 'gzip');
  send(response, 200, isCompressed === true ? gzipSync(bytes) : bytes, cut);
}

function send(response: ServerResponse, status: number, body: Uint8Array, cut: number | undefined): void {
  response.writeHead(status, { 'content-type': 'application/octet-stream', 'content-length': body.length });
  if (cut === undefined) response.end(body);
  // A moment for the bytes to leave before the connection goes.
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}
