import { test as base, type JSHandle, type Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';

export { expect } from '@playwright/test';

interface Fixtures {
  /** Console errors and page errors that a test expects; every other one fails it. Set with `test.use`. */
  readonly allowedErrors: readonly RegExp[];
  readonly errorGuard: void;
}

/** Playwright's `test` with a guard: a console error or an uncaught page error fails the test. */
export const test = base.extend<Fixtures>({
  allowedErrors: [[], { option: true }],
  errorGuard: [
    async ({ page, allowedErrors }, use) => {
      const errors: string[] = [];
      const report = (message: string): void => {
        if (!allowedErrors.some((pattern) => pattern.test(message))) errors.push(message);
      };
      page.on('console', (message) => {
        if (message.type() === 'error') report(`console: ${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => report(`page: ${error.stack ?? error.message}`));
      await use();
      if (errors.length > 0) throw new Error(`The page reported errors:\n${errors.join('\n')}`);
    },
    { auto: true },
  ],
});

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
