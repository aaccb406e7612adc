import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../fixtures.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

const scripted = (state = ''): string => `?engine=scripted&state=${state}`;

test('typing starts the thinker, Enter brings the answer, the run ends by itself', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted());
  await new ModelPage(page).waitUntilReady();
  await expect(panel.state).toContainText('Idle');

  await panel.type('What is the capital');
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(panel.state).toContainText('Thinking');
  await expect(panel.answer).toBeEmpty();

  await panel.send();
  await expect(panel.answer).toContainText('The capital of France is Paris.');
  await expect(panel.probeSum).toContainText('margin');
  await expect(panel.state).toContainText('The answer is complete.');
  await expect(panel.blocks).toContainText('thoughts');
});

test('a question that is sent while the model loads waits for it', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted());
  await panel.firstQuestions.first().click();
  await expect(panel.question).toHaveValue('What is the capital of France?');
  await expect(panel.answer).toContainText('Paris');
});

test('stop keeps the text, a new question empties the page', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted('long'));
  await new ModelPage(page).waitUntilReady();
  await panel.type('Why');
  await panel.send();
  await expect(panel.answer).not.toBeEmpty();
  await panel.stopButton.click();
  await expect(panel.state).toContainText('Stopped');
  await expect(panel.answer).not.toBeEmpty();

  await panel.newQuestionButton.click();
  await expect(panel.answer).toBeEmpty();
  await expect(panel.question).toHaveValue('');
  await expect(panel.question).toBeFocused();
});

test('Shift and Enter break the line; draft and settings survive a reload', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted('slow-load'));
  await panel.type('One');
  await panel.question.press('Shift+Enter');
  await panel.type('two');
  await panel.settingsButton.click();
  await panel.setting('Budget').fill('96');
  await panel.setting('Keep thoughts from').fill('0.5');
  await page.reload();
  await expect(panel.question).toHaveValue('One\ntwo');
  await panel.settingsButton.click();
  await expect(panel.setting('Budget')).toHaveValue('96 steps');
  await expect(panel.setting('Keep thoughts from')).toHaveValue('0.5 of the question');
});

test('a load under way shows bytes and time, and can be cancelled and begun again', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  const model = new ModelPage(page);
  await panel.open(scripted('slow-load'));
  await expect(model.loadProgress).toContainText('42.1 MB of 98.4 MB');
  await expect(model.loadProgress).toContainText('12 s left');
  await model.cancelButton.click();
  await expect(model.modelChip).toContainText('cancelled');
  await page.getByRole('button', { name: 'Load the model' }).click();
  await expect(model.loadProgress).toBeVisible();
});

test('a damaged file is named, with a way on', async ({ page }) => {
  await new AsyncReasoningPage(page).open(scripted('load-fails'));
  await expect(page.getByRole('alert')).toContainText('hash');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('a lost device ends the run with what, why and what to do', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted('run-fails'));
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Failed');
  await expect(page.getByRole('alert').filter({ hasText: 'The run failed' })).toContainText('Load the model again');
});

test('without an adapter the page says why and what to do', async ({ page }) => {
  await new AsyncReasoningPage(page).open(scripted('no-webgpu'));
  await expect(page.getByRole('heading', { name: 'Duet needs WebGPU' })).toBeVisible();
  await expect(page.getByText('offers no graphics adapter')).toBeVisible();
});

test('the panel fits 1280 x 720 without scrolling and 390 x 844 without being cut', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  const size = (): Promise<number[]> =>
    page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  await panel.open(scripted('long'));
  await panel.firstQuestions.first().click();
  await expect(panel.answer).toContainText('Paris');
  expect(await size()).toEqual([1280, 720]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect((await size())[0]).toBe(390);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no accessibility rule is broken in ${colorScheme} colours`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const panel = new AsyncReasoningPage(page);
    await panel.open(scripted());
    await panel.firstQuestions.first().click();
    await expect(panel.state).toContainText('The answer is complete.');
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
}
