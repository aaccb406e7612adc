/** The Chat panel with the embedded model: what the engine says is asked, kept and taken apart for real. */
import { duet, expect, test } from './fixtures.ts';
import { ChatPage } from './pages/chat-page.ts';
import { ModelPage } from './pages/model-page.ts';

const QUESTION = 'What is the capital of France?';
const OTHER = 'Tell me everything about Rome.';

test('the embedded model answers with probabilities; it is stopped, regenerated, asked otherwise, and kept', async ({
  page,
}) => {
  const chat = new ChatPage(page);
  await page.goto('/?model=none#/chat');
  await expect(chat.panel).toContainText('Load a model first');
  const api = await duet(page);
  // A named kernel shape: nothing is measured in tests.
  const options = { kernelShape: 'threadPerRows', contextLength: 1024 } as const;
  await api.evaluate((d, load) => d.loadModel('smollm2-135m-instruct', load), options);
  await new ModelPage(page).waitUntilReady();
  await chat.openSettings();
  await chat.settings.getByRole('button', { name: /^Exact/ }).click();
  await chat.closeSettings();
  await chat.limitAnswers(8);
  await chat.tokensSwitch.check({ force: true });

  await chat.askAndWait(QUESTION);
  await expect(chat.answer).toContainText('Paris');
  const tokens = chat.tokenText.locator('[data-token]');
  expect(await tokens.count()).toBeGreaterThan(4);
  // The tokens are the answer's words.
  expect((await tokens.allTextContents()).join('')).toContain('Paris');
  await chat.tokenText.locator('[data-token]', { hasText: 'Paris' }).first().hover();
  await expect(chat.popover.locator('li')).toHaveCount(5);
  // Greedy: the likeliest one was taken.
  await expect(chat.popover.locator('li').first()).toHaveAttribute('data-taken', 'true');
  const firstNumber = await chat.popover.locator('strong').innerText();
  expect(Number.parseFloat(firstNumber)).toBeGreaterThan(20);
  await expect(chat.panel).toContainText(/\d+ of 1,024 tokens/);

  await chat.limitAnswers(3);
  await chat.questions.first().getByRole('button', { name: 'Edit' }).click();
  await chat.messages.getByRole('textbox', { name: 'The question, edited' }).fill(OTHER);
  await chat.messages.getByRole('button', { name: 'Ask this instead' }).click();
  await chat.untilAnswered();
  const written = await chat.tokenText.innerText();
  expect(written.trim()).not.toBe('');
  // The model is asked this question alone: what went before belongs to the other version.
  const messages = [
    { role: 'user', content: OTHER },
    { role: 'assistant', content: written.trim() },
  ] as const;
  const numTokens = await api.evaluate(
    async (d, said) => (await d.applyChatTemplate(said, { addGenerationPrompt: false })).tokenIds.length,
    messages,
  );
  await expect(chat.panel).toContainText(`${numTokens} of 1,024 tokens`);

  // Without chance another answer is the same one, as far as it comes.
  await chat.limitAnswers(400);
  await chat.answers.getByRole('button', { name: 'Regenerate' }).click();
  await expect(tokens.nth(2)).toBeVisible();
  await chat.stopButton.click();
  await expect(chat.state).toContainText('Stopped');
  await expect(chat.versionsOf('answer')).toContainText('2 / 2');
  const stopped = await chat.tokenText.innerText();
  expect(stopped.startsWith(written)).toBe(true);

  // Kept without a model too.
  await page.reload();
  await expect(chat.tokenText).toHaveText(stopped, { useInnerText: true });
  await expect(chat.versionsOf('question')).toContainText('2 / 2');
  await chat.versionsOf('question').getByRole('button', { name: 'Version before' }).click();
  await expect(chat.answer).toContainText('Paris');
});
