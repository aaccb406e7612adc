/**
 * Duet in the tests of other projects: Playwright's `test` with a loaded model, launch options that give a browser
 * WebGPU, and matchers. Documented in docs/playwright.md.
 */
import { DuetFailure } from './duet-failure.mjs';
import { createDuetHandle } from './duet-handle.mjs';
import { findInstalledBrowser, isBuildServer, WEBGPU_FLAGS, webGpuLaunchOptions } from './launch-options.mjs';
import { createMatchers } from './matchers.mjs';
import { ModelPage } from './model-page.mjs';
import { requirePlaywright } from './runner.mjs';
import { servePackage } from './serve-package.mjs';

/** @typedef {import('./index.mjs').DuetFixtures & import('./index.mjs').DuetOptions} TestArgs */
/**
 * @typedef {import('@playwright/test').PlaywrightWorkerArgs & import('./index.mjs').DuetWorkerOptions & {
 *   duetPageUrl: string, duetModelPage: ModelPage
 * }} WorkerArgs
 */

export { DuetFailure, findInstalledBrowser, WEBGPU_FLAGS, webGpuLaunchOptions };

/** The model that comes with the page. */
const EMBEDDED_MODEL = 'smollm2-135m-instruct';
/** A linked checkout is built first. */
const SERVE_LIMIT_MS = 15 * 60_000;
/** Large models are downloaded; on a CPU every load takes a while. */
const LOAD_LIMIT_MS = 15 * 60_000;

const { test: base, expect: baseExpect } = requirePlaywright();

/** @type {typeof import('./index.mjs').duetIn} */
export const duetIn = (pageOrFrame) => createDuetHandle(pageOrFrame);

/** @type {import('@playwright/test').Fixtures<TestArgs, WorkerArgs>} */
const fixtures = {
  duetUrl: [undefined, { option: true, scope: 'worker' }],
  duetModel: [EMBEDDED_MODEL, { option: true, scope: 'worker' }],
  duetLoadOptions: [{}, { option: true, scope: 'worker' }],
  // On a build server a test that is skipped goes unnoticed.
  duetRequireWebGpu: [isBuildServer(), { option: true, scope: 'worker' }],
  duetAllowedErrors: [[], { option: true }],

  duetPageUrl: [
    async ({ duetUrl }, use) => {
      if (duetUrl !== undefined) {
        await use(duetUrl);
        return;
      }
      const server = await servePackage();
      await use(server.url);
      server.close();
    },
    { scope: 'worker', timeout: SERVE_LIMIT_MS },
  ],

  duetModelPage: [
    async ({ browser, duetPageUrl }, use) => {
      const modelPage = new ModelPage(browser, duetPageUrl);
      await use(modelPage);
      await modelPage.close();
    },
    { scope: 'worker' },
  ],

  duet: [
    async ({ duetModelPage, duetModel, duetLoadOptions, duetRequireWebGpu, duetAllowedErrors }, use, info) => {
      const { duet, reason } = await duetModelPage.ready({ duetModel, duetLoadOptions });
      if (reason !== null && duetRequireWebGpu)
        throw new Error(`There is no WebGPU adapter: ${reason} Launch the browser with webGpuLaunchOptions().`);
      info.skip(reason !== null, `There is no WebGPU adapter: ${reason}`);
      await use(duet);
      const errors = duetModelPage.errors.filter((text) => !duetAllowedErrors.some((pattern) => pattern.test(text)));
      if (errors.length > 0) throw new Error(`The page reported errors:\n${errors.join('\n')}`);
    },
    { timeout: LOAD_LIMIT_MS },
  ],
};

/** @type {typeof import('./index.mjs').test} */
export const test = base.extend(fixtures);

/** @type {typeof import('./index.mjs').expect} */
export const expect = baseExpect.extend(createMatchers(fileOfTest));

/** @returns {string | undefined} path of the test that runs */
function fileOfTest() {
  try {
    return test.info().file;
  } catch {
    // Outside a test.
    return undefined;
  }
}
