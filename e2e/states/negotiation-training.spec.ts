/** The training page on the scripted engine: states of the page, no evidence that anything learns. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { TrainingPage } from '../pages/training-page.ts';

async function openPage(page: Page, state: string): Promise<TrainingPage> {
  const training = new TrainingPage(page);
  await training.open(`?engine=scripted&state=${state}`);
  await expect(training.startButton).toBeEnabled();
  return training;
}

test('a training from its form to its charts, tokens and files', async ({ page }) => {
  const training = await openPage(page, 'training-empty');
  await expect(page.getByText('Here the group of each step will speak')).toBeVisible();
  await training.form.getByRole('textbox', { name: 'Steps', exact: true }).fill('0');
  await expect(training.startButton).toBeDisabled();
  await expect(training.form).toContainText('Correct the marked fields first.');
  await training.form.getByLabel('Preset').selectOption('Quick demo');
  await training.form.getByRole('textbox', { name: 'Steps', exact: true }).fill('3');
  await training.form.getByRole('button', { name: 'Estimate' }).click();
  await expect(training.form).toContainText('about 22 s');
  await expect(training.form).toContainText('135 MB besides the model');
  await training.startButton.click();
  await expect(training.state).toContainText('of 3');
  await expect(page.getByText('Dialogue 2')).toBeVisible();
  await training.button('Pause').click();
  await expect(training.state).toContainText('Paused');
  // The dialogues say why they cannot start now, above the run and where the first one would stand.
  await page.getByRole('link', { name: 'Dialogues' }).click();
  const starts = training.button('Start: a training runs');
  await expect(starts).toHaveCount(2);
  for (const start of await starts.all()) await expect(start).toBeDisabled();
  await page.getByRole('link', { name: /^Training/ }).click();
  await training.button('Resume').click();
  await expect(training.state).toContainText('Complete');
  await expect(page.getByText(/advantage [+\u2212]/).first()).toBeVisible();
  await looksWell(page, 'training-group');

  await training.tab('Charts');
  await expect(page.getByRole('img', { name: /^Collective Agency/ })).toBeVisible();
  const [csv] = await Promise.all([page.waitForEvent('download'), training.button('Save as CSV').click()]);
  const lines = (await readFile(await csv.path(), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain('frac_reward_zero_std');

  await training.tab('Tokens');
  await expect(page.getByText(/of \d+ tokens moved with their advantage/).first()).toBeVisible();
  await looksWell(page, 'training-tokens');
  await training.tab('Advantages');
  await training.button('0, 1, 5').click();
  await expect(page.getByText('\u22120.38').first()).toBeVisible();
  await training.tab(/^Runs/);
  const [zip] = await Promise.all([page.waitForEvent('download'), training.button('Export to TRL').click()]);
  expect(zip.suggestedFilename()).toMatch(/\.zip$/);
  await looksWell(page, 'training-runs');
});

test('runs that are kept: opened, gone on with, branched off, renamed, deleted', async ({ page }) => {
  const training = await openPage(page, 'training-fast');
  await training.tab('Runs (2)');
  await expect(training.row('Interrupted')).toContainText('12 of 30');
  await training.more('Interrupted', 'Rename');
  await page.getByLabel('New name').fill('Taken up');
  await training.button('Keep name').click();
  await training.more('Taken up', 'Resume');
  await expect(training.state).toContainText('of 30');
  await expect(training.row('Taken up')).toContainText('training');
  await training.button('Stop').click();
  await expect(training.state).toContainText('Stopped');
  await training.more('Fair words', 'Branch from a checkpoint');
  const branch = page.getByRole('form', { name: 'Branch off “Fair words”' });
  await branch.getByLabel('Steps in all').fill('41');
  await branch.getByRole('button', { name: 'Branch and train' }).click();
  await expect(training.state).toContainText('Complete');
  await expect(training.row('Fair words, branch')).toContainText('Fair words, step 40');

  await training.more('Taken up', 'Delete');
  await training.button('Keep').click();
  await training.more('Taken up', 'Delete');
  await training.button('Delete').click();
  await expect(training.row('Taken up')).toHaveCount(0);
  await training.button('Open “Fair words”').click();
  await expect(page.getByRole('img', { name: /^Collective Agency/ })).toBeVisible();
});

test('a lost device ends a training with what to do; finished steps stay', async ({ page }) => {
  const training = await openPage(page, 'training-fails');
  await training.startButton.click();
  await expect(training.state).toContainText('Failed');
  const notice = page.getByRole('alert').filter({ hasText: 'The training ended early' });
  await expect(notice).toContainText('The GPU device was lost');
  await training.tab('Charts');
  await expect(page.getByRole('img', { name: /^Collective Agency/ })).toBeVisible();
});
