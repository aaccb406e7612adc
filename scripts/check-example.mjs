/**
 * The example project as a stranger gets it: npm run check:example. Packs Duet, copies the project away from the
 * repository, installs the archive there, checks the project's types and runs its tests.
 * --report FILE keeps Playwright's results as JSON. The exit code is Playwright's; 1 where it did not come to that.
 */
import { spawn } from 'node:child_process';
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
import { requireNode, ROOT } from './setup.mjs';

const PROJECT = path.join(ROOT, 'examples', 'playwright-project');
/** What a person's own runs leave in the folder. */
const NOT_COPIED = new Set(['node_modules', 'package-lock.json', 'test-results', 'playwright-report']);
const LIMIT_MS = 10 * 60_000;

/**
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<number>} exit code; 127 when it could not be started, 124 when it took too long
 */
function run(cwd, command, args, env = {}) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32';
    const options = { cwd, shell, timeout: LIMIT_MS, env: { ...process.env, ...env } };
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code) => resolve(code ?? 124));
  });
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

/**
 * With npm, as its README says; where no registry answers, the archive is unpacked beside this repository's packages.
 *
 * @type {(project: string, archive: string) => Promise<void>}
 */
async function install(project, archive) {
  const options = ['--prefer-offline', '--fetch-retries=1', '--fetch-timeout=30000', '--loglevel', 'error'];
  if ((await run(project, 'npm', ['install', ...options])) === 0) return;
  console.log('npm could not install the packages; those of this repository are used.');
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
