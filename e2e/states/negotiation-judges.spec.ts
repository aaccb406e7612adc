/** Judges on the scripted engine: states of the page, no evidence of what a judge is worth. */
import { readFile } from 'node:fs/promises';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { JudgesPage } from '../pages/judges-page.ts';
import { storedText } from '../stored-text.ts';
import { axe } from '../looks-well.ts';

const KEY = 'sk-never-written-down';

test('a server is filled in, tested and used; its key is gone after a reload, and was never stored', async ({
  page,
}) => {
  const judges = new JudgesPage(page);
  await judges.load();
  await expect(judges.line).toHaveText(/Judge:\s*this model, adapter off\s*\(noisy\)/);
  await judges.open();
  await expect(judges.dialog).toContainText('A weak and noisy judge. SmolLM2 135M Instruct has about 134 M parameters');
  await judges.choose('OpenAI-compatible server');
  await expect(judges.useButton).toBeDisabled();
  await judges.field('Address').fill('localhost:11434');
  await expect(judges.dialog).toContainText('A whole address, such as http://localhost:11434/v1.');
  await judges.dialog.getByRole('button', { name: 'LM Studio' }).click();
  await expect(judges.field('Address')).toHaveValue('http://localhost:1234/v1');
  await judges.field('Model').fill('qwen3:8b');
  await judges.key.fill(KEY);
  await expect(judges.key).toHaveAttribute('type', 'password');
  await judges.testButton.click();
  await expect(judges.testResult).toContainText(/CA \d of 5, in .* s\. Without probabilities|could not be read/);
  await judges.useButton.click();
  await expect(judges.line).toHaveText(/qwen3:8b at localhost:1234/);
  await judges.negotiate();
  await judges.openCalibration();
  await judges.compareButton.click();
  await expect(judges.calibration).toContainText('Our answers in the right order');
  expect(await storedText(page)).toContain('qwen3:8b');
  expect(await storedText(page)).not.toContain(KEY);

  await page.reload();
  await judges.waitUntilReady();
  await expect(judges.line).toHaveText(/qwen3:8b at localhost:1234/);
  await judges.open();
  await expect(judges.key).toHaveValue('');
  // Another server gets no key that was meant for this one.
  await judges.key.fill(KEY);
  await judges.dialog.getByRole('button', { name: 'Ollama' }).click();
  await expect(judges.key).toHaveValue('');
});

test('a person answers with a digit, with n, or with a button', async ({ page }) => {
  const judges = new JudgesPage(page);
  await judges.load();
  await judges.open();
  await judges.choose('A person');
  await judges.testButton.click();
  await expect(judges.rubric).toBeFocused();
  await expect(judges.rubric).toContainText('You are the judge');
  await page.keyboard.press('4');
  await expect(judges.testResult).toContainText('It works: CA 4 of 5');
  await judges.testButton.click();
  await expect(judges.rubric).toBeFocused();
  await page.keyboard.press('n');
  await expect(judges.testResult).toContainText('The judge could not be read');
  await judges.testButton.click();
  await judges.rubric.getByRole('button', { name: /^0, Anti-CA/ }).click();
  await expect(judges.testResult).toContainText('It works: CA 0 of 5');
  await judges.testButton.click();
  await judges.dialog.getByRole('button', { name: 'Cancel test' }).click();
  await expect(judges.rubric).toBeHidden();
});

test('a score shows the rubric, the probabilities and, judged again, its spread; one that was not read is no 0', async ({
  page,
}) => {
  const judges = new JudgesPage(page);
  await judges.load();
  await judges.negotiate();
  await judges.openScore(/^Collective Agency 3\.8 of 5/);
  await expect(judges.details).toContainText('3.8 of 5, Partial Synthesis');
  await expect(judges.details.getByRole('listitem')).toHaveCount(6);
  await expect(judges.details.locator('[aria-current]')).toContainText('Partial Synthesis');
  await expect(judges.details).toContainText('83 % of the judge’s probability was on the digits 0 to 5');
  await judges.details.getByRole('button', { name: 'Judge again' }).click();
  const readings = judges.details.getByRole('table', { name: 'Four readings of the same answer' });
  await expect(readings.getByRole('row')).toHaveCount(5);
  await expect(readings).toContainText(/Mean and standard deviation\s*\d\.\d\d ± \d\.\d\d/);
  await judges.details.getByRole('button', { name: 'Notes per aspect' }).click();
  await expect(judges.details).toContainText('Notes per aspect, for display; no part of the score');
  await page.keyboard.press('Escape');
  await expect(judges.details).toBeHidden();
  await expect(judges.score(/^Collective Agency 3\.8/)).toBeFocused();

  await page.getByLabel(/^Dialogue 2,/).click();
  await judges.openScore(/^The judge could not be read/);
  await expect(judges.details).toContainText('This is no score, and not a 0');
  await expect(judges.details).toContainText('The answer is good because');
});

