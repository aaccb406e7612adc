/** The Chat panel without a mouse, and in two tabs, on the scripted engine. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { ChatPage } from '../pages/chat-page.ts';

const QUESTION = 'What is the capital of France?';

async function open(page: Page, state = ''): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.load(state);
  return chat;
}

test('the keyboard is never left nowhere: another answer, an edit, a version, a token, a deletion', async ({
  page,
}) => {
  const chat = await open(page);
  await chat.askAndWait(QUESTION);
  await chat.answers.getByRole('button', { name: 'Regenerate' }).press('Enter');
  await expect(chat.input).toBeFocused();
  await chat.untilAnswered();
  const before = chat.versionsOf('answer').getByRole('button', { name: 'Version before' });
  await before.press('Enter');
  await expect(chat.versionsOf('answer')).toContainText('1 / 2');
  await expect(before).toBeFocused();
  const edit = chat.questions.first().getByRole('button', { name: 'Edit' });
  await edit.press('Enter');
  await page.keyboard.press('Escape');
  await expect(edit).toBeFocused();

  await chat.tokensSwitch.click({ force: true });
  await chat.tokenText.press('ArrowRight');
  await expect(chat.popover).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chat.popover).toBeHidden();
  await expect(chat.tokenText).toBeFocused();

  await chat.panel.getByRole('button', { name: 'To the text box' }).press('Enter');
  await expect(chat.input).toBeFocused();
  await chat.menu(QUESTION, 'Delete');
  await expect(chat.list.getByRole('button', { name: 'Undo' })).toBeFocused();
});

test('Escape stops from nowhere too, and an answer without a word says so', async ({ page }) => {
  const chat = await open(page, 'chat-slow');
  await chat.ask(QUESTION);
  await chat.state.click();
  await page.keyboard.press('Escape');
  await expect(chat.answers).toContainText('Stopped before the first word of the answer.');
  await expect(chat.answers.getByRole('button', { name: 'Copy the answer' })).toHaveCount(0);
});

test('two tabs with the same conversation: what is said in one is there in the other, and nothing is lost', async ({
  page,
  context,
}) => {
  const first = await open(page);
  await first.askAndWait(QUESTION);
  const second = await open(await context.newPage());
  await expect(second.questions).toContainText(QUESTION);
  await first.askAndWait('From the first?');
  await expect(second.questions.last()).toContainText('From the first?');
  await second.askAndWait('From the second?');
  await expect(first.questions.last()).toContainText('From the second?');
  await second.menu(QUESTION, 'Delete');
  await expect(first.starters).toHaveCount(3);
  await second.list.getByRole('button', { name: 'Undo' }).click();
  await expect(first.row(QUESTION)).toBeVisible();
  await page.reload();
  await first
    .row(QUESTION)
    .getByRole('button', { name: /^What is/ })
    .click();
  await expect(first.questions).toHaveCount(3);
});
