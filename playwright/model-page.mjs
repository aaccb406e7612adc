/** One page for all tests of a worker: loading a model takes longer than most tests. */
import { createDuetHandle } from './duet-handle.mjs';

/**
 * @typedef {import('@playwright/test').Browser} Browser
 * @typedef {import('@playwright/test').BrowserContext} BrowserContext
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {import('./index.mjs').PageDuet} PageDuet
 * @typedef {Pick<import('./index.mjs').DuetWorkerOptions, 'duetModel' | 'duetLoadOptions'>} Wanted
 */

/** Calls after which model, device, what was measured, or storage may be others. `inPage` can do anything. */
const CHANGES = new RegExp(
  `^(?:${[
    'loadModel|unload|simulateDeviceLoss|measureMemory|measureSpeed|inPage',
    'scenario\\.run|training\\..*|storage\\.(?:keep|remove)|negotiation\\.(?:train|delete.*|rename.*)',
  ].join('|')})$`,
);

export class ModelPage {
  /** Console errors and uncaught errors since the last `ready()` began. @type {string[]} */
  errors = [];
  /** @type {{ context: BrowserContext, duet: PageDuet } | undefined} */
  #open;
  /** What was done in the page is not to be found by the next test. */
  #isChanged = false;

  /**
   * @param {Browser} browser
   * @param {string} url  of a page that has `window.duet`
   */
  constructor(browser, url) {
    this.browser = browser;
    this.url = url;
  }

  /**
   * The page with the model as it is wanted: the one that there is, or a new one with storage of its own.
   *
   * @param {Wanted} wanted
   * @returns {Promise<{ duet: PageDuet, reason: string | null }>} reason: why there is no adapter; no model is loaded then
   */
  async ready(wanted) {
    if (this.#isChanged) await this.close();
    this.errors.length = 0;
    const isNew = this.#open === undefined;
    this.#open ??= await this.#openPage();
    const { duet } = this.#open;
    const { available, reason } = await duet.device();
    if (isNew && available) await load(duet, wanted);
    this.#isChanged = false;
    return { duet, reason: available ? null : (reason ?? 'unknown') };
  }

  async close() {
    await this.#open?.context.close();
    this.#open = undefined;
    this.#isChanged = false;
  }

  async #openPage() {
    // Duet's service worker would copy the page for use without a network, and answer before a test's routes do.
    const context = await this.browser.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    this.#listen(page);
    const address = new URL(this.url);
    // Duet's own page would begin to load its model.
    address.searchParams.set('model', 'none');
    await page.goto(address.href);
    const duet = createDuetHandle(page, (name) => {
      if (CHANGES.test(name)) this.#isChanged = true;
    });
    return { context, duet };
  }

  /** @param {Page} page */
  #listen(page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.errors.push(`page: ${error.stack ?? error.message}`));
    page.on('crash', () => {
      this.errors.push('page: it crashed');
      this.#isChanged = true;
    });
  }
}

/** @type {(duet: PageDuet, wanted: Wanted) => Promise<void>} */
async function load(duet, { duetModel, duetLoadOptions }) {
  if (duetModel === 'none') return;
  // A named kernel shape: nothing is measured, so that every load compiles the same kernels.
  const options = { kernelShape: /** @type {const} */ ('threadPerRows'), ...duetLoadOptions };
  if (typeof duetModel === 'string') await duet.loadModel(duetModel, options);
  else await duet.loadModelFile(duetModel.files, options);
}
