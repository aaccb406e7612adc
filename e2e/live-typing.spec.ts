/** Typing, editing, remarks and turns on the page, with the embedded model. */
import type { Page } from '@playwright/test';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { LONG_TASK_MS, watchLongTasks } from './long-tasks.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';

const EMBEDDED = '?kernels=threadPerRows';
async function opened(page: Page): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(EMBEDDED);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

test('an edit in the middle says which thoughts it affects, a remark is answered, a follow-up goes on; nothing stutters', async ({
  browser,
  page,
}) => {
  const panel = await opened(page);
  const api = await duet(page);
  const longTasks = await watchLongTasks(browser, page);
  await panel.type('What is the capital of France and why ', 60);
  // Some thoughts about France.
  await expect.poll(() => panel.numberOf('Thoughts', 'tokens'), { timeout: 60_000 }).toBeGreaterThan(3);
  for (let i = 0; i < 'France and why '.length; i++) await panel.input.press('Backspace');
  await panel.type('Italy?', 60);
  await expect(panel.affectedNote).toContainText(/formed on text you have changed/);
  await panel.send();
  await expect(panel.state).toContainText(/writing/i);
  await expect(panel.answer).toContainText(/\w+ \w+/);

  await panel.pauseButton.click();
  await expect(panel.state).toContainText(/paused/i);
  const paused = await panel.numberOf('Answer', 'tokens');
  await panel.remark.fill('Answer in one word.');
  await panel.remark.press('Enter');
  await panel.resumeButton.click();
  await expect(page.getByText('Answer in one word.').first()).toBeVisible();
  await expect.poll(() => panel.numberOf('Answer', 'tokens'), { timeout: 120_000 }).toBeGreaterThan(paused ?? 0);
  // A small model may go on for long.
  await api.evaluate((d) => d.updateSettings({ budget: 30 }));

  await expect(panel.state).toContainText(/answered|budget/i, { timeout: 240_000 });
  await expect(panel.answer).toContainText(/Rom|Ital/);
  await panel.type('And of Spain?', 60);
  await panel.send();
  await expect(panel.turns).toHaveCount(1);
  await expect(panel.turns.first()).toContainText(/Rom|Ital/);
  await expect(panel.answer).toContainText(/\w+/, { timeout: 120_000 });
  expect((await longTasks()).ours, `calls over ${LONG_TASK_MS} ms`).toEqual([]);
  await panel.stopButton.click();
});

test('2,000 pasted words are read in pieces until a shorter text takes their place; emoji and composed text as written', async ({
  browser,
  page,
}) => {
  const panel = await opened(page);
  const longTasks = await watchLongTasks(browser, page);
  const words = Array.from({ length: 2000 }, (_, i) => ['sheep', 'grass', 'river', 'stone'][i % 4]).join(' ');
  await panel.input.fill(words);
  await expect(panel.reading).toBeVisible();
  await expect.poll(async () => Number(await panel.reading.getAttribute('aria-valuenow'))).toBeGreaterThan(0);
  await panel.input.fill('Name three fruits.');
  await panel.send();
  await expect(panel.state).toContainText(/writing/i, { timeout: 120_000 });
  await expect(panel.answer).toContainText(/\w+/, { timeout: 120_000 });
  expect((await longTasks()).ours, `calls over ${LONG_TASK_MS} ms`).toEqual([]);
  await panel.newQuestionButton.click();
  await expectReadAsWritten(page, panel);
});

/** Emoji, text from right to left, and text that an input method composes. */
async function expectReadAsWritten(page: Page, panel: AsyncReasoningPage): Promise<void> {
  const api = await duet(page);
  const text = 'מה בירת צרפת? 🇫🇷 日本語';
  await panel.input.fill(text);
  await panel.send();
  await expect(panel.state).toContainText(/writing/i, { timeout: 120_000 });
  const trace = await api.evaluate((d) => d.traceSoFar());
  const ids = trace?.setup.events.flatMap((event) =>
    event.kind === 'append_input' || event.kind === 'edit_input' ? [...event.ids] : [],
  );
  expect(await api.evaluate((d, input) => d.detokenize(input), ids ?? [])).toBe(`${text}\n`);

  await panel.newQuestionButton.click();
  // An input method composes: nothing of it is final, and Enter ends the composition, not the question.
  const session = await page.context().newCDPSession(page);
  await panel.input.focus();
  await session.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 });
  await expect(panel.input).toHaveValue('にほ');
  await page.waitForTimeout(1500);
  expect(await api.evaluate((d) => d.traceSoFar().then((found) => found?.setup.events.length ?? 0))).toBe(0);
  await session.send('Input.insertText', { text: '日本は？' });
  await expect(panel.input).toHaveValue('日本は？');
  await expect(panel.thoughts).not.toBeEmpty({ timeout: 60_000 });
}

test('a question that is sent whole, as a suggestion is, is answered once', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open('?model=none');
  const api = await duet(page);
  await loadTinyModel(api, { contextLength: 2048 });
  await panel.firstQuestions.first().click();
  await expect.poll(() => panel.numberOf('Thoughts', 'tokens')).toBeGreaterThan(0);
  // Another turn would begin at once behind the first.
  await api.evaluate((d) => d.updateSettings({ budget: 16 }));
  await expect(panel.followUp).toBeVisible();
  // What was handed over is taken before the engine stops.
  await panel.stopButton.click();
  await expect(panel.stopButton).toBeDisabled();
  await expect(panel.turns).toHaveCount(0);
});
