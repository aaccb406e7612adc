/** An evaluation on the page with the embedded model, left in the middle. */
import { readFile } from 'node:fs/promises';
import type { EvaluationReport } from '../src/protocol/evaluation.ts';
import { expect, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { EvaluationPage } from './pages/evaluation-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { SettingsPage } from './pages/settings-page.ts';

test('a few questions are answered by the model; a reload in the middle costs no finished answer', async ({ page }) => {
  await new AsyncReasoningPage(page).open('?kernels=threadPerRows');
  const model = new ModelPage(page);
  await model.waitUntilReady();
  const settings = new SettingsPage(page);
  await settings.open();
  await (await settings.field('Budget')).fill('10');
  await (await settings.field('Thought budget')).fill('5');
  await page.keyboard.press('Tab');
  await settings.close();

  const evaluation = new EvaluationPage(page);
  await evaluation.open();
  await evaluation.numItems.fill('2');
  await evaluation.dialog.getByRole('button', { name: 'Remove configuration 3' }).click();
  await evaluation.runButton.click();
  await expect(evaluation.items.first()).toContainText(/No thinking: (?!–)/, { timeout: 120_000 });
  const before = await evaluation.items.first().innerText();

  await page.reload();
  await model.waitUntilReady();
  await evaluation.open();
  await expect(evaluation.dialog).toContainText(/[23] of 4 answers are done\./);
  expect(await evaluation.items.first().innerText()).toBe(before);
  await evaluation.resumeButton.click();
  await evaluation.waitUntilComplete(120_000);
  const file = await evaluation.download('Save all as JSON');
  const report = JSON.parse(await readFile(await file.path(), 'utf8')) as EvaluationReport;
  expect(report.records).toHaveLength(4);
  expect(new Set(report.records.map(({ itemId, configuration }) => itemId + configuration)).size).toBe(4);
  expect(report.model.id).toBe('smollm2-135m-instruct');
  for (const { configuration, trace, metrics, text } of report.records) {
    expect(metrics.steps).toBeGreaterThan(0);
    expect(`${text.thinker}${text.writer}`).not.toBe('');
    expect((trace?.result.steps.length ?? 0) > 0).toBe(configuration === 'Asynchronous');
  }
});
