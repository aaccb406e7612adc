/**
 * All checks in order: npm test. Later stages run even if an earlier one fails, so that every count is known.
 * The last line is `N passed, N failed`; a static stage counts as one test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { build, ensureInstalled, requireNode, runProgram, runTool, scriptCommand } from './setup.mjs';

const STATIC_LIMIT_MS = 10 * 60_000;
const TEST_LIMIT_MS = 90 * 60_000;
const BROWSER_INSTALL_LIMIT_MS = 5 * 60_000;

const HELP = `Usage: npm test -- [options]

  --only A,B    run these stages only
  --from A      run this stage and those after it
  --help        this text

Stages: format, types, lint, unused, unit, gpu, build, e2e, states.
DUET_BROWSER=/path/to/chromium chooses the browser of the gpu, e2e and states stages.`;

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ reports: string, browser: string | undefined, results: Map<string, StageResult> }} Session
 * @typedef {Counts & { name: string, seconds: number }} StageResult
 * @typedef {{ name: string, run: (session: Session) => Promise<Counts> }} Stage
 */

const ONE_FAILURE = { passed: 0, failed: 1, skipped: 0 };

/** @type {(message: string) => Counts} */
function couldNotRun(message) {
  console.error(message);
  return ONE_FAILURE;
}

/** @type {(exitCode: number) => Counts} */
function oneTest(exitCode) {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : ONE_FAILURE;
}

/**
 * Makes a run that ended badly, or in which nothing was tested, count as a failure.
 *
 * @param {Counts} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
function honest(counts, exitCode) {
  if (counts.passed + counts.failed === 0) return { ...couldNotRun('No test ran.'), skipped: counts.skipped };
  if (exitCode !== 0 && counts.failed === 0) {
    console.error(`The runner ended with code ${exitCode} although no test failed.`);
    return { ...counts, failed: 1 };
  }
  return counts;
}

/** @type {(file: string) => any} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @type {(name: string, script: string) => Stage} */
function staticStage(name, script) {
  return {
    name,
    run: async () => {
      const { tool, args } = scriptCommand(script);
      return oneTest(await runTool(tool, args, { limitMs: STATIC_LIMIT_MS }));
    },
  };
}

/** @type {(name: string, session: Session) => Promise<Counts>} */
async function runVitest(name, { reports }) {
  const file = path.join(reports, `${name}.json`);
  const { tool, args } = scriptCommand(`test:${name}`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runTool(tool, [...args, ...reporters, '--allowOnly=false'], { limitMs: TEST_LIMIT_MS });
  const report = readReport(file);
  if (report === undefined) return couldNotRun(`The ${name} tests left no report.`);
  const skipped = report.numPendingTests + report.numTodoTests;
  return honest({ passed: report.numPassedTests, failed: report.numFailedTests, skipped }, code);
}

const NO_BROWSER = 'No Chrome or Chromium was found or could be installed. Name one with DUET_BROWSER.';

/** @type {(name: string, choice: readonly string[]) => Stage} */
function playwrightStage(name, choice) {
  return {
    name,
    run: async ({ browser, results, reports }) => {
      if (browser === undefined) return couldNotRun(NO_BROWSER);
      if (results.get('build')?.failed === 1) return couldNotRun('There is no build to test.');
      const file = path.join(reports, `${name}.json`);
      const { tool, args } = scriptCommand('test:e2e');
      const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: file, DUET_FORBID_ONLY: '1' };
      const code = await runTool(tool, [...args, ...choice, '--reporter=list,json'], { env, limitMs: TEST_LIMIT_MS });
      const stats = readReport(file)?.stats;
      if (stats === undefined) return couldNotRun(`The ${name} tests left no report.`);
      return honest({ passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }, code);
    },
  };
}

