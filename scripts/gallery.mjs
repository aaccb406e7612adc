/**
 * The pictures of docs/gallery.md: one run of the embedded model in real Chromium, seen in every picture of the page, and
 * an evaluation of a few questions. Run: npm run gallery [-- --out docs/images/gallery] [--only run|evaluation]
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EMBEDDED_MODEL, modelReady, stepsOf, until, WAIT_MS, wantedParts, withBuiltPage } from './built-page.mjs';
import { ROOT } from './setup.mjs';

const KEY_DELAY_MS = 150;
const STEPS = 70;
const QUESTIONS = 3;

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'docs/images/gallery' }, only: { type: 'string' } },
});
const wanted = wantedParts(values.only, ['run', 'evaluation']);
const out = path.join(ROOT, values.out);
await mkdir(out, { recursive: true });

await withBuiltPage(async (browser, url) => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 720 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const pictures = page.getByRole('region', { name: 'Pictures' });
  /** @type {(target: import('playwright').Page | import('playwright').Locator, name: string) => Promise<void>} */
  const shoot = async (target, name) => {
    // What opens or changes size has settled then.
    await page.waitForTimeout(700);
    const file = path.join(out, `${name}.png`);
    await target.screenshot({ path: file });
    console.log(path.relative(ROOT, file));
  };
  /** @type {(tab: string, name: string) => Promise<void>} */
  const shootPicture = async (tab, name) => {
    await pictures.getByRole('tab', { name: tab }).click();
    await shoot(pictures, name);
  };

  const shootRun = async () => {
    const input = page.getByRole('region', { name: 'You' }).getByRole('textbox');
    await input.pressSequentially('What is the capital of ', { delay: KEY_DELAY_MS });
    await page.waitForTimeout(2000);
    await input.pressSequentially('France, and why is it known?', { delay: KEY_DELAY_MS });
    await input.press('Enter');
    const state = page.getByTestId('run-state');
    await until(page, async () => (await stepsOf(page)) >= STEPS || /Answered/.test(await state.innerText()));
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByTestId('run-state').getByText('You stopped the run.').waitFor();

    await shootPicture('Timeline', 'timeline');
    await shootPicture('Blocks', 'blocks');
    await shootPicture('What it read', 'what-it-read');
    await shootPicture('Rotary dial', 'rotary-dial');
    await pictures.getByRole('tab', { name: 'Check' }).click();
    await pictures.getByRole('button', { name: /^Recompute step \d+ from scratch$/ }).click();
    await pictures.getByRole('table', { name: /recomputed from scratch$/ }).waitFor();
    await shoot(pictures, 'check');
    await pictures.getByRole('tab', { name: 'Timeline' }).click();
    await page.getByRole('button', { name: 'Look back' }).click();
    const position = page.getByLabel('Step that is shown');
    await position.focus();
    for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft');
    await shoot(page, 'looking-back');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('button', { name: 'Runs', exact: true }).click();
    await page.getByRole('dialog', { name: 'Runs' }).waitFor();
    await shoot(page, 'runs');
    await page.keyboard.press('Escape');
  };
  const shootEvaluation = async () => {
    // Short answers, and minutes less on a software adapter.
    await page.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByLabel('Search settings').fill('Budget');
    await settings.getByLabel('Budget', { exact: true }).fill('40');
    await settings.getByLabel('Thought budget', { exact: true }).fill('20');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Studies' }).click();
    await page.getByRole('menuitem', { name: 'Evaluate' }).click();
    const evaluation = page.getByRole('dialog', { name: 'Evaluate configurations' });
    await evaluation.getByRole('radio', { name: 'Commonsense' }).check();
    await evaluation.getByRole('textbox', { name: 'Number of questions' }).fill(String(QUESTIONS));
    await shoot(page, 'evaluation-form');
    await evaluation.getByRole('button', { name: 'Run evaluation' }).click();
    await evaluation.getByRole('button', { name: 'New evaluation' }).waitFor();
    await page.setViewportSize({ width: 1280, height: 1500 });
    await shoot(page, 'evaluation');
  };

  await page.goto(`${url}${EMBEDDED_MODEL}`);
  await modelReady(page);
  if (wanted.includes('run')) await shootRun();
  if (wanted.includes('evaluation')) await shootEvaluation();
});
