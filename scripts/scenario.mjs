/**
 * The regression runner: scenarios in real Chromium, judged, compared with their baselines, reported. npm run scenario --
 * FILES...; docs/scenarios.md.
 */
import { chromium } from 'playwright';
import path from 'node:path';
import { browserLaunchOptions } from './browser.mjs';
import { createStaticServer, listen } from './serve.mjs';
import { BUILD_FOLDERS, ensureBuilt, ensureInstalled, requireNode, ROOT } from './setup.mjs';
import { listScenarioFiles, readBaseline, readScenarioFile } from './scenario/files.mjs';
import { HELP, readOptions, UsageError } from './scenario/options.mjs';
import { writeReports } from './scenario/reports.mjs';
import { brokenOff, Pages, runOne } from './scenario/run-one.mjs';
import { checkInPage } from './scenario/scenario-page.mjs';
import { scenarioLine } from './scenario/terminal.mjs';

/** @typedef {import('./scenario/run-one.mjs').Result} Result */

const FAILED = 1;
const BAD_USAGE = 2;
const INTERRUPTED = 130;

/** Ctrl+C has closed the browser: what ends because of it has not failed. */
let isInterrupted = false;

/**
 * @param {import('./scenario/options.mjs').Options} options
 * @param {readonly string[]} files
 * @param {Pages} pages
 * @returns {Promise<Result[]>}
 */
async function runAll(options, files, pages) {
  const wanted = await checkAll(files, pages);
  const chosen = wanted.filter(({ file, scenario }) => `${scenario.name}\n${file}`.includes(options.grep));
  if (chosen.length === 0) throw new UsageError(`--grep ${options.grep}: fits none of ${wanted.length} scenarios.`);
  console.log(`${chosen.length} ${chosen.length === 1 ? 'scenario' : 'scenarios'}\n`);
  /** @type {Result[]} */
  const results = [];
  for (const one of chosen) {
    const line = scenarioLine(one.scenario.name);
    const begunMs = performance.now();
    try {
      const result = await runOne(pages, one, { ...options, onProgress: line.told });
      line.ended(result);
      results.push(result);
    } catch (error) {
      line.clear();
      if (error instanceof UsageError || isInterrupted) throw error;
      const result = brokenOff(one, error, (performance.now() - begunMs) / 1000);
      line.ended(result);
      results.push(result);
      // The next one begins on a page that is whole.
      await pages.dropShared();
    }
  }
  return results;
}

/** All are read before any is run. @type {(files: readonly string[], pages: Pages) => Promise<import('./scenario/run-one.mjs').Wanted[]>} */
async function checkAll(files, pages) {
  const { page } = await pages.shared();
  const wanted = [];
  for (const file of files) {
    const checked = await checkInPage(page, readScenarioFile(file));
    if ('refusal' in checked) throw new UsageError(`${file}: ${checked.refusal}`);
    readBaseline(file);
    wanted.push({ file, scenario: checked.scenario });
  }
  return wanted;
}

/** @returns {Promise<{ url: string, close: () => void }>} */
async function servedPage(/** @type {string | undefined} */ url) {
  if (url !== undefined) return { url, close: () => {} };
  await ensureBuilt('production');
  const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS.production));
  const address = await listen(server, { port: 0, host: 'localhost' });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: address, close };
}

/** @returns {Promise<number>} exit code */
async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const files = listScenarioFiles(options.files);
  for (const file of files) parseJson(file, readScenarioFile(file));
  await ensureInstalled();
  const { url, close } = await servedPage(options.url);
  const browser = await chromium.launch({ ...browserLaunchOptions(), handleSIGINT: false });
  const interrupt = () => {
    isInterrupted = true;
    void browser.close();
  };
  process.once('SIGINT', interrupt);
  try {
    const results = await runAll(options, files, new Pages(browser, url));
    const written = await writeReports(options, results);
    const numFailed = results.filter(({ isPassed }) => !isPassed).length;
    console.log(
      `\n${written.map((file) => `${file}\n`).join('')}${results.length - numFailed} passed, ${numFailed} failed`,
    );
    return numFailed > 0 ? FAILED : 0;
  } catch (error) {
    if (!isInterrupted) throw error;
    console.log('\nInterrupted.');
    return INTERRUPTED;
  } finally {
    process.off('SIGINT', interrupt);
    await browser.close();
    close();
  }
}

/** What is no JSON at all is said without a browser. @type {(file: string, text: string) => void} */
function parseJson(file, text) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: The file: is no JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

requireNode();
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error('\nnpm run scenario -- --help lists the options.');
  process.exitCode = error instanceof UsageError ? BAD_USAGE : FAILED;
}
