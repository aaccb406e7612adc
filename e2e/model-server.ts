/** Another origin on this machine with model files: other origins may fetch them, as from Hugging Face, and no more. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../src/testing/listen.ts';

/** What becomes of a path's next requests, in order; after the last one it is served as it should be. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'webPage' }
  /** The connection breaks after so many bytes of the answer. */
  | { readonly kind: 'breaks'; readonly afterBytes: number }
  /** So many bytes, then nothing more until the other side gives up. */
  | { readonly kind: 'stalls'; readonly afterBytes: number };

export interface ModelServer {
  readonly origin: string;
  /** By path, with its `/`. */
  readonly files: Map<string, Uint8Array>;
  readonly troubles: Map<string, Trouble[]>;
  /** Path and `Range` of each request, as "path range". */
  readonly asked: string[];
  /** Answers that the other side has given up. */
  readonly numGivenUp: () => number;
  close(): Promise<void>;
}

export async function startModelServer(files: Iterable<readonly [string, Uint8Array]>): Promise<ModelServer> {
  const state = { files: new Map(files), troubles: new Map<string, Trouble[]>(), asked: [] as string[] };
  let numGivenUp = 0;
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) numGivenUp++;
    });
    answer(request, response, state);
  });
  return {
    ...state,
    ...(await listen(server)),
    numGivenUp: () => numGivenUp,
  };
}

function answer(
  { url = '/', method, headers: { range } }: IncomingMessage,
  response: ServerResponse,
  { files, troubles, asked }: Pick<ModelServer, 'files' | 'troubles' | 'asked'>,
): void {
  response.setHeader('access-control-allow-origin', '*');
  // What needs leave is refused, as file servers do.
  if (method === 'OPTIONS') {
    response.writeHead(403).end();
    return;
  }
  asked.push(range === undefined ? url : `${url} ${range}`);
  const trouble = troubles.get(url)?.shift();
  const bytes = files.get(url);
  if (trouble?.kind === 'status') response.writeHead(trouble.status).end();
  else if (trouble?.kind === 'webPage')
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Not here.</p>');
  else if (bytes === undefined) response.writeHead(404).end();
  else sendPart(response, bytes, range, trouble);
}

function sendPart(
  response: ServerResponse,
  bytes: Uint8Array,
  range: string | undefined,
  trouble: Extract<Trouble, { readonly afterBytes: number }> | undefined,
): void {
  const [, from, to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = to === '' ? bytes.length : Math.min(Number(to) + 1, bytes.length);
  const part = bytes.subarray(start, end);
  response.writeHead(from === undefined ? 200 : 206, {
    etag: '"v1"',
    'access-control-expose-headers': 'etag, content-range',
    'content-type': 'application/octet-stream',
    'content-length': part.length,
    ...(from !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
  });
  if (trouble === undefined) response.end(part);
  else
    response.write(part.subarray(0, trouble.afterBytes), () => {
      // A moment for the bytes to leave before the connection goes.
      if (trouble.kind === 'breaks') setTimeout(() => response.destroy(), 50);
    });
}
