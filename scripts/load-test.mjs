/**
 * Many clients at once fetch one large file from the demo's server, in a process of its own: whole and by ranges; some
 * more stop reading and go away in the middle. Every byte is compared, and the server's memory is measured.
 * Run: node scripts/load-test.mjs [--clients 30] [--https]
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import { ROOT } from './setup.mjs';

/** The embedded model, as the page asks for it. */
const MODEL = '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const FOLDER = path.join(ROOT, 'public');
const SELF = fileURLToPath(import.meta.url);

const SAMPLE_MS = 50;
const SETTLE_MS = 5000;
const MEBIBYTE = 1 << 20;

/** Pieces of the file that one client asks for one after the other. */
const NUM_RANGES = 5;

/**
 * @typedef {{ rssBytes: number, peakRssBytes: number, openFiles: number }} ServerState  peak since it was asked last
 * @typedef {{ numClients: number, isSecure?: boolean }} LoadOptions
 * @typedef {{ hashes: string[], expected: string, fileBytes: number, seconds: number, sentBytes: number, numAborted: number,
 *   idle: ServerState, peakGrowthBytes: number, after: ServerState }} LoadResult
 *   hashes: SHA-256 of what each client that stayed has got; idle: behind one whole transfer, before the others
 */

/**
 * Half of the clients fetch the file whole, half by ranges; a sixth more begin, read no further and go away at the end.
 *
 * @param {LoadOptions} options
 * @returns {Promise<LoadResult>}
 */
export async function loadServer({ numClients, isSecure = false }) {
  const server = fork(SELF, ['--serve', ...(isSecure ? ['--https'] : [])], { stdio: 'inherit' });
  try {
    const [{ url, cert }] = await once(server, 'message');
    /** @type {Target} */
    const target = { url: new URL(MODEL, url), cert, fileBytes: statSync(path.join(FOLDER, MODEL)).size };
    const expected = await hashOf(createReadStream(path.join(FOLDER, MODEL)));
    // Code and buffers that any transfer needs are there before anything is compared.
    await hashWhole(target);
    const idle = await settled(server, Infinity);
    const startMs = performance.now();
    const clients = Array.from({ length: numClients }, (_, index) =>
      index % 2 === 0 ? hashWhole(target) : hashRanges(target),
    );
    const numAborted = Math.ceil(numClients / 6);
    const others = Promise.allSettled(clients);
    const leaving = Array.from({ length: numAborted }, (_, index) =>
      leaveEarly(target, (index + 1) * MEBIBYTE, others),
    );
    const hashes = await Promise.all(clients);
    const seconds = (performance.now() - startMs) / 1000;
    await Promise.all(leaving);
    const { peakRssBytes } = await ask(server);
    return {
      hashes,
      expected,
      fileBytes: target.fileBytes,
      seconds,
      sentBytes: numClients * target.fileBytes,
      numAborted,
      idle,
      peakGrowthBytes: peakRssBytes - idle.rssBytes,
      after: await settled(server, idle.openFiles),
    };
  } finally {
    server.kill();
  }
}

/** @typedef {{ url: URL, cert: string | undefined, fileBytes: number }} Target */

/** @type {(target: Target, range?: string) => Promise<import('node:http').IncomingMessage>} */
async function get({ url, cert }, range) {
  const headers = range === undefined ? {} : { range };
  // A connection of its own for every client; the certificate is the only one that is taken.
  const options = { agent: false, headers };
  const outgoing = cert === undefined ? plainRequest(url, options) : secureRequest(url, { ...options, ca: cert });
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  const expected = range === undefined ? 200 : 206;
  if (incoming.statusCode !== expected) throw new Error(`${url.href} answered ${incoming.statusCode}.`);
  return incoming;
}

/** @type {(stream: AsyncIterable<Uint8Array>, hash?: import('node:crypto').Hash) => Promise<string>} */
async function hashOf(stream, hash = createHash('sha256')) {
  for await (const chunk of stream) hash.update(chunk);
  return hash.copy().digest('hex');
}

