/**
 * The picture of docs/scenarios.md: a report of a real run against a baseline in which one token was changed. Run: node
 * scripts/scenario-report-picture.mjs
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright';
import { browserLaunchOptions } from './browser.mjs';
import { runMain } from './built-page.mjs';
import { baselineFile, readBaseline, writeBaseline } from './scenario/files.mjs';
import { ROOT, runProgram } from './setup.mjs';

const SCENARIO = 'thinking-change-of-mind';
const CHANGED_STEP = 20;
/** Of the byte vocabulary: A. */
const OTHER_TOKEN = 65;
/** Without the machine's own paths in the picture. */
const FOLDER = 'test-results/changed';
const OUT = 'docs/images/scenarios/report.png';

/** @type {(folder: string) => void} */
function writeChanged(folder) {
  const from = path.join(ROOT, 'scenarios', `${SCENARIO}.json`);
  const file = path.join(folder, `${SCENARIO}.json`);
  writeFileSync(file, readFileSync(from));
  const kept = readBaseline(from);
  if (kept?.trace == null) throw new Error(`${baselineFile(from)} has no trace.`);
  const steps = kept.trace.result.steps.map((step) =>
    step.step === CHANGED_STEP
      ? { ...step, rows: step.rows.map((row, i) => (i === 0 ? { ...row, token: OTHER_TOKEN } : row)) }
      : step,
  );
  writeBaseline(file, { ...kept, trace: { ...kept.trace, result: { ...kept.trace.result, steps } } });
}

await runMain(async () => {
  const folder = path.join(ROOT, FOLDER);
  mkdirSync(folder, { recursive: true });
  try {
    writeChanged(folder);
    const args = ['scripts/scenario.mjs', FOLDER, 'scenarios/chat-greedy.json', '--out', FOLDER];
    const code = await runProgram(process.execPath, args);
    if (code !== 1) throw new Error(`The runner ended with ${code}; one scenario should have failed.`);
    await mkdir(path.dirname(path.join(ROOT, OUT)), { recursive: true });
    const browser = await chromium.launch(browserLaunchOptions());
    const page = await browser.newPage({ viewport: { width: 1060, height: 1300 }, colorScheme: 'light' });
    await page.goto(pathToFileURL(path.join(folder, 'index.html')).href);
    await page.screenshot({ path: path.join(ROOT, OUT) });
    await browser.close();
    console.log(OUT);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
