/**
 * What a fresh checkout needs before anything runs: the right Node, packages, a build.
 * Imports nothing but Node's own modules, because node_modules may be missing.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Repository root. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folder of each build, by Vite mode. `e2e` adds the scripted worker. */
export const BUILD_FOLDERS = { production: 'dist', e2e: 'dist-e2e' };

const INSTALL_LIMIT_MS = 15 * 60_000;
const BUILD_LIMIT_MS = 10 * 60_000;

/** Ends the process with a message when this Node cannot run the tools (Vite 8 needs 20.19+ or 22.12+). */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (isSupported) return;
  console.error(`Duet needs Node 20.19 or newer (22.12 or newer in the 22 line); this is ${process.versions.node}.`);
  process.exit(1);
}

/**
 * Runs a program with the terminal's output and waits for it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, limitMs?: number, shell?: boolean, label?: string, niceness?: number }} options
 *   cwd: default the repository; after limitMs the program is killed; a label stands in front of every line that it
 *   writes, for programs beside each other; niceness: 1 to 19, for a program that gives way to others
 * @returns {Promise<number>} exit code; 127 when it could not be started, 124 when it was killed
 */
export function runProgram(command, args, { cwd = ROOT, env = {}, limitMs = 0, shell = false, label, niceness } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      stdio: label === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      shell,
      timeout: limitMs,
    });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    if (niceness !== undefined && child.pid !== undefined) giveWay(child.pid, niceness);
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]))
      if (from !== null) createInterface({ input: from }).on('line', (line) => to.write(`${label} | ${line}\n`));
    child.once('exit', (code) => resolve(code ?? 124));
  });
}

/** @type {(pid: number, niceness: number) => void} */
function giveWay(pid, niceness) {
  try {
    os.setPriority(pid, niceness);
  } catch {
    // It has ended, or the system refuses: then it runs as others do.
  }
}

/**
 * Runs a program of an installed development dependency, without npm or a shell in between.
 *
 * @param {string} name  as in `node_modules/.bin`
 * @param {readonly string[]} args
 * @param {Omit<NonNullable<Parameters<typeof runProgram>[2]>, 'cwd' | 'shell'>} options
 */
export function runTool(name, args, options = {}) {
  const script = toolScript(name);
  if (script === undefined) {
    console.error(`${name} is not installed. Run: npm ci`);
    return Promise.resolve(127);
  }
  return runProgram(process.execPath, [script, ...args], options);
}

/**
 * @param {string} file  path from the repository root
 * @returns {any}
 */
function readJson(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

/**
 * @param {string} name
 * @returns {string | undefined} path of the JavaScript file behind a tool's name
 */
function toolScript(name) {
  for (const dependency of Object.keys(readJson('package.json').devDependencies)) {
    const folder = path.join('node_modules', dependency);
    if (!existsSync(path.join(ROOT, folder, 'package.json'))) continue;
    const { bin = {} } = readJson(path.join(folder, 'package.json'));
    const file = typeof bin === 'string' ? (dependency === name ? bin : undefined) : bin[name];
    if (file !== undefined) return path.join(ROOT, folder, file);
  }
  return undefined;
}

/** Splits a script of package.json into tool and arguments, so that a command line stands in one place only. */
export function scriptCommand(/** @type {string} */ scriptName) {
  /** @type {string} */
  const line = readJson('package.json').scripts[scriptName];
  const [tool = '', ...args] = line.split(' ');
  return { tool, args };
}

/** Whether node_modules holds the versions that package-lock.json names. Packages of other platforms may be absent. */
export function isInstalled() {
  const installedLock = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(ROOT, installedLock))) return false;
  const installed = readJson(installedLock).packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([name, entry]) =>
      name === '' ||
      (installed[name] === undefined ? entry.optional === true : installed[name].version === entry.version),
  );
}

/**
 * Installs the locked packages if they are missing or others. Browsers are never downloaded here.
 * A lock file made on a mirror that lacks other platforms' packages is refused by `npm ci`; `npm install` takes it, and
 * with `--no-save` it leaves both files as they are.
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  for (const args of [['ci'], ['install', '--no-save']]) {
    console.log(`Installing packages (npm ${args.join(' ')}) ...`);
    const code = await runProgram('npm', args, {
      env: { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
      limitMs: INSTALL_LIMIT_MS,
      shell: process.platform === 'win32',
    });
    if (code === 0) return;
  }
  throw new Error('The packages could not be installed. The first installation needs a network connection.');
}

/**
 * @param {string} target  file or folder
 * @returns {number} newest modification time below it, ms; 0 when absent
 */
function newestChangeMs(target) {
  if (!existsSync(target)) return 0;
  const stat = statSync(target);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(target).map((name) => newestChangeMs(path.join(target, name))));
}

/**
 * @param {'production' | 'e2e'} mode
 * @returns {boolean} whether the build is newer than everything it is made from
 */
function isBuilt(mode) {
  const sources = [
    'src',
    'public',
    'index.html',
    'vite.config.ts',
    'tsconfig.json',
    'package-lock.json',
    'docs',
    'README.md',
    'scripts/docs-site',
    'scripts/service-worker-plugin.mjs',
    'scripts/security-headers.mjs',
  ];
  const newestSourceMs = Math.max(...sources.map((source) => newestChangeMs(path.join(ROOT, source))));
  const page = path.join(ROOT, BUILD_FOLDERS[mode], 'index.html');
  return existsSync(page) && statSync(page).mtimeMs > newestSourceMs;
}

/**
 * @param {'production' | 'e2e'} mode
 * @param {{ label?: string }} options
 * @returns {Promise<number>} exit code of Vite
 */
export function build(mode, options = {}) {
  return runTool('vite', ['build', '--mode', mode, '--outDir', BUILD_FOLDERS[mode], '--logLevel', 'warn'], {
    limitMs: BUILD_LIMIT_MS,
    ...options,
  });
}

/** Builds if the build is missing or older than the sources. */
export async function ensureBuilt(/** @type {'production' | 'e2e'} */ mode) {
  if (isBuilt(mode)) return;
  console.log(`Building ${BUILD_FOLDERS[mode]} ...`);
  const code = await build(mode);
  if (code !== 0) throw new Error(`The build of ${BUILD_FOLDERS[mode]} failed with code ${code}.`);
}