/** @type {(target: Target) => Promise<string>} */
async function hashWhole(target) {
  return hashOf(await get(target));
}

/** @type {(target: Target) => Promise<string>} */
async function hashRanges(target) {
  const hash = createHash('sha256');
  const step = Math.ceil(target.fileBytes / NUM_RANGES);
  let digest = '';
  for (let start = 0; start < target.fileBytes; start += step) {
    // What lies behind the end is not there; the last range asks for it all the same.
    digest = await hashOf(await get(target, `bytes=${start}-${start + step - 1}`), hash);
  }
  return digest;
}

/** @type {(target: Target, afterBytes: number, others: Promise<unknown>) => Promise<void>} */
async function leaveEarly(target, afterBytes, others) {
  const incoming = await get(target);
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes < afterBytes) continue;
    // The server holds what nobody reads.
    await others;
    // Leaving the loop breaks the connection.
    return;
  }
}

/** @type {(server: import('node:child_process').ChildProcess) => Promise<ServerState>} */
async function ask(server) {
  server.send('state');
  const [state] = await once(server, 'message');
  return state;
}

/**
 * The server's state once the last connections are closed.
 *
 * @param {import('node:child_process').ChildProcess} server
 * @param {number} openFiles  that it has at rest
 * @returns {Promise<ServerState>}
 */
async function settled(server, openFiles) {
  const endMs = performance.now() + SETTLE_MS;
  let state = await ask(server);
  while (performance.now() < endMs) {
    const before = state.openFiles;
    await sleep(2 * SAMPLE_MS);
    state = await ask(server);
    if (state.openFiles <= openFiles && state.openFiles === before) break;
  }
  return state;
}

/** The other process: serves until it is ended, and says how it is when it is asked. */
async function serve(/** @type {boolean} */ isSecure) {
  const { createStaticServer, listen } = await import('./serve.mjs');
  const certificate = isSecure ? await makeCertificate() : undefined;
  const server = createStaticServer(FOLDER, certificate);
  const url = await listen(server, { port: 0, host: '127.0.0.1' });
  let peakRssBytes = 0;
  setInterval(() => (peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss())), SAMPLE_MS);
  process.on('message', () => {
    const rssBytes = process.memoryUsage.rss();
    process.send?.({ rssBytes, peakRssBytes: Math.max(peakRssBytes, rssBytes), openFiles: numOpenFiles() });
    peakRssBytes = 0;
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url, cert: certificate?.cert });
}

async function makeCertificate() {
  const { provideCertificate } = await import('./certificate.mjs');
  const folder = mkdtempSync(path.join(tmpdir(), 'duet-load-'));
  try {
    return await provideCertificate({ folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Files, connections and the like; 0 where the system does not list them (Windows). */
function numOpenFiles() {
  return existsSync('/dev/fd') ? readdirSync('/dev/fd').length : 0;
}

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

async function main() {
  const { values } = util.parseArgs({
    options: {
      clients: { type: 'string', default: '30' },
      https: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
    },
  });
  if (values.serve) {
    await serve(values.https);
    return;
  }
  const result = await loadServer({ numClients: Number(values.clients), isSecure: values.https });
  const { hashes, expected, seconds, sentBytes, numAborted, idle, after } = result;
  const numRight = hashes.filter((hash) => hash === expected).length;
  console.log(
    [
      `${numRight} of ${hashes.length} clients have the right SHA-256; ${numAborted} more stopped reading and went away`,
      `${megabytes(sentBytes)} in ${seconds.toFixed(1)} s (${megabytes(sentBytes / seconds)}/s, hashing included)`,
      `memory of the server: ${megabytes(idle.rssBytes)} at rest, at most ${megabytes(result.peakGrowthBytes)} more`,
      `open files and connections: ${idle.openFiles} before, ${after.openFiles} after`,
    ].join('\n'),
  );
  if (numRight < hashes.length) process.exitCode = 1;
}

const startedFile = process.argv[1];
if (startedFile !== undefined && existsSync(startedFile) && SELF === path.resolve(startedFile)) await main();
