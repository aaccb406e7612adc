import path from 'node:path';
import { chromium } from 'playwright';
import { browserLaunchOptions } from './browser.mjs';
import { createStaticServer, listen } from './serve.mjs';
import { BUILD_FOLDERS, ensureBuilt, ROOT } from './setup.mjs';

/** The kernel shape is named, so that nothing is measured at load. */
export const EMBEDDED_MODEL = '?kernels=threadPerRows#/thinking';

/** On a software adapter the embedded model makes a few tokens per second. */
export const WAIT_MS = 10 * 60_000;

/**
 * What `--only` asks for, in the order of `parts`; all of them without it.
 *
 * @template {string} Part
 * @param {string | undefined} only  names with commas between them
 * @param {readonly Part[]} parts
 * @returns {Part[]}
 * @throws {Error} naming what is no part
 */
export function wantedParts(only, parts) {
  const names = only === undefined ? parts : only.split(',');
  const unknown = names.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) throw new Error(`No part ${unknown.join(', ')}. There are ${parts.join(', ')}.`);
  return parts.filter((part) => names.includes(part));
}

/**
 * Serves the production build, built anew if it is older than its sources, to a browser with WebGPU.
 *
 * @param {(browser: import('playwright').Browser, url: string) => Promise<void>} body
 */
export async function withBuiltPage(body) {
  await ensureBuilt('production');
  const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS.production));
  const url = await listen(server, { port: 0, host: 'localhost' });
  const browser = await chromium.launch(browserLaunchOptions());
  try {
    await body(browser, url);
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

/**
 * The page's programming interface without a model, for a benchmark: nothing is waited for too long.
 *
 * @param {(duet: import('playwright').JSHandle<import('../src/client/duet-api.ts').DuetApi>, browser: import('playwright').Browser) => Promise<void>} body
 */
export async function withDuet(body) {
  await withBuiltPage(async (browser, url) => {
    // What is kept for later is not fetched beside a measurement.
    const page = await browser.newPage({ serviceWorkers: 'block' });
    page.setDefaultTimeout(0);
    page.on('pageerror', (error) => console.error(error));
    // What a program writes while it runs in the page: its progress.
    page.on('console', (message) => message.type() === 'log' && console.log(message.text()));
    await page.goto(new URL('?model=none', url).href);
    const duet = await page.waitForFunction(() => window.duet);
    await body(/** @type {Parameters<typeof body>[0]} */ (duet), browser);
  });
}

/** Runs a program to its end; an error is printed without its stack. @type {(main: () => Promise<void>) => Promise<void>} */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** @param {import('playwright').Page} page */
export async function modelReady(page) {
  await page.getByRole('button', { name: /^Model: .*ready/ }).waitFor();
}

/** @type {(page: import('playwright').Page, done: () => Promise<boolean>) => Promise<void>} */
export async function until(page, done) {
  const deadline = Date.now() + WAIT_MS;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('The run did not get as far as it should.');
    await page.waitForTimeout(200);
  }
}

/** @type {(page: import('playwright').Page) => Promise<number>} */
export function stepsOf(page) {
  return page.evaluate(async () => (await window.duet?.traceSoFar())?.result.steps.length ?? 0);
}
