/** How a browser is started so that it has WebGPU: which one, and with which flags. Imports nothing but Node's modules. */
import { existsSync, readdirSync } from 'node:fs';

/**
 * @typedef {'software' | 'gpu'} WebGpuAdapter
 * @typedef {import('./index.mjs').WebGpuFlag} WebGpuFlag
 */

/**
 * What Chromium needs for WebGPU, with the reason. No platform or adapter: on all, for both.
 *
 * @type {readonly WebGpuFlag[]}
 */
export const WEBGPU_FLAGS = [
  {
    flag: '--enable-unsafe-webgpu',
    why: 'Turns WebGPU on where it is off (Linux), shows the software adapter, and drivers that are on the block list.',
  },
  {
    flag: '--use-webgpu-adapter=swiftshader',
    adapter: 'software',
    why: 'SwiftShader computes on the CPU, with the same results on every machine. It comes with Chrome and Chromium.',
  },
  {
    flag: '--enable-features=Vulkan',
    adapter: 'gpu',
    platforms: ['linux'],
    why: 'On Linux WebGPU reaches the GPU by Vulkan, which is off by itself. The driver has to be installed.',
  },
  {
    flag: '--use-angle=vulkan',
    adapter: 'gpu',
    platforms: ['linux'],
    why: 'The rest of the GPU process uses Vulkan too; on software drawing it would give WebGPU no GPU.',
  },
  {
    flag: '--disable-vulkan-surface',
    adapter: 'gpu',
    platforms: ['linux'],
    isHeadlessOnly: true,
    why: 'There is no window to draw into; looking for one ends the GPU process on machines without a display.',
  },
  {
    flag: '--use-angle=metal',
    adapter: 'gpu',
    platforms: ['darwin'],
    why: 'On macOS WebGPU always uses Metal. The rest of the GPU process does so too, headless as well.',
  },
  {
    flag: '--use-angle=d3d11',
    adapter: 'gpu',
    platforms: ['win32'],
    why: 'On Windows WebGPU always uses D3D12. The rest of the GPU process uses the GPU by D3D11, headless as well.',
  },
];

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
 * The browser that DUET_BROWSER names, or an installed Chrome or Chromium.
 *
 * @returns {string | undefined} path of the executable; undefined when there is none
 */
export function findInstalledBrowser() {
  const candidates = [process.env['DUET_BROWSER'], ...INSTALLED_BROWSERS];
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** @type {typeof import('./index.mjs').webGpuLaunchOptions} */
export function webGpuLaunchOptions({
  adapter = 'auto',
  platform = process.platform,
  headless = true,
  browser = 'auto',
} = {}) {
  const wanted = adapter === 'auto' ? chooseAdapter(platform) : adapter;
  const args = WEBGPU_FLAGS.filter(
    (flag) =>
      (flag.adapter ?? wanted) === wanted &&
      (flag.platforms?.includes(platform) ?? true) &&
      (headless || flag.isHeadlessOnly !== true),
  ).map(({ flag }) => flag);
  return { args, headless, ...browserOf(browser) };
}

/**
 * @param {string} browser  'auto', 'playwright', or a path
 * @returns {{ executablePath: string } | { channel: string }}
 */
function browserOf(browser) {
  const path = browser === 'auto' ? findInstalledBrowser() : browser;
  // Playwright's small headless browser may lack WebGPU; this channel is the whole one, in its own headless mode.
  if (path === undefined || path === 'playwright') return { channel: 'chromium' };
  return { executablePath: path };
}

/** @type {(platform: NodeJS.Platform) => WebGpuAdapter} */
function chooseAdapter(platform) {
  const chosen = process.env['DUET_ADAPTER'];
  if (chosen === 'gpu' || chosen === 'software') return chosen;
  if (platform === 'linux') return hasLinuxGpu() ? 'gpu' : 'software';
  // Build servers with these systems have a GPU seldom.
  return isBuildServer() ? 'software' : 'gpu';
}

/** @returns {boolean} whether this is a build server */
export function isBuildServer() {
  return !['', 'false', '0', undefined].includes(process.env['CI']);
}

/** Whether the kernel offers a GPU for computing. A container without the device sees none. */
function hasLinuxGpu() {
  if (existsSync('/dev/nvidia0') || existsSync('/dev/dxg')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}
