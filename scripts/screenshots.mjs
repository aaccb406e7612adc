/**
 * Pictures for the documentation, taken from a real run of the embedded model in real Chromium.
 * Run: node scripts/screenshots.mjs [--out docs/images]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { browserLaunchOptions } from './browser.mjs';
import { createStaticServer, listen } from './serve.mjs';
import { BUILD_FOLDERS, ensureBuilt, ROOT } from './setup.mjs';

const DESKTOP = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };
const KEY_DELAY_MS = 250;
const WAIT_MS = 5 * 60_000;

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' } } });
await ensureBuilt('production');
const server = createStaticServer(path.join(ROOT, BUILD_FOLDERS.production));
const url = await listen(server, { port: 0, host: 'localhost' });
const browser = await chromium.launch(browserLaunchOptions());
try {
  const page = await browser.newPage({ viewport: DESKTOP, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(WAIT_MS);
  /** @type {(name: string) => Promise<void>} */
  const shoot = async (name) => {
    const file = path.join(ROOT, values.out, `${name}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(ROOT, file));
  };
  await page.goto(`${url}?kernels=threadPerRows#/thinking`);
  await page.getByRole('button', { name: /^Model: .*ready/ }).waitFor();
  const question = page.getByRole('textbox', { name: 'Your question' });
  await question.pressSequentially('What is the capital of ', { delay: KEY_DELAY_MS });
  // Twelve thoughts are enough to see that thinking has begun.
  await page.waitForFunction(() => (document.querySelector('[data-testid="thoughts"]')?.textContent ?? '').length > 30);
  await shoot('thinking-typing');
  await question.pressSequentially('France?', { delay: KEY_DELAY_MS });
  await question.press('Enter');
  const answer = page.getByTestId('answer');
  await answer.filter({ hasText: /Paris.{20}/s }).waitFor();
  await shoot('thinking-desktop-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(400);
  await shoot('thinking-desktop-dark');
  await page.setViewportSize(PHONE);
  await shoot('thinking-phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.waitForTimeout(400);
  await shoot('thinking-phone-light');
  await page.setViewportSize(DESKTOP);
  await page.getByRole('button', { name: /^GPU / }).click();
  await page.getByRole('dialog', { name: 'Device' }).waitFor();
  await page.waitForTimeout(600);
  await shoot('device-report');
} finally {
  await browser.close();
  server.close();
}
