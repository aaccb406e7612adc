/**
 * Static server for a build: byte ranges, validators, security headers, and the page for unknown addresses.
 * As a program: node scripts/serve.mjs --mode production|e2e [--port 4174] [--host localhost]; it builds first if needed.
 */
import { createReadStream, existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer } from 'node:https';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { securityHeaders } from './security-headers.mjs';
import { BUILD_FOLDERS, ensureBuilt, ROOT } from './setup.mjs';

/** @type {Readonly<Record<string, string>>} */
export const MEDIA_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.gguf': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.wgsl': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** As a host to listen on: every network of this machine. */
export const ALL_INTERFACES = '0.0.0.0';

/** Folders of files: an unknown name below them is an error, never the page. */
const FILE_FOLDERS = ['/models/', '/recordings/', '/assets/', '/docs/'];

/**
 * @typedef {{ file: string, size: number, modified: Date, etag: string }} FoundFile
 * @typedef {{ start: number, end: number }} ByteRange  both ends inclusive
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 */

/**
 * @param {string} url  request target, query included
 * @returns {string | 400 | 403} decoded path, or the status to refuse with
 */
export function requestedPath(url) {
  let pathname;
  try {
    pathname = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '/');
  } catch {
    return 400;
  }
  if (!pathname.startsWith('/') || pathname.includes('\0')) return 400;
  return pathname.split(/[/\\]/).includes('..') ? 403 : pathname;
}

/**
 * Reads a Range header (RFC 9110, 14.2). Several ranges at once are answered with the whole file.
 *
 * @param {string | undefined} header
 * @param {number} size  of the file, bytes
 * @returns {ByteRange | 'whole' | 'unsatisfiable'}
 */
export function parseRange(header, size) {
  const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(header ?? '');
  if (match === null) return 'whole';
  const [, first, last, suffix] = match;
  const start = suffix === undefined ? Number(first) : Math.max(0, size - Number(suffix));
  const end = last === undefined || last === '' ? size - 1 : Number(last);
  if (suffix === undefined && end < start && last !== '') return 'whole';
  return start < size ? { start, end: Math.min(end, size - 1) } : 'unsatisfiable';
}

/**
 * Files whose real path lies outside the folder (symbolic links) are treated as absent.
 *
 * @param {string} root
 * @param {string} pathname
 * @returns {Promise<FoundFile | undefined>}
 */
