import { readFile } from 'node:fs/promises';
import { test as base, type Browser, type JSHandle, type Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type { LoadOptions } from '../src/protocol/model.ts';

const TINY_FILE = new URL('../src/testing/golden/tiny/llama/tiny-llama-F32.gguf', import.meta.url);

export { expect } from '@playwright/test';

/** Both colours and both sizes, each once: colours do not depend on the size, nor what fits on the colours. */
export const LOOKS = [
  { colorScheme: 'light', width: 1280, height: 720 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const;

interface Fixtures {
  /** Console errors and page errors that a test expects; every other one fails it. Set with `test.use`. */
  readonly allowedErrors: readonly RegExp[];
  readonly errorGuard: void;
  /** The page's interface with the embedded model loaded, for tests that need no page of their own. */
  readonly engine: JSHandle<DuetApi>;
  /** The same with a tiny model, which is many times as fast: for tests of what happens, not of what is said. */
  readonly tinyEngine: JSHandle<DuetApi>;
}

/** One page for all tests of the worker: loading takes longer than most of them. */
interface EnginePage {
  readonly api: JSHandle<DuetApi>;
  readonly errors: string[];
}

interface WorkerFixtures {
  readonly enginePage: EnginePage;
  readonly tinyEnginePage: EnginePage;
}

/** Playwright's `test` with a guard: a console error or an uncaught page error fails the test. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  allowedErrors: [[], { option: true }],
  errorGuard: [
    async ({ page, allowedErrors }, use) => {
      const errors = errorsOf(page);
      await use();
      failOnErrors(errors.filter((message) => !allowedErrors.some((pattern) => pattern.test(message))));
    },
    { auto: true },
  ],
  enginePage: [
    async ({ browser }, use, { project }) => {
      await withPage(browser, project.use.baseURL ?? '', use, (api) =>
        // A named kernel shape: nothing is measured in tests.
        api.evaluate((d) =>
          d.loadModel('smollm2-135m-instruct', { kernelShape: 'threadPerRows', contextLength: 2048 }),
        ),
      );
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  tinyEnginePage: [
    async ({ browser }, use, { project }) => {
      await withPage(browser, project.use.baseURL ?? '', use, (api) => loadTinyModel(api, { contextLength: 2048 }));
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  engine: async ({ enginePage }, provide) => lend(enginePage, provide),
  tinyEngine: async ({ tinyEnginePage }, provide) => lend(tinyEnginePage, provide),
});

/** Fills as the page reports errors. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(`page: ${error.stack ?? error.message}`));
  return errors;
}

function failOnErrors(errors: readonly string[]): void {
  if (errors.length > 0) throw new Error(`The page reported errors:\n${errors.join('\n')}`);
}

async function withPage(
  browser: Browser,
  baseURL: string,
  lendPage: (page: EnginePage) => Promise<void>,
  load: (api: JSHandle<DuetApi>) => Promise<unknown>,
): Promise<void> {
  const context = await browser.newContext({ baseURL, serviceWorkers: 'block' });
  const page = await context.newPage();
  const errors = errorsOf(page);
  await page.goto('/?model=none');
  const api = await duet(page);
  await load(api);
  await lendPage({ api, errors });
  await context.close();
}

/** To one test; the next one finds the model as it is. */
async function lend({ api, errors }: EnginePage, provide: (api: JSHandle<DuetApi>) => Promise<void>): Promise<void> {
  errors.length = 0;
  await provide(api);
  await api.evaluate((d) => d.training.attachAdapter(null));
  failOnErrors(errors);
}

/**
 * The page's programming interface, once the page has made it. Use it with `evaluate`:
 *
 *   const api = await duet(page);
 *   const report = await api.evaluate((d) => d.device());
 */
export async function duet(page: Page): Promise<JSHandle<DuetApi>> {
  const handle = await page.waitForFunction(() => window.duet);
  return handle as JSHandle<DuetApi>;
}

/** Loads a tiny model, as a visitor loads a file: for tests of what happens, not of what is said. */
export async function loadTinyModel(
  api: JSHandle<DuetApi>,
  options: Pick<LoadOptions, 'contextLength' | 'kernelShape'> = {},
): Promise<void> {
  const bytes = [...(await readFile(TINY_FILE))];
  await api.evaluate(
    (d, { fileBytes, load }) =>
      d.loadModel(new File([new Uint8Array(fileBytes)], 'tiny-llama-F32.gguf'), {
        kernelShape: 'threadPerRows',
        ...load,
      }),
    { fileBytes: bytes, load: options },
  );
}

/** Longer than any transition; what a browser has put to sleep behind another page never ends. */
const TRANSITIONS_MS = 3000;

/** Colours are judged when no element is on its way from one to another; what turns for ever is not waited for. */
export async function transitionsOver(page: Page): Promise<void> {
  await page.evaluate(
    (limit) =>
      Promise.race([
        // What has just appeared starts its transitions with its first frames.
        new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() =>
          Promise.allSettled(
            document
              .getAnimations()
              .filter((animation) => animation instanceof CSSTransition)
              .map((transition) => transition.finished),
          ),
        ),
        new Promise((resolve) => setTimeout(resolve, limit)),
      ]),
    TRANSITIONS_MS,
  );
}
