/**
 * The example project as a stranger gets it: npm run check:example. Packs Duet, copies the project away from the
 * repository, installs the archive there, checks the project's types and runs its tests.
 * --report FILE keeps Playwright's results as JSON. The exit code is Playwright's; 1 where it did not come to that.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { requireNode, ROOT, runProgram } from './setup.mjs';

const PROJECT = path.join(ROOT, 'examples', 'playwright-project');
/** What a person's own runs leave in the folder. */
const NOT_COPIED = new Set(['node_modules', 'package-lock.json', 'test-results', 'playwright-report']);
const LIMIT_MS = 10 * 60_000;

/** @type {(cwd: string, command: string, args: readonly string[], env?: Record<string, string>) => Promise<number>} */
function run(cwd, command, args, env = {}) {
  return runProgram(command, args, { cwd, env, limitMs: LIMIT_MS, shell: process.platform === 'win32' });
}

/** @type {(folder: string) => Promise<string>} path of the archive */
async function pack(folder) {
  const code = await run(ROOT, 'npm', ['pack', '--pack-destination', folder, '--loglevel', 'error']);
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (code !== 0 || name === undefined) throw new Error('The package could not be packed.');
  return path.join(folder, name);
}

/** @type {(project: string, archive: string) => void} */
function copyProject(project, archive) {
  cpSync(PROJECT, project, { recursive: true, filter: (source) => !NOT_COPIED.has(path.basename(source)) });
  const file = path.join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.devDependencies.duet = `file:${archive}`;
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

/** What npm says where no registry answers, or the network lets no request through to it. */
const NETWORK_ERROR =
  /error code (?:E40[37]|E5\d\d|EAI_AGAIN|ECONN\w+|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

/**
 * With npm, as its README says; where no registry answers, the archive is unpacked beside this repository's packages.
 *
 * @type {(project: string, archive: string) => Promise<void>}
 */
async function install(project, archive) {
  const options = ['--prefer-offline', '--fetch-retries=1', '--fetch-timeout=30000', '--loglevel', 'error'];
  const logs = path.join(project, '..', 'npm-logs');
  if ((await run(project, 'npm', ['install', '--logs-dir', logs, ...options])) === 0) return;
  if (!isNetworkError(logs)) throw new Error('npm could not install the packages of the example.');
  console.log('No registry answers; the packages of this repository are used.');
  const modules = path.join(project, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(path.join(modules, 'duet'), { recursive: true });
  for (const name of [
    '@playwright',
    '@types',
    '@typescript',
    'playwright',
    'playwright-core',
    'typescript',
    'undici-types',
  ]) {
    const from = path.join(ROOT, 'node_modules', name);
    if (existsSync(from)) symlinkSync(from, path.join(modules, name), 'junction');
  }
  const code = await run(project, 'tar', ['-xzf', archive, '-C', path.join(modules, 'duet'), '--strip-components=1']);
  if (code !== 0) throw new Error('The package could not be unpacked.');
}

/** @type {(logs: string) => boolean} logs: folder of npm's logs of the installation */
function isNetworkError(logs) {
  if (!existsSync(logs)) return false;
  return readdirSync(logs).some((name) => NETWORK_ERROR.test(readFileSync(path.join(logs, name), 'utf8')));
}

/** @type {(project: string, report: string | undefined) => Promise<number>} */
async function check(project, report) {
  const bin = path.join(project, 'node_modules');
  const types = await run(project, process.execPath, [path.join(bin, 'typescript', 'bin', 'tsc'), '--noEmit']);
  if (types !== 0) throw new Error("The example's types do not fit those of the package.");
  const reporters = report === undefined ? 'list' : 'list,json';
  const args = ['test', '--project', 'tests', `--reporter=${reporters}`];
  const env = { CI: '1', ...(report !== undefined && { PLAYWRIGHT_JSON_OUTPUT_NAME: report }) };
  return run(project, process.execPath, [path.join(bin, '@playwright', 'test', 'cli.js'), ...args], env);
}

async function main() {
  const { values } = util.parseArgs({ options: { report: { type: 'string' } } });
  const report = values.report === undefined ? undefined : path.resolve(values.report);
  const folder = mkdtempSync(path.join(tmpdir(), 'duet-example-'));
  const project = path.join(folder, 'project');
  try {
    const archive = await pack(folder);
    copyProject(project, archive);
    await install(project, archive);
    process.exitCode = await check(project, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

requireNode();
try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
