import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** Where distributions and vendors install Chrome or Chromium. */
const INSTALLED_BROWSERS = [
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The browser that tests and benchmarks use: DUET_BROWSER, an installed Chrome or Chromium, or Playwright's own.
 *
 * @returns {string | undefined} path of the executable; undefined when none is installed
 */
export function findBrowser() {
  const candidates = [process.env['DUET_BROWSER'], ...INSTALLED_BROWSERS];
  const installed = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (installed !== undefined) return installed;
  const bundled = chromium.executablePath();
  return existsSync(bundled) ? bundled : undefined;
}

/**
 * Flags that give a headless Chromium a WebGPU adapter. On a machine without a GPU this is SwiftShader, the software
 * adapter; DUET_ADAPTER=gpu leaves the choice to the browser.
 *
 * @returns {string[]}
 */
export function webGpuFlags() {
  const adapter =
    process.env['DUET_ADAPTER'] === 'gpu' ? ['--enable-features=Vulkan'] : ['--use-webgpu-adapter=swiftshader'];
  return [
    '--no-sandbox',
    '--enable-unsafe-webgpu',
    ...adapter,
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