test('two judges are compared: figures beside the paper’s, cancelled, saved, and kept over a reload', async ({
  page,
}) => {
  const judges = new JudgesPage(page);
  await judges.load('negotiation');
  await judges.openCalibration();
  const { calibration } = judges;
  await expect(calibration).toContainText('One judge twice');
  await calibration.getByRole('combobox', { name: 'Judge B: kind' }).selectOption('Rule');
  await judges.compareButton.click();
  await expect(calibration).toContainText(/[1-9] of 12 answers judged/);
  await calibration.getByRole('button', { name: 'Cancel' }).click();
  await expect(calibration).toContainText('Cancelled. What was judged by then is shown.');
  await judges.compareButton.click();
  await expect(calibration.getByRole('figure')).toHaveCount(2);
  await expect(judges.compareButton).toBeVisible();
  await expect(calibration.getByRole('region', { name: 'Agreement, table' })).toContainText(/Equal.*28 %/);
  await expect(calibration).toContainText(/Good above bad\s*\d+ % \(\d of \d/);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    calibration.getByRole('button', { name: 'Save as CSV' }).click(),
  ]);
  const csv = await readFile(await file.path(), 'utf8');
  expect(csv.trim().split('\r\n')).toHaveLength(13);
  expect(csv).toContain('"A: this model, adapter off"');

  await page.reload();
  await judges.waitUntilReady();
  await judges.openCalibration();
  await expect(calibration.getByRole('figure')).toHaveCount(2);
});

test.describe('web-llm without a network', () => {
  test.use({ allowedErrors: [/net::ERR_/] });

  test('says what could not be reached, and what to do', async ({ page }) => {
    await page.context().route(/huggingface\.co|githubusercontent\.com/, (route) => route.abort());
    const judges = new JudgesPage(page);
    await judges.load();
    await judges.open();
    await judges.choose('web-llm');
    await judges.dialog.getByText('f32, without shader-f16').click();
    await judges.dialog.getByRole('radio', { name: /SmolLM2 360M\s*580 MB/ }).check();
    await judges.dialog.getByRole('button', { name: 'Load now' }).click();
    await expect(judges.dialog.getByRole('alert')).toContainText('Connect to the internet for the first load');
  });
});

test('no accessibility rule is broken, and nothing is cut off, in either look', async ({ page }) => {
  const judges = new JudgesPage(page);
  const check = async (area: string): Promise<void> => {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await transitionsOver(page);
      const { violations } = await axe(page).include(area).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const widths = await page.locator(area).evaluate((element) => [element.scrollWidth, element.clientWidth]);
      expect(widths[0]).toBe(widths[1]);
    }
  };
  await judges.load();
  await judges.negotiate();
  await judges.openScore(/^Collective Agency 3\.8 of 5/);
  await judges.details.getByRole('button', { name: 'Judge again' }).click();
  await judges.details.getByRole('table').waitFor();
  await check('.score-pop');
  await page.keyboard.press('Escape');
  await expect(judges.details).toBeHidden();
  await judges.open();
  for (const kind of ['OpenAI-compatible server', 'web-llm', 'Rule', 'A person']) {
    await judges.choose(kind);
    await check('[role="dialog"]');
  }
  await judges.testButton.click();
  await judges.rubric.waitFor();
  await check('[role="dialog"]');
  await page.keyboard.press('3');
  await judges.dialog.getByRole('button', { name: 'Compare two judges' }).click();
  await judges.compareButton.click();
  await expect(judges.calibration).toContainText('Our answers in the right order');
  await check('[role="dialog"]');
});
