/** Serves the page that comes with this package, for tests that name no page of their own. */
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { BUILD_FOLDERS, ensureBuilt, ROOT } from '../scripts/setup.mjs';

const REST_MS = 500;
/** Longer than a build may take; what is older was left, although its process's number is in use again. */
const LOCK_LIMIT_MS = 11 * 60_000;

/** @returns {Promise<{ url: string, close: () => void }>} */
export async function servePackage() {
  const folder = path.join(ROOT, BUILD_FOLDERS.production);
  if (existsSync(path.join(ROOT, 'vite.config.ts'))) await buildOnce();
  else if (!existsSync(path.join(folder, 'index.html')))
    throw new Error(
      `This copy of Duet (${ROOT}) has no page. Install the archive that 'npm pack' makes in a checkout, link a checkout, ` +
        'or name a running page with the option duetUrl.',
    );
  // Imported when it is needed: it awaits at its top, which projects with `require` could not load.
  const { createStaticServer, listen } = await import('../scripts/serve.mjs');
  const server = createStaticServer(folder);
  const url = await listen(server, { port: 0, host: 'localhost' });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}

/** Of several workers of Playwright one builds; the others wait for it. */
async function buildOnce() {
  const lock = path.join(tmpdir(), `duet-build-${Buffer.from(ROOT).toString('hex').slice(-80)}`);
  let isSaid = false;
  while (!(await takes(lock))) {
    if (!isSaid) console.log(`Another process builds the page of Duet; waiting until it has ended (${lock}).`);
    isSaid = true;
    await rest(REST_MS);
  }
  try {
    await ensureBuilt('production');
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/**
 * A lock is a file with the number of the process that has it. One of a process that has ended is removed.
 *
 * @param {string} lock
 * @returns {Promise<boolean>} whether it is this process's now
 */
export async function takes(lock) {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    const isHeld = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isHeld) throw error;
    if (await isLeft(lock)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

/** @type {(lock: string) => Promise<boolean>} */
async function isLeft(lock) {
  const held = await stat(lock).catch(() => undefined);
  if (held === undefined) return false;
  if (Date.now() - held.mtimeMs > LOCK_LIMIT_MS) return true;
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  // It has no number yet.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // Another error, of a process of somebody else, says that it is there.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
