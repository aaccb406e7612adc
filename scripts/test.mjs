/**
 * All checks: npm test. Later stages run even if an earlier one fails, so that every count is known. Stages that leave a
 * core of a small machine idle run beside each other; beside the engine's e2e stage only what gives way to it runs.
 * The last line is `N passed, N failed`; a static stage counts as one test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { build, ensureInstalled, requireNode, runProgram, runTool, scriptCommand } from './setup.mjs';

const STATIC_LIMIT_MS = 10 * 60_000;
const TEST_LIMIT_MS = 90 * 60_000;
/** Of the unit tests beside e2e: a fourth of a core that the browser wants too, so that no limit of theirs is reached. */
const UNIT_NICENESS = 5;
const BROWSER_INSTALL_LIMIT_MS = 5 * 60_000;
/** The stages in front of which it runs take longer. */
const TRL_LIMIT_SECONDS = 25 * 60;
/** Exit code of the check where there is no Python to check with, or no time. */
const IMPOSSIBLE = 77;

/** The stage that runs beside all others. */
const BACKGROUND = 'trl';

const HELP = `Usage: npm test -- [options]

  --only A,B    run these stages only
  --from A      run this stage and those after it
  --help        this text

Stages: trl, format, types, lint, unused, unit, gpu, models, build, states, scenarios, e2e, example.
The static stages and build run first, then models, scenarios and the example project (with the package as others install
it) beside gpu and states, then e2e with unit beside it, which gives way. trl, the check of what is exported to TRL, runs
beside all of them at a low priority, where Python has its packages; DUET_TRL=install installs them first (several GB).
DUET_BROWSER=/path/to/chromium chooses the browser of the gpu, models, states, scenarios, e2e and example stages.`;

/**
 * @typedef {{ passed: number, failed: number, skipped: number, names?: readonly string[] }} Counts  names: of tests that
 *   failed, or passed only the second time
 * @typedef {{ reports: string, browser: string | undefined, results: Map<string, StageResult> }} Session
 * @typedef {Counts & { name: string, seconds: number }} StageResult
 * @typedef {{ label?: string, niceness?: number }} Output  a label stands in front of every line while stages run beside
 *   each other; niceness: as for runProgram
 * @typedef {{ name: string, run: (session: Session, output: Output) => Promise<Counts> }} Stage
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
    run: async (_, output) => {
      const { tool, args } = scriptCommand(script);
      return oneTest(await runTool(tool, args, { limitMs: STATIC_LIMIT_MS, ...output }));
    },
  };
}

/** @type {(name: string) => Stage} */
function gpuStage(name) {
  return {
    name,
    run: async (session, output) => {
      if (session.browser === undefined) return couldNotRun(NO_BROWSER);
      return runVitest(name, session, output);
    },
  };
}

/** @type {(name: string, session: Session, output: Output) => Promise<Counts>} */
async function runVitest(name, { reports }, output) {
  const file = path.join(reports, `${name}.json`);
  const { tool, args } = scriptCommand(`test:${name}`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const options = { limitMs: TEST_LIMIT_MS, ...output };
  const code = await runTool(tool, [...args, ...reporters, '--allowOnly=false'], options);
  const report = readReport(file);
  if (report === undefined) return couldNotRun(`The ${name} tests left no report.`);
  const skipped = report.numPendingTests + report.numTodoTests;
  /** @type {{ name: string, assertionResults: { status: string, fullName: string }[] }[]} */
  const files = report.testResults;
  const names = files.flatMap(({ name: testFile, assertionResults }) =>
    assertionResults.flatMap(({ status, fullName }) =>
      status === 'failed' ? [`failed: ${path.basename(testFile)}: ${fullName}`] : [],
    ),
  );
  return honest({ passed: report.numPassedTests, failed: report.numFailedTests, skipped, names }, code);
}

/**
 * @typedef {{ file: string, title: string, tests: { status: string }[] }} Spec
 * @typedef {{ suites?: Suite[], specs?: Spec[] }} Suite
 */

/** @type {(suite: Suite) => string[]} what failed, and what passed only the second time */
function namesOf({ suites = [], specs = [] }) {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests.flatMap(({ status }) =>
      status === 'unexpected' || status === 'flaky'
        ? [`${status === 'flaky' ? 'passed the second time' : 'failed'}: ${file}: ${title}`]
        : [],
    ),
  );
  return [...own, ...suites.flatMap(namesOf)];
}

const NO_BROWSER = 'No Chrome or Chromium was found or could be installed. Name one with DUET_BROWSER.';

/** @type {(name: string, choice: readonly string[]) => Stage} */
function playwrightStage(name, choice) {
  return {
    name,
    run: async ({ browser, results, reports }, output) => {
      if (browser === undefined) return couldNotRun(NO_BROWSER);
      if (results.get('build')?.failed === 1) return couldNotRun('There is no build to test.');
      const file = path.join(reports, `${name}.json`);
      const { tool, args } = scriptCommand('test:e2e');
      const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: file, DUET_FORBID_ONLY: '1' };
      const options = { env, limitMs: TEST_LIMIT_MS, ...output };
      const code = await runTool(tool, [...args, ...choice, '--reporter=list,json'], options);
      return playwrightCounts(name, file, code);
    },
  };
}

/** @type {(name: string, file: string, exitCode: number) => Counts} file: Playwright's report */
function playwrightCounts(name, file, exitCode) {
  const report = readReport(file);
  const stats = report?.stats;
  if (stats === undefined) return couldNotRun(`The ${name} tests left no report.`);
  const { expected, flaky, unexpected, skipped } = stats;
  return honest({ passed: expected + flaky, failed: unexpected, skipped, names: namesOf(report) }, exitCode);
}

