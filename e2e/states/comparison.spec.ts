import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { Comparison } from '../../src/protocol/comparison.ts';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { CalibrationPage, ComparisonPage } from '../pages/comparison-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { SettingsPage } from '../pages/settings-page.ts';
import { axe, looksWell } from '../looks-well.ts';

const QUESTION = 'A farmer has 17 sheep and buys 8 more. How many does he have?';

async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

async function expectAccessible(page: Page, part: string): Promise<void> {
  await transitionsOver(page);
  const { violations } = await axe(page).include(part).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

test('an empty comparison says what it will show; its question is the one of the panel', async ({ page }) => {
  const panel = await openPanel(page);
  const comparison = new ComparisonPage(page);
  await panel.type('Why is the sky blue?');
  await comparison.open();
  await expect(comparison.question).toHaveValue('Why is the sky blue?');
  await expect(comparison.dialog).toContainText('on one clock how long you would have waited');
  await comparison.typingSpeed.fill('0.2');
  await expect(comparison.dialog).toContainText('0, or 0.5 to 50 characters/s.');
  await expect(comparison.runButton).toBeDisabled();
  await comparison.question.fill('');
  await expect(comparison.dialog).toContainText('A question is needed.');
});

test('one click runs all ways and shows lanes, table, bars, answers and what they were measured with', async ({
  page,
}) => {
  await openPanel(page);
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  await comparison.runButton.click();
  await expect(comparison.progress).toBeVisible();
  await expect(comparison.dialog).toContainText(/s left/);
  await expect(comparison.lanes).toHaveAccessibleName(/Interleaved: not begun/);
  await page.keyboard.press('Escape');
  await expect(comparison.dialog).toBeVisible();
  await comparison.waitUntilComplete();

  await expect(comparison.lanes).toHaveAccessibleName(
    'Lanes over seconds since Enter. The question was typed for 12.2 s in front of it. ' +
      'Asynchronous: first token 2.25 s, first sentence 2.85 s; Think first: first token 12.7 s, first sentence 13.3 s; ' +
      'No thinking: first token 0.57 s, first sentence 1.17 s; Interleaved: first token 5.07 s, first sentence 5.67 s.',
  );
  expect(await comparison.figures('First token')).toEqual(['2.25', '12.7', '▸ best: 0.57', '5.07']);
  expect(await comparison.figures('Tokens written')).toEqual(['30', '30', '30', '30']);
  await expect(comparison.chart.locator('.recharts-bar-rectangle')).toHaveCount(12);
  await expect(comparison.dialog).toContainText('The farmer has 25 sheep.');
  await comparison.dialog.getByText('Thoughts, 54 tokens').click();
  await expect(comparison.dialog.getByText('Is there a catch?').last()).toBeVisible();
  await expect(comparison.context).toContainText('scripted none (software adapter)');
  await expect(comparison.context).toContainText('15 characters/s');
});

test('a comparison can be saved with its settings, and outlives a reload', async ({ page }) => {
  await openPanel(page);
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  await comparison.way('Interleaved').uncheck();
  await comparison.typingSpeed.fill('0');
  await comparison.runButton.click();
  await comparison.waitUntilComplete();

  const [json] = await Promise.all([page.waitForEvent('download'), comparison.saveJsonButton.click()]);
  const saved = JSON.parse(await readFile(await json.path(), 'utf8')) as Comparison;
  expect(saved).toMatchObject({ format: 'duet-comparison-1', question: QUESTION, settings: { budget: 512 } });
  expect(saved.runs.map(({ mode }) => mode)).toEqual(['asynchronous', 'thinkThenAnswer', 'noThinking']);
  const [csv] = await Promise.all([page.waitForEvent('download'), comparison.saveCsvButton.click()]);
  const lines = (await readFile(await csv.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^mode,stop,time_to_first_token_seconds,/);

  await page.reload();
  await comparison.open();
  await comparison.waitUntilComplete();
  await expect(comparison.question).toHaveValue(QUESTION);
  await expect(comparison.way('Interleaved')).not.toBeChecked();
  await expect(comparison.table.getByRole('columnheader')).toHaveText([
    'Figure',
    'Asynchronous',
    'Think first',
    'No thinking',
  ]);
});

test('another model stands beside the ways, with what is known of it, and is asked again after a reload', async ({
  page,
}) => {
  await openPanel(page, 'chat-thinks');
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  for (const way of ['Think first', 'Interleaved']) await comparison.way(way).uncheck();
  await comparison.way('A model on web-llm').check();
  await expect(comparison.dialog).toContainText('web-llm keeps its cache to itself');
  await comparison.way('A model on web-llm').uncheck();
  await comparison.way('A model on a server').check();
  await expect(comparison.runButton).toBeDisabled();
  await comparison.addServer('qwen3:8b');
  await comparison.dialog.getByLabel('Key', { exact: true }).fill('sk-very-secret');
  await comparison.runButton.click();
  await comparison.waitUntilComplete();

  await expect(comparison.lanes).toHaveAccessibleName(
    /No thinking: .*; Another model: qwen3:8b, at localhost:11434: first token \d\.\d\d s, first sentence/,
  );
  await expect(comparison.table.getByRole('columnheader').last()).toHaveText('Other model qwen3:8b');
  const [, , steps] = await comparison.figures('Steps');
  expect(steps).toBe('–');
  const answer = comparison.answer('Another model: qwen3:8b, at localhost:11434');
  await expect(answer).toContainText('The capital of France is Paris.');
  await answer.getByText(/^\s*Thoughts, until \d\.\d\d s/).click();
  await expect(answer.getByText('I should answer in one or two sentences')).toBeVisible();
  const [json] = await Promise.all([page.waitForEvent('download'), comparison.saveJsonButton.click()]);
  const text = await readFile(await json.path(), 'utf8');
  expect(text).not.toContain('sk-very-secret');
  expect((JSON.parse(text) as Comparison).others).toMatchObject([
    { model: { kind: 'endpoint', model: 'qwen3:8b', url: 'http://localhost:11434/v1' }, stop: 'writer_eos' },
  ]);

  await page.reload();
  await comparison.open();
  await comparison.waitUntilComplete();
  await expect(comparison.way('A model on a server')).toBeChecked();
  await expect(comparison.dialog.getByRole('textbox', { name: 'Model' })).toHaveValue('qwen3:8b');
});

/** One way of the loaded model, and a model on a server. */
async function startBesideServer(page: Page, state: string): Promise<ComparisonPage> {
  await openPanel(page, state);
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  for (const way of ['Asynchronous', 'Think first', 'Interleaved']) await comparison.way(way).uncheck();
  await comparison.addServer('qwen3:8b');
  await comparison.runButton.click();
  return comparison;
}

test('another model that fails says why beside the answers that there are', async ({ page }) => {
  const comparison = await startBesideServer(page, 'chat-refused');
  await comparison.waitUntilComplete();
  await expect(comparison.lanes).toHaveAccessibleName(/Another model: qwen3:8b, at localhost:11434: failed/);
  await expect(comparison.answer('Another model')).toContainText('The server answered 503: it is loading its model.');
  await expect(comparison.dialog).toContainText('The farmer has 25 sheep.');
});

test('a comparison can be cancelled while another model answers', async ({ page }) => {
  const comparison = await startBesideServer(page, 'chat-slow');
  await expect(comparison.dialog).toContainText('Another model: qwen3:8b, at localhost:11434, 2 of 2');
  await comparison.cancelButton.click();
  await expect(comparison.dialog).toContainText('Incomplete: 1 of 2 ways had finished.');
});

test('a cancelled comparison keeps what had finished, says so, and gives back the last complete one', async ({
  page,
}) => {
  await openPanel(page, 'studies-slow');
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill('First?');
  for (const way of ['Asynchronous', 'Think first', 'Interleaved']) await comparison.way(way).uncheck();
  await comparison.runButton.click();
  await comparison.waitUntilComplete();

  await comparison.question.fill('Second?');
  await comparison.way('Think first').check();
  await comparison.way('Interleaved').check();
  await comparison.runButton.click();
  await expect(comparison.dialog).toContainText('No thinking, 2 of 3');
  await comparison.cancelButton.click();
  await expect(comparison.dialog).toContainText('Incomplete: 1 of 3 ways had finished.');
  await expect(comparison.lanes).toHaveAccessibleName(/No thinking: not finished; Interleaved: not finished/);
  await expect(comparison.saveJsonButton).toBeHidden();
  const [first, ...others] = await comparison.figures('Total');
  expect(Number(first)).toBeGreaterThan(0);
  expect(others.slice(-2)).toEqual(['–', '–']);

  await comparison.lastButton.click();
  await expect(comparison.dialog.getByText('First?').last()).toBeVisible();
  await expect(comparison.saveJsonButton).toBeVisible();
});

test('a comparison that fails says what happened and what to do', async ({ page }) => {
  await openPanel(page, 'studies-fail');
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  await comparison.runButton.click();
  await expect(comparison.dialog.getByRole('alert')).toContainText('The comparison failed');
  await expect(comparison.dialog.getByRole('alert')).toContainText('Load the model again');
  await expect(comparison.runButton).toBeDisabled();
});

test('a live run is stopped before the ways are timed', async ({ page }) => {
  const panel = await openPanel(page, 'long');
  const comparison = new ComparisonPage(page);
  await panel.type('Why is the sky blue?');
  await panel.send();
  await expect(panel.thoughts).not.toBeEmpty();
  await comparison.open();
  await comparison.runButton.click();
  await comparison.waitUntilComplete();
  await comparison.close();
  await expect(panel.state).toContainText('Stopped');
});

test('calibration shows its margins, and its threshold can be used and taken back', async ({ page }) => {
  await openPanel(page);
  const calibration = new CalibrationPage(page);
  await calibration.open();
  await expect(calibration.questions).toHaveCount(3);
  await calibration.dialog.getByRole('button', { name: 'Remove question 3' }).click();
  await calibration.runButton.click();
  await expect(calibration.dialog).toContainText(/Pass 1 of 2, question \d of 2/);
  await expect(calibration.useButton).toBeVisible();
  await expect(calibration.strips).toHaveCount(2);
  await expect(calibration.dialog).toContainText('60 % were wanted.');

  await calibration.useButton.click();
  await expect(calibration.dialog).toContainText(/The threshold is .* now; it was 0\.00\./);
  await calibration.undoButton.click();
  await calibration.useButton.click();
  await calibration.dialog.getByRole('button', { name: 'Done' }).click();
  const settings = new SettingsPage(page);
  await settings.open();
  await expect(await settings.field('Margin threshold')).not.toHaveValue('0 nats');
});

test('a calibration can be begun from the settings, cancelled, and fail', async ({ page }) => {
  await openPanel(page, 'studies-slow');
  const settings = new SettingsPage(page);
  const calibration = new CalibrationPage(page);
  await settings.open();
  await settings.group('Probe').click();
  await settings.drawer.getByRole('button', { name: 'Calibrate' }).click();
  await calibration.runButton.click();
  await expect(calibration.dialog).toContainText('Pass 1 of 2');
  await calibration.cancelButton.click();
  await expect(calibration.runButton).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(calibration.dialog).toBeHidden();
  await expect(settings.drawer).toBeVisible();

  await openPanel(page, 'studies-fail');
  await calibration.open();
  await calibration.runButton.click();
  await expect(calibration.dialog.getByRole('alert')).toContainText('The calibration failed');
});

test('no accessibility rule is broken, and nothing is cut off, in either look', async ({ page }) => {
  const inEachLook = async (check: () => Promise<void>): Promise<void> => {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await check();
    }
  };
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openPanel(page);
  const comparison = new ComparisonPage(page);
  await comparison.open();
  await comparison.question.fill(QUESTION);
  await comparison.way('A model on web-llm').check();
  await comparison.addServer('qwen3:8b-instruct');
  await looksWell(page, 'comparison-form');
  await comparison.way('A model on web-llm').uncheck();
  await comparison.runButton.click();
  await comparison.waitUntilComplete();
  await inEachLook(async () => {
    await comparison.chart.locator('.recharts-bar-rectangle').first().waitFor();
    await expectAccessible(page, '[role="dialog"]');
    const widths = await comparison.dialog.evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
    expect(widths[0]).toBe(widths[1]);
  });
  await comparison.close();

  const calibration = new CalibrationPage(page);
  await calibration.open();
  await inEachLook(() => expectAccessible(page, '[role="dialog"]'));
  await calibration.runButton.click();
  await calibration.useButton.waitFor();
  await inEachLook(() => expectAccessible(page, '[role="dialog"]'));
});
