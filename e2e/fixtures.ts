import { readFile } from 'node:fs/promises';
import { test as base, type Browser, type JSHandle, type Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';

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
}

interface WorkerFixtures {
  /** One page for all tests of the worker: loading takes longer than most of them. */
  readonly enginePage: { readonly api: JSHandle<DuetApi>; readonly errors: string[] };
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
      const page = await openEmbeddedModel(browser, project.use.baseURL ?? '');
      await use(page);
      await page.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  engine: async ({ enginePage: { api, errors } }, provide) => {
    errors.length = 0;
    await provide(api);
    // The next test finds the model as it is.
    await api.evaluate((d) => d.training.attachAdapter(null));
    failOnErrors(errors);
  },
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

async function openEmbeddedModel(
  browser: Browser,
  baseURL: string,
): Promise<WorkerFixtures['enginePage'] & { readonly close: () => Promise<void> }> {
  const context = await browser.newContext({ baseURL, serviceWorkers: 'block' });
  const page = await context.newPage();
  const errors = errorsOf(page);
  await page.goto('/?model=none');
  const api = await duet(page);
  // A named kernel shape: nothing is measured in tests.
  const options = { kernelShape: 'threadPerRows', contextLength: 2048 } as const;
  await api.evaluate((d, load) => d.loadModel('smollm2-135m-instruct', load), options);
  return { api, errors, close: () => context.close() };
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
  options: { readonly contextLength?: number } = {},
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