/** The example project with the packed package, away from the repository. @type {Stage} */
const exampleStage = {
  name: 'example',
  run: async ({ browser, results, reports }, output) => {
    if (browser === undefined) return couldNotRun(NO_BROWSER);
    if (results.get('build')?.failed === 1) return couldNotRun('There is no build to test.');
    const file = path.join(reports, 'example.json');
    const options = { limitMs: TEST_LIMIT_MS, ...output };
    const code = await runProgram(process.execPath, ['scripts/check-example.mjs', '--report', file], options);
    return playwrightCounts('example', file, code);
  },
};

/** @type {Stage} */
const scenariosStage = {
  name: 'scenarios',
  run: async ({ browser, results, reports }, output) => {
    if (browser === undefined) return couldNotRun(NO_BROWSER);
    if (results.get('build')?.failed === 1) return couldNotRun('There is no build to test.');
    const out = path.join(reports, 'scenarios');
    const args = ['scripts/scenario.mjs', 'scenarios', '--report', 'json', '--out', out];
    const code = await runProgram(process.execPath, args, { limitMs: STATIC_LIMIT_MS, ...output });
    const report = readReport(path.join(out, 'report.json'));
    if (report === undefined) return couldNotRun('The scenarios left no report.');
    /** @type {{ name: string, isPassed: boolean }[]} */
    const scenarios = report.results;
    const names = scenarios.flatMap(({ name, isPassed }) => (isPassed ? [] : [`failed: ${name}`]));
    return honest({ passed: report.passed, failed: report.failed, skipped: 0, names }, code);
  },
};

/** @type {Stage} */
const trlStage = {
  name: BACKGROUND,
  run: async () => {
    const install = process.env['DUET_TRL'] === 'install' ? [] : ['--no-install'];
    const limit = ['--limit-seconds', String(TRL_LIMIT_SECONDS)];
    const args = ['scripts/check-trl-export.mjs', '--low-priority', ...limit, ...install];
    const code = await runProgram(process.execPath, args, { label: 'trl   ', limitMs: STATIC_LIMIT_MS * 3 });
    return code === IMPOSSIBLE ? { passed: 0, failed: 0, skipped: 1 } : oneTest(code);
  },
};

/** @type {readonly Stage[]} */
const STAGES = [
  trlStage,
  staticStage('format', 'check:format'),
  staticStage('types', 'check:types'),
  staticStage('lint', 'check:lint'),
  staticStage('unused', 'check:unused'),
  { name: 'unit', run: (session, output) => runVitest('unit', session, { ...output, niceness: UNIT_NICENESS }) },
  gpuStage('gpu'),
  gpuStage('models'),
  {
    name: 'build',
    run: async (_, output) => {
      const production = await build('production', output);
      return oneTest(production === 0 ? await build('e2e', output) : production);
    },
  },
  // A page on a scripted engine waits for a good part of the time; the real engine takes both cores of a small machine.
  playwrightStage('states', ['--project', 'states', '--workers', '2']),
  scenariosStage,
  playwrightStage('e2e', ['--project', 'engine']),
  exampleStage,
];

/** Groups of rows of stages: the rows of a group run beside each other, the groups one after the other. */
const ORDER = [
  [['format', 'types', 'lint', 'unused', 'build']],
  [
    ['models', 'scenarios', 'example'],
    ['gpu', 'states'],
  ],
  [['e2e'], ['unit']],
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
  const from = values.from ?? BACKGROUND;
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

/** @type {(stages: readonly Stage[], session: Session) => Promise<void>} */
async function runStages(stages, session) {
  const background = stages.find(({ name }) => name === BACKGROUND);
  const inBackground = background === undefined ? undefined : runStage(background, session, {});
  for (const group of ORDER) {
    const rows = group
      .map((names) => stages.filter(({ name }) => names.includes(name)))
      .filter((row) => row.length > 0);
    const isAlone = rows.length === 1;
    await Promise.all(
      rows.map(async (row) => {
        for (const stage of row) {
          const output = isAlone ? {} : { label: stage.name.padEnd(6) };
          session.results.set(stage.name, await runStage(stage, session, output));
        }
      }),
    );
  }
  if (inBackground !== undefined) session.results.set(BACKGROUND, await inBackground);
}

/** @type {(stage: Stage, session: Session, output: Output) => Promise<StageResult>} */
async function runStage(stage, session, output) {
  console.log(`\n== ${stage.name} ==`);
  const startMs = performance.now();
  /** @type {Counts} */
  let counts;
  try {
    counts = await stage.run(session, output);
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
  return `${name.padEnd(9)}${seconds.toFixed(1).padStart(8)} s   ${describeCounts(counts)}`;
}

/** @type {(counts: Counts) => string} */
function describeCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @returns {Promise<Counts>} totals over all stages */
async function main() {
  const stages = chosenStages();
  await ensureInstalled();
  const needsBrowser = stages.some(({ name }) =>
    ['gpu', 'models', 'e2e', 'states', 'scenarios', 'example'].includes(name),
  );
  const browser = needsBrowser ? await provideBrowser() : undefined;
  if (browser !== undefined) {
    process.env['DUET_BROWSER'] = browser;
    console.log(`Browser: ${browser}`);
  }
  const reports = mkdtempSync(path.join(tmpdir(), 'duet-test-'));
  /** @type {Session} */
  const session = { reports, browser, results: new Map() };
  await runStages(stages, session);
  rmSync(reports, { recursive: true });

  const results = stages.flatMap(({ name }) => session.results.get(name) ?? []);
  console.log(`\n${results.map(describe).join('\n')}\n`);
  const names = results.flatMap(({ name, names: found = [] }) => found.map((each) => `${name}: ${each}`));
  if (names.length > 0) console.log(`${names.join('\n')}\n`);
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
