/** Comparison and calibration on the page, with the embedded model; another one is on a server of this machine. */
import { piece, startChatServer, STREAM, WHOLE } from '../src/testing/chat-server.ts';
import { duet, expect, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { CalibrationPage, ComparisonPage } from './pages/comparison-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { SettingsPage } from './pages/settings-page.ts';

test('one click compares ways of answering, and a calibration finds a threshold under which the writer writes', async ({
  page,
}) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open('?kernels=threadPerRows');
  await new ModelPage(page).waitUntilReady();
  const settings = new SettingsPage(page);
  await settings.open();
  await (await settings.field('Budget')).fill('16');
  await (await settings.field('Thought budget')).fill('8');
  await (await settings.field('Yes bias')).fill('0');
  await page.keyboard.press('Tab');
  await settings.close();

  const server = await startChatServer(() => [
    STREAM,
    { send: piece({ reasoning_content: 'Hm' }) },
    { waitMs: 300 },
    { send: piece({ content: 'It is Paris.' }) + WHOLE },
  ]);
  try {
    const comparison = new ComparisonPage(page);
    await comparison.open();
    await comparison.question.fill('What is the capital of France?');
    await comparison.way('Interleaved').uncheck();
    await comparison.addServer('small', server.url);
    await comparison.runButton.click();
    await expect(comparison.progress).toBeVisible();
    await comparison.waitUntilComplete(240_000);
    const first = await comparison.figures('First token');
    expect(first).toHaveLength(4);
    for (const text of first) expect(Number.parseFloat(text.replace(/^.*best: /, ''))).toBeGreaterThan(0);
    const [, thinkFirst] = await comparison.figures('Tokens thought');
    expect(thinkFirst).toContain('8');
    await expect(comparison.context).toContainText(/SmolLM2|smollm2/);
    await expect(comparison.answer('Another model: small, at 127.0.0.1')).toContainText('It is Paris.');
    expect(server.asked.map(({ body }) => body)).toMatchObject([
      { model: 'small', messages: [{ role: 'user', content: 'What is the capital of France?' }], max_tokens: 16 },
    ]);
    await comparison.close();
  } finally {
    await server.close();
  }

  const calibration = new CalibrationPage(page);
  await calibration.open();
  await calibration.dialog.getByRole('button', { name: 'Remove question 3' }).click();
  await calibration.dialog.getByRole('button', { name: 'Remove question 2' }).click();
  await calibration.dialog.getByLabel('Steps per question').fill('20');
  await calibration.runButton.click();
  await calibration.useButton.click({ timeout: 240_000 });
  await calibration.dialog.getByRole('button', { name: 'Done' }).click();
  const api = await duet(page);
  const threshold = await panel.marginThreshold.getAttribute('aria-valuenow');
  expect(Number(threshold)).toBeLessThan(0);
  expect(await api.evaluate((d) => d.tokenize('yes'))).toEqual([10_407]);
});