/** @type {readonly Stage[]} */
const STAGES = [
  staticStage('format', 'check:format'),
  staticStage('types', 'check:types'),
  staticStage('lint', 'check:lint'),
  staticStage('unused', 'check:unused'),
  { name: 'unit', run: (session) => runVitest('unit', session) },
  {
    name: 'gpu',
    run: async (session) => {
      if (session.browser === undefined) return couldNotRun(NO_BROWSER);
      return runVitest('gpu', session);
    },
  },
  {
    name: 'build',
    run: async () => {
      const production = await build('production');
      return oneTest(production === 0 ? await build('e2e') : production);
    },
  },
  // The engine takes both cores of a small machine; the page's states, on a scripted engine, mostly wait.
  playwrightStage('e2e', ['--project', 'engine']),
  playwrightStage('states', ['--project', 'states', '--workers', '2']),
];

/** @returns {readonly Stage[]} the stages asked for on the command line */
function chosenStages() {
  const options = /** @type {const} */ ({
    only: { type: 'string' },
    from: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  const { values } = util.parseArgs({ options });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const names = STAGES.map((stage) => stage.name);
  const only = values.only?.split(',') ?? names;
  const from = values.from ?? 'format';
  const unknown = [...only, from].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no stage '${unknown}'.\n\n${HELP}`);
  return STAGES.slice(names.indexOf(from)).filter((stage) => only.includes(stage.name));
}

/**
 * A browser for the tests: an installed one, else Playwright's, else the distribution's.
 *
 * @returns {Promise<string | undefined>}
 */
async function provideBrowser() {
  const { findBrowser } = await import('./browser.mjs');
  const installed = findBrowser();
  if (installed !== undefined) return installed;
  console.log('No Chrome or Chromium found; installing one ...');
  const limit = { limitMs: BROWSER_INSTALL_LIMIT_MS };
  await runTool('playwright', ['install', 'chromium'], limit);
  const downloaded = findBrowser();
  if (downloaded !== undefined) return downloaded;
  const isRoot = process.getuid?.() === 0;
  if (isRoot && process.platform === 'linux' && (await runProgram('apt-get', ['update'], limit)) === 0) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await runProgram('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { ...limit, env });
  }
  return findBrowser();
}

/** @type {(stage: Stage, session: Session) => Promise<StageResult>} */
async function runStage(stage, session) {
  console.log(`\n== ${stage.name} ==`);
  const startMs = performance.now();
  /** @type {Counts} */
  let counts;
  try {
    counts = await stage.run(session);
  } catch (error) {
    console.error(error);
    counts = ONE_FAILURE;
  }
  const result = { name: stage.name, seconds: (performance.now() - startMs) / 1000, ...counts };
  console.log(describe(result));
  return result;
}

/** @type {(result: StageResult) => string} */
function describe({ name, seconds, ...counts }) {
  return `${name.padEnd(8)}${seconds.toFixed(1).padStart(8)} s   ${describeCounts(counts)}`;
}

/** @type {(counts: Counts) => string} */
function describeCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @returns {Promise<Counts>} totals over all stages */
async function main() {
  const stages = chosenStages();
  await ensureInstalled();
  const needsBrowser = stages.some(({ name }) => ['gpu', 'e2e', 'states'].includes(name));
  const browser = needsBrowser ? await provideBrowser() : undefined;
  if (browser !== undefined) {
    process.env['DUET_BROWSER'] = browser;
    console.log(`Browser: ${browser}`);
  }
  const reports = mkdtempSync(path.join(tmpdir(), 'duet-test-'));
  /** @type {Session} */
  const session = { reports, browser, results: new Map() };
  for (const stage of stages) session.results.set(stage.name, await runStage(stage, session));
  rmSync(reports, { recursive: true });

  const results = [...session.results.values()];
  console.log(`\n${results.map(describe).join('\n')}\n`);
  return results.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

requireNode();
/** @type {Counts} */
let total;
try {
  total = await main();
} catch (error) {
  total = couldNotRun(error instanceof Error ? error.message : String(error));
}
console.log(describeCounts(total));
process.exitCode = total.failed > 0 ? 1 : 0;
