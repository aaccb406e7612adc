import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
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

/** Headers are kept with the files: new ones come with a new revision, although the content is the same. */
const HEADERS = JSON.stringify(securityHeaders());

/** Of documents the text is kept; pictures are when they are looked at. */
const DOCUMENT_PICTURE = /^docs\/.*\.(?:avif|gif|jpe?g|png|svg|webp)$/;

/**
 * What of a build is kept for use without a network.
 *
 * @param {string} folder  of the build
 * @returns {{ url: string, revision: string | null, integrity: string }[]} sorted; the revision changes with the content
 *   and the security headers, and is null where the name changes. What a server answers else than the content that
 *   `integrity` names (another build, a sign-in page of the network) is not kept
 */
export function listKeptFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => !NOT_KEPT.test(name) && !DOCUMENT_PICTURE.test(name))
    .toSorted()
    .map((url) => {
      const content = readFileSync(path.join(folder, url));
      return { url, revision: HASHED.test(url) ? null : revisionOf(content), integrity: integrityOf(content) };
    });
}

/** @type {(content: Buffer) => string} */
function revisionOf(content) {
  return createHash('sha256').update(HEADERS).update(content).digest('hex').slice(0, 16);
}

/** As browsers take it. @type {(content: Buffer) => string} */
function integrityOf(content) {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

/**
 * Vite plugin: builds the service worker when everything else of the build is written, with a list of it.
 *
 * @returns {import('vite').Plugin}
 */
export function serviceWorkerPlugin() {
  let outDir = '';
  /** @type {import('vite').Logger | undefined} */
  let logger;
  return {
    name: 'duet:service-worker',
    apply: 'build',
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
      logger = config.logger;
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const files = listKeptFiles(outDir);
        await buildServiceWorker(outDir, files);
        const bytes = files.reduce((sum, { url }) => sum + statSync(path.join(outDir, url)).size, 0);
        logger?.info(`Kept for use without a network: ${(bytes / 1e6).toFixed(1)} MB in ${files.length} files.`);
      },
    },
  };
}

/** @type {(folder: string, files: ReturnType<typeof listKeptFiles>) => Promise<void>} */
async function buildServiceWorker(folder, files) {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias: { '@': path.join(ROOT, 'src') } },
    define: {
      KEPT_FILES: JSON.stringify(files),
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
