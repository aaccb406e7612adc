import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { securityHeaders } from './security-headers.mjs';
import { ROOT } from './setup.mjs';

const SOURCE = 'src/service-worker/service-worker.ts';
const FILE = 'service-worker.js';

/** The engine keeps models itself, once. */
const NOT_KEPT = /^models\/|\.map$|^service-worker\.js$/;

/** Vite puts a hash into these names, so their content never changes. */
const HASHED = /^assets\/.*-[\w-]{8}\.\w+$/;

/** Of documents the text is kept; pictures are when they are looked at. */
const DOCUMENT_PICTURE = /^docs\/.*\.(?:avif|gif|jpe?g|png|svg|webp)$/;

/**
 * What of a build is kept for use without a network.
 *
 * @param {string} folder  of the build
 * @returns {{ url: string, revision: string | null, integrity: string }[]} sorted; the revision changes with the content
 *   and with the headers that it is kept with, and is null where the name does. What does not have the hash of
 *   `integrity`, such as another build's file, is not kept
 */
export function listKeptFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !NOT_KEPT.test(name) && !DOCUMENT_PICTURE.test(name))
    .toSorted()
    .map((url) => {
      const bytes = readFileSync(path.join(folder, url));
      const integrity = `sha256-${createHash('sha256').update(bytes).digest('base64')}`;
      return { url, revision: HASHED.test(url) ? null : revisionOf(bytes), integrity };
    });
}

/** @type {(bytes: Uint8Array) => string} */
function revisionOf(bytes) {
  const hash = createHash('sha256').update(JSON.stringify(securityHeaders())).update(bytes);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Vite plugin: builds the service worker when everything else of the build is written, with a list of it.
 *
 * @returns {import('vite').Plugin}
 */
export function serviceWorkerPlugin() {
  let outDir = '';
  return {
    name: 'duet:service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await buildServiceWorker(outDir);
      },
    },
  };
}

/** @type {(folder: string) => Promise<void>} */
async function buildServiceWorker(folder) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias: { '@': path.join(ROOT, 'src') } },
    define: {
      KEPT_FILES: JSON.stringify(listKeptFiles(folder)),
      'process.env.NODE_ENV': JSON.stringify('production'),
    },
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: false,
      // A classic script: not every browser takes modules as service workers.
      lib: { entry: path.join(ROOT, SOURCE), formats: ['iife'], name: 'duetServiceWorker', fileName: () => FILE },
    },
  });
}