async function findFile(root, pathname) {
  try {
    const named = path.join(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const [file, realRoot] = await Promise.all([realpath(named), realpath(root)]);
    const info = await stat(file);
    if (!file.startsWith(realRoot + path.sep) || !info.isFile()) return undefined;
    const etag = `"${info.size.toString(16)}-${Math.floor(info.mtimeMs).toString(16)}"`;
    return { file, size: info.size, modified: info.mtime, etag };
  } catch {
    return undefined;
  }
}

/** @type {(file: string, pathname: string) => string} */
function cacheControl(file, pathname) {
  const isHashed = pathname.startsWith('/assets/') && /-[\w-]{8,}\.\w+$/.test(file);
  return isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** @type {(request: Request, found: FoundFile) => boolean} */
function isUnchanged({ headers }, found) {
  const tags = headers['if-none-match'];
  if (tags !== undefined)
    return tags === '*' || tags.split(/\s*,\s*/).some((tag) => tag.replace('W/', '') === found.etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return Math.floor(found.modified.getTime() / 1000) * 1000 <= since;
}

/** @type {(request: Request, found: FoundFile) => ReturnType<typeof parseRange>} */
function wantedRange({ headers }, found) {
  const condition = headers['if-range'];
  const isCurrent = condition === undefined || condition === found.etag || condition === found.modified.toUTCString();
  return isCurrent ? parseRange(headers.range, found.size) : 'whole';
}

/** @type {(response: Response, status: number, message: string, headers?: Record<string, string>) => void} */
function refuse(response, status, message, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : `${message}\n`);
}

/** @type {(request: Request, response: Response, found: FoundFile, pathname: string) => void} */
function sendFile(request, response, found, pathname) {
  response.setHeader('Cache-Control', cacheControl(found.file, pathname));
  response.setHeader('ETag', found.etag);
  response.setHeader('Last-Modified', found.modified.toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  if (isUnchanged(request, found)) {
    response.writeHead(304).end();
    return;
  }
  const range = wantedRange(request, found);
  if (range === 'unsatisfiable') {
    refuse(response, 416, 'No such range', { 'Content-Range': `bytes */${found.size}` });
    return;
  }
  const { start, end } = range === 'whole' ? { start: 0, end: found.size - 1 } : range;
  response.setHeader('Content-Type', MEDIA_TYPES[path.extname(found.file).toLowerCase()] ?? 'application/octet-stream');
  response.setHeader('Content-Length', end - start + 1);
  if (range !== 'whole') response.setHeader('Content-Range', `bytes ${start}-${end}/${found.size}`);
  response.writeHead(range === 'whole' ? 200 : 206);
  if (request.method === 'HEAD' || found.size === 0) response.end();
  // It waits for a slow client, and closes the file when the client goes away.
  else pipeline(createReadStream(found.file, { start, end }), response, () => {});
}

/** @type {(root: string, request: Request, response: Response) => Promise<void>} */
async function answer(root, request, response) {
  for (const [name, value] of Object.entries(securityHeaders())) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only GET and HEAD', { Allow: 'GET, HEAD' });
    return;
  }
  const pathname = requestedPath(request.url ?? '/');
  if (typeof pathname === 'number') {
    refuse(response, pathname, pathname === 403 ? 'Outside the served folder' : 'Malformed address');
    return;
  }
  const found = await findFile(root, pathname);
  if (found !== undefined) {
    sendFile(request, response, found, pathname);
    return;
  }
  if (!pathname.endsWith('/') && (await findFile(root, `${pathname}/`)) !== undefined)
    leadToFolder(request, response, pathname);
  else await answerUnknown(root, request, response, pathname);
}

/**
 * With the slash, what the folder's page names beside it is found. The address is given from its last part on, so that
 * none of another host can be made of it.
 *
 * @type {(request: Request, response: Response, pathname: string) => void}
 */
function leadToFolder(request, response, pathname) {
  const query = /\?[^#]*/.exec(request.url ?? '')?.[0] ?? '';
  refuse(response, 301, 'A folder', { Location: `./${encodeURIComponent(path.posix.basename(pathname))}/${query}` });
}

/** @type {(root: string, request: Request, response: Response, pathname: string) => Promise<void>} */
async function answerUnknown(root, request, response, pathname) {
  const isNavigation = (request.headers.accept ?? '').includes('text/html');
  const mayBePage = isNavigation && !FILE_FOLDERS.some((folder) => `${pathname}/`.startsWith(folder));
  const page = mayBePage ? await findFile(root, '/index.html') : undefined;
  if (page === undefined) refuse(response, 404, 'Not found');
  else sendFile(request, response, page, '/index.html');
}

/**
 * @param {string} root  folder to serve
 * @param {{ key: string, cert: string }} [secure]  PEM; with them the server speaks https
 * @returns {import('node:http').Server} not yet listening
 */
export function createStaticServer(root, secure) {
  /** @type {(request: Request, response: Response) => void} */
  const onRequest = (request, response) => {
    answer(root, request, response).catch((/** @type {unknown} */ error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'Server error');
    });
  };
  return secure === undefined ? createServer(onRequest) : createSecureServer(secure, onRequest);
}

/**
 * @param {import('node:http').Server} server
 * @param {{ port: number, host: string, tries?: number }} options  tries: ports to try, counting up; port 0 = any free
 *   one
 * @returns {Promise<string>} the page's address; of all interfaces the one for this machine
 */
export async function listen(server, { port, host, tries = 1 }) {
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port + attempt, host, () => {
          server.off('error', reject);
          resolve(undefined);
        });
      });
      break;
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isBusy) throw error;
      if (attempt === tries - 1) {
        throw new Error(`Port ${port + attempt} is in use. Choose another with --port.`, { cause: error });
      }
    }
  }
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const protocol = server instanceof SecureServer ? 'https:' : 'http:';
  return urlOf(protocol, host === ALL_INTERFACES ? 'localhost' : host, boundPort);
}

/** @type {(protocol: string, host: string, port: number) => string} */
export function urlOf(protocol, host, port) {
  return `${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

/** @type {(server: import('node:http').Server) => void} */
export function closeOnInterrupt(server) {
  const close = () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.on('SIGINT', close);
  process.on('SIGTERM', close);
}

async function main() {
  const { values } = util.parseArgs({
    options: {
      mode: { type: 'string', default: 'production' },
      port: { type: 'string', default: '4174' },
      host: { type: 'string', default: 'localhost' },
    },
  });
  const mode = values.mode === 'e2e' ? 'e2e' : 'production';
  await ensureBuilt(mode);
  const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS[mode]));
  closeOnInterrupt(server);
  console.log(await listen(server, { port: Number(values.port), host: values.host }));
}

const startedFile = process.argv[1];
if (
  startedFile !== undefined &&
  existsSync(startedFile) &&
  fileURLToPath(import.meta.url) === path.resolve(startedFile)
)
  await main();
