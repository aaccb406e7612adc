/** A page in a browser profile of its own, on which scenarios are run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright';
import { browserLaunchOptions } from '../browser.mjs';
import { applyNetwork } from './network.mjs';

/**
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioOutcome} Outcome
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioBaseline} Baseline
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioDifference} Difference
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioProgress} Progress
 * @typedef {import('../../src/protocol/scenario/outcome.ts').Judgement} Judgement
 * @typedef {import('../../src/protocol/scenario/scenario.ts').Scenario} Scenario
 */

const LOOK = /** @type {const} */ ({
  viewport: { width: 1280, height: 720 },
  colorScheme: 'light',
  reducedMotion: 'reduce',
  locale: 'en-GB',
  timezoneId: 'UTC',
  // What a service worker keeps would answer in place of the network.
  serviceWorkers: 'block',
});
const PAGE_LIMIT_MS = 60_000;

/**
 * @typedef {{
 *   page: import('playwright').Page,
 *   errors: string[],
 *   onProgress: { told: (progress: Progress) => void },
 *   close: () => Promise<void>,
 * }} ScenarioPage
 */

/**
 * @param {import('playwright').Browser} browser
 * @param {string} url
 * @param {{ scenario: Scenario, file: string } | undefined} around  whose environment is set up
 * @returns {Promise<ScenarioPage>}
 */
export async function openScenarioPage(browser, url, around) {
  const environment = around?.scenario.environment;
  const { context, leave } = await openProfile(browser, environment?.quotaBytes !== undefined);
  try {
    if (around !== undefined && environment?.network !== undefined)
      await applyNetwork(context, environment.network, around.file);
    const page = await context.newPage();
    page.setDefaultTimeout(0);
    const onProgress = { told: (/** @type {Progress} */ _progress) => {} };
    await page.exposeFunction('duetScenarioProgress', (/** @type {Progress} */ progress) => onProgress.told(progress));
    const errors = errorsOf(page);
    await page.goto(new URL('?model=none', url).href, { timeout: PAGE_LIMIT_MS });
    if (environment?.quotaBytes !== undefined) await setQuota(page, environment.quotaBytes);
    await page.waitForFunction(() => window.duet?.scenario !== undefined, undefined, { timeout: PAGE_LIMIT_MS });
    return { page, errors, onProgress, close: leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

/**
 * A profile without anything in it.
 *
 * @param {import('playwright').Browser} browser
 * @param {boolean} isOnDisk  what a profile in memory stores is not held to a quota
 * @returns {Promise<{ context: import('playwright').BrowserContext, leave: () => Promise<void> }>}
 */
async function openProfile(browser, isOnDisk) {
  if (!isOnDisk) {
    const context = await browser.newContext(LOOK);
    return { context, leave: () => context.close() };
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'duet-profile-'));
  const context = await chromium.launchPersistentContext(folder, { ...browserLaunchOptions(), ...LOOK });
  const leave = async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { context, leave };
}

/** Of the page's origin, once it is there. @type {(page: import('playwright').Page, quotaSize: number) => Promise<void>} */
async function setQuota(page, quotaSize) {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize });
}

/** Fills as the page reports errors. @type {(page: import('playwright').Page) => string[]} */
function errorsOf(page) {
  /** @type {string[]} */
  const errors = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  return errors;
}

/**
 * @param {import('playwright').Page} page
 * @param {string} text  of the scenario's file
 * @returns {Promise<{ scenario: Scenario } | { refusal: string }>}
 */
export function checkInPage(page, text) {
  return page.evaluate(async (source) => {
    const { duet } = window;
    if (duet === undefined) throw new Error('The page has no interface.');
    try {
      return { scenario: await duet.scenario.check(source) };
    } catch (error) {
      return { refusal: error instanceof Error ? error.message : String(error) };
    }
  }, text);
}

/** @type {(page: import('playwright').Page, scenario: Scenario) => Promise<Outcome>} */
export function runInPage(page, scenario) {
  return page.evaluate((wanted) => {
    const { duet } = window;
    if (duet === undefined) throw new Error('The page has no interface.');
    const told = /** @type {Record<string, (progress: Progress) => void>} */ (/** @type {unknown} */ (window));
    let lastMs = 0;
    return duet.scenario.run(wanted, {
      onProgress(progress) {
        // Often enough to be read.
        if (performance.now() - lastMs < 200) return;
        lastMs = performance.now();
        told['duetScenarioProgress']?.(progress);
      },
    });
  }, scenario);
}

/** @type {(page: import('playwright').Page, scenario: Scenario, outcome: Outcome) => Promise<Judgement[]>} */
export function judgeInPage(page, scenario, outcome) {
  return page.evaluate(
    ([wanted, found]) => {
      if (window.duet === undefined) throw new Error('The page has no interface.');
      return window.duet.scenario.judge(wanted, found);
    },
    /** @type {const} */ ([scenario, outcome]),
  );
}

/** @type {(page: import('playwright').Page, outcome: Outcome) => Promise<Baseline>} */
export function baselineInPage(page, outcome) {
  return page.evaluate((found) => {
    if (window.duet === undefined) throw new Error('The page has no interface.');
    return window.duet.scenario.baselineOf(found);
  }, outcome);
}

/** @type {(page: import('playwright').Page, outcome: Outcome, baseline: Baseline) => Promise<Difference | null>} */
export function compareInPage(page, outcome, baseline) {
  return page.evaluate(
    ([found, kept]) => {
      if (window.duet === undefined) throw new Error('The page has no interface.');
      return window.duet.scenario.compare(found, kept);
    },
    /** @type {const} */ ([outcome, baseline]),
  );
}
