/** The Chat panel with the embedded model: what the engine says is asked, kept and taken apart for real. */
import { expect, test } from './fixtures.ts';
import { ChatPage } from './pages/chat-page.ts';
import { ModelPage } from './pages/model-page.ts';

const QUESTION = 'What is the capital of France?';

test('the embedded model answers with probabilities; it is stopped, regenerated, asked otherwise, and kept', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await page.goto('/?model=none#/chat');
  await expect(chat.panel).toContainText('Load a model first');
  const loading = page.evaluate(() =>
    window.duet?.loadModel('smollm2-135m-instruct', { kernelShape: 'threadPerRows', contextLength: 1024 }),
  );
  await loading;
  await new ModelPage(page).waitUntilReady();
  await chat.settingsButton.click();
  await chat.settings.getByRole('button', { name: /^Exact/ }).click();
  await chat.settings.getByRole('button', { name: /^Length/ }).click();
  await chat.settings.getByRole('textbox', { name: 'Answer at most' }).fill('12');
  await page.keyboard.press('Escape');
  await chat.tokensSwitch.click({ force: true });

  await chat.askAndWait(QUESTION);
  await expect(chat.answer).toContainText('Paris');
  const tokens = chat.answer.locator('[data-token]');
  expect(await tokens.count()).toBeGreaterThan(4);
  // The tokens are the answer's words.
  expect((await tokens.allTextContents()).join('')).toContain('Paris');
  await chat.answer.locator('[data-token]', { hasText: 'Paris' }).first().hover();
  await expect(chat.popover.locator('li')).toHaveCount(5);
  // Greedy: the likeliest one was taken.
  await expect(chat.popover.locator('li').first()).toHaveAttribute('data-taken', 'true');
  const firstNumber = await chat.popover.locator('strong').innerText();
  expect(Number.parseFloat(firstNumber)).toBeGreaterThan(20);
  await expect(chat.panel).toContainText(/\d+ of 1,024 tokens/);
  const greedy = await chat.answer.innerText();

  await chat.answers.getByRole('button', { name: 'Regenerate' }).click();
  await chat.untilAnswered();
  await expect(chat.versionsOf('answer')).toContainText('2 / 2');
  // Without chance another answer is the same one.
  expect(await chat.answer.innerText()).toBe(greedy);

  await chat.questions.first().getByRole('button', { name: 'Edit' }).click();
  await chat.messages.getByRole('textbox', { name: 'The question, edited' }).fill('What is the capital of Italy?');
  await chat.messages.getByRole('button', { name: 'Ask this instead' }).click();
  await chat.untilAnswered();
  await expect(chat.answer).toContainText('Rome');

  await chat.settingsButton.click();
  await chat.settings.getByRole('button', { name: /^Length/ }).click();
  await chat.settings.getByRole('textbox', { name: 'Answer at most' }).fill('400');
  await page.keyboard.press('Escape');
  await chat.ask('Tell me everything about Rome.');
  await expect(chat.answers.last().locator('[data-token]').nth(2)).toBeVisible();
  await chat.stopButton.click();
  await expect(chat.state).toContainText('Stopped');
  const written = await chat.answer.innerText();
  expect(written.trim()).not.toBe('');

  await page.reload();
  await expect(chat.answer).toHaveText(written, { useInnerText: true });
  await expect(chat.versionsOf('question')).toContainText('2 / 2');
  await chat.versionsOf('question').getByRole('button', { name: 'Version before' }).click();
  await expect(chat.answer).toContainText('Paris');
});
