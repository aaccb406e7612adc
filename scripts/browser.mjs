import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { findInstalledBrowser, webGpuLaunchOptions } from '../playwright/launch-options.mjs';

/**
 * The browser that tests and benchmarks use: DUET_BROWSER, an installed Chrome or Chromium, or Playwright's own.
 *
 * @returns {string | undefined} path of the executable; undefined when none is installed
 */
export function findBrowser() {
  const installed = findInstalledBrowser();
  if (installed !== undefined) return installed;
  const bundled = chromium.executablePath();
  return existsSync(bundled) ? bundled : undefined;
}

/**
 * Flags that give a headless Chromium a WebGPU adapter, the same software adapter on every machine; DUET_ADAPTER=gpu
 * leaves the choice to the browser. The others keep it quiet.
 *
 * @returns {string[]}
 */
export function webGpuFlags() {
  const { args } = webGpuLaunchOptions({ adapter: process.env['DUET_ADAPTER'] === 'gpu' ? 'gpu' : 'software' });
  return [
    '--no-sandbox',
    ...args,
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
  ];
}

/** Launch options for Playwright and Vitest's browser mode. */
export function browserLaunchOptions() {
  const executablePath = findBrowser();
  return { args: webGpuFlags(), ...(executablePath === undefined ? {} : { executablePath }) };
}
