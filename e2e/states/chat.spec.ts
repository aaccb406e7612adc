/** The Chat panel on the scripted engine: states of the page, no evidence of what a model says. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { storedText } from '../stored-text.ts';

const QUESTION = 'What is the capital of France?';

async function open(page: Page, state = ''): Promise<ChatPage> {
  const chat = new ChatPage(page);
  await chat.load(state);
  return chat;
}

test('a first question begins a conversation; versions of answers and questions stand beside each other', async ({
  page,
}) => {
  const chat = await open(page);
  await chat.starters.first().click();
  await chat.untilAnswered();
  await expect(chat.answer).toContainText('It lies on the Seine');
  await expect(chat.answer.locator('pre')).toHaveText('capitals = {"France": "Paris"}');
  await expect(chat.answers).toContainText(/s to the first.*tok\/s.*tokens/);
  await expect(chat.panel).toContainText(/\d+ of 2,048 tokens/);
  await expect(chat.row(QUESTION)).toBeVisible();

  await chat.answers.getByRole('button', { name: 'Regenerate' }).click();
  await chat.untilAnswered();
  await expect(chat.answer).toContainText('since the tenth century');
  await expect(chat.versionsOf('answer')).toContainText('2 / 2');
  await chat.askAndWait('And of Spain?');
  await chat.versionsOf('answer').getByRole('button', { name: 'Version before' }).click();
  await expect(chat.answer).toContainText('It lies on the Seine');
  await expect(chat.questions).toHaveCount(1);
  await chat.versionsOf('answer').getByRole('button', { name: 'Version after' }).click();
  await expect(chat.questions).toHaveCount(2);

  await chat.questions.last().getByRole('button', { name: 'Edit' }).click();
  const edit = chat.messages.getByRole('textbox', { name: 'The question, edited' });
  await expect(edit).toBeFocused();
  await edit.fill('And of Italy?');
  await edit.press('Enter');
  await chat.untilAnswered();
  await expect(chat.versionsOf('question')).toContainText('2 / 2');
  await chat.versionsOf('question').getByRole('button', { name: 'Version before' }).click();
  await expect(chat.questions.last()).toContainText('And of Spain?');
});

test('an answer is stopped with Escape and keeps its words; a reload keeps everything', async ({ page }) => {
  const chat = await open(page, 'chat-slow');
  await chat.ask(QUESTION);
  await expect(chat.answer).toContainText('The capital of');
  await expect(chat.sendButton).toBeHidden();
  await chat.input.press('Escape');
  await expect(chat.state).toContainText('Stopped');
  await expect(chat.answer).toContainText('The capital of');
  await chat.input.fill('A draft');
  await page.reload();
  await expect(chat.answer).toContainText('The capital of');
  await expect(chat.input).toHaveValue('A draft');
  await expect(chat.state).toContainText('Stopped');
});

test('a model that was not loaded is a failure here as on the other panels', async ({ page }) => {
  const chat = new ChatPage(page);
  await page.goto('/?engine=scripted&state=load-fails#/chat');
  await expect(chat.state).toContainText('Failed');
  await expect(chat.messages.getByRole('alert')).toContainText('The model was not loaded.');
  await looksWell(page, 'chat-not-loaded');
});

test('what is written while the page is left is there after the reload, as stopped', async ({ page }) => {
  const chat = await open(page, 'chat-slow');
  await chat.ask(QUESTION);
  await expect(chat.answer).toContainText('The capital of France');
  await page.reload();
  await expect(chat.questions).toContainText(QUESTION);
  await expect(chat.answers).toContainText('Stopped. What was written is kept.');
});

test('probabilities: on hover, by the arrow keys, as a table and as a file', async ({ page }) => {
  const chat = await open(page);
  await chat.askAndWait(QUESTION);
  await expect(chat.answer.locator('[data-token]')).toHaveCount(0);
  await chat.tokensSwitch.click({ force: true });
  const tokens = chat.answer.locator('[data-token]');
  await tokens.nth(2).hover();
  await expect(chat.popover).toContainText(/\u2423of.*%/);
  await expect(chat.popover.getByRole('listitem', { includeHidden: true })).toHaveCount(5);
  await page.mouse.move(5, 5);
  await expect(chat.popover).toBeHidden();

  await chat.tokenText.focus();
  await chat.tokenText.press('ArrowRight');
  await chat.tokenText.press('ArrowRight');
  await expect(chat.popover).toContainText('\u2423capital');
  await expect(chat.answer.getByRole('status')).toContainText(/capital: [\d.]+ %. Others: /);
  await chat.tokenText.blur();
  await expect(chat.popover).toBeHidden();

  await chat.answers.getByRole('button', { name: 'Table' }).click();
  await expect(chat.answer.getByRole('row', { name: /capital/ }).first()).toContainText('%');
  const download = page.waitForEvent('download');
  await chat.answers.getByRole('button', { name: 'CSV' }).click();
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv).toMatch(/^place,text,ln p,part,text 1,ln p 1,/);
  expect(csv).toContain('\r\n2, capital,-');
});

test('thoughts are closed above the answer, and can be switched off', async ({ page }) => {
  const chat = await open(page, 'chat-thinks');
  await chat.askAndWait(QUESTION);
  const thoughts = chat.answers.getByRole('button', { name: /^Thoughts/ });
  await expect(chat.messages).not.toContainText('one or two sentences');
  await thoughts.click();
  await expect(chat.messages).toContainText('one or two sentences');
  await expect(chat.answer).not.toContainText('one or two sentences');
  await chat.thinkingSwitch.click({ force: true });
  await chat.askAndWait('And now without?');
  await expect(chat.answers.last().getByRole('button', { name: /^Thoughts/ })).toHaveCount(0);
});

test('what a model cannot do is off, with the reason', async ({ page }) => {
  const chat = await open(page);
  await expect(chat.thinkingSwitch).toBeDisabled();
  await expect(chat.thinkingSwitch).toHaveAccessibleName(/template has no switch/);
  await expect(chat.adapterSwitch).toHaveAccessibleName(/No adapter is attached/);
  await chat.modelButton.click();
  await chat.modelDialog.getByRole('radio', { name: 'web-llm' }).check();
  await expect(chat.modelDialog).toContainText('Adapters: no. web-llm takes no LoRA adapters.');
  await chat.modelDialog.getByRole('radio', { name: 'A server' }).check();
  await page.keyboard.press('Escape');
  await expect(chat.adapterSwitch).toHaveAccessibleName(/own engine only/);
  await chat.input.fill('Hello');
  await expect(chat.sendButton).toBeDisabled();
  await expect(chat.panel).toContainText('Say first where the server is');
});

test('a server is asked with its key, which no storage and no file has', async ({ page }) => {
  const chat = await open(page);
  await chat.chooseServer({ model: 'qwen3:8b', key: 'sk-never-written' });
  await expect(chat.modelButton).toContainText('qwen3:8b at localhost:11434');
  await chat.askAndWait(QUESTION);
  await expect(chat.answers).toHaveAccessibleName('Answer by qwen3:8b at localhost:11434');
  expect(await chat.exported(QUESTION, 'Export all versions as JSON')).not.toContain('sk-never-written');
  expect(await storedText(page)).not.toContain('sk-never-written');
  await page.reload();
  await chat.modelButton.click();
  await expect(chat.modelDialog.getByLabel('Key', { exact: true })).toHaveValue('');
});

test('while another panel uses the engine, the chat says so', async ({ page }) => {
  const chat = await open(page);
  await page.getByRole('link', { name: 'Negotiation' }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('link', { name: 'Chat' }).click();
  await chat.input.fill('Hello');
  await expect(chat.sendButton).toBeDisabled();
  await expect(chat.panel).toContainText('a group negotiates in Negotiation');
});

test('an answer that fails says why in its place, keeps its words, and can be tried again', async ({ page }) => {
  const chat = await open(page, 'chat-fails');
  await chat.ask(QUESTION);
  const alert = chat.answers.getByRole('alert');
  await expect(alert).toContainText('The answer was broken off.');
  await expect(alert).toContainText('Choose a shorter context or a smaller model');
  await expect(chat.answer).toContainText('The capital of France is Paris.');
  await chat.load('chat-refused');
  await chat.list.getByRole('button', { name: 'New' }).click();
  await chat.ask('Again?');
  await expect(alert).toContainText('There is no answer.');
  await chat.answers.getByRole('button', { name: 'Try again' }).click();
  await chat.untilAnswered();
  // The empty one has given up its place.
  await expect(chat.versionsOf('answer')).toHaveCount(0);
});

test('an answer that was cut off is continued', async ({ page }) => {
  const chat = await open(page, 'chat-length');
  await chat.askAndWait(QUESTION);
  await expect(chat.answers).toContainText('Cut off at 512 tokens');
  await chat.answers.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.answer).toContainText('Ask about another country if you like. That was the rest of it.');
  await expect(chat.questions).toHaveCount(1);
});

test('an answer for which the context had no more room says so', async ({ page }) => {
  const chat = await open(page, 'chat-full');
  await chat.askAndWait(QUESTION);
  await expect(chat.answers).toContainText('The context is full. Begin a new conversation');
});

test('system prompt and presets are kept, and each answer says what it was made with', async ({ page }) => {
  const chat = await open(page);
  await chat.panel.getByRole('button', { name: /^System prompt/ }).click();
  await chat.panel.getByRole('textbox', { name: 'System prompt' }).fill('You answer briefly.');
  await chat.openSettings();
  await chat.settings.getByRole('button', { name: /^Exact/ }).click();
  await chat.closeSettings();
  await chat.load();
  await expect(chat.panel.getByRole('button', { name: /^System prompt/ })).toContainText('You answer briefly.');
  await chat.askAndWait(QUESTION);
  await expect(chat.answers).toContainText('0 temperature');
});

test('conversations: new, rename, delete with undo, out as files and back', async ({ page }) => {
  const chat = await open(page);
  await chat.askAndWait(QUESTION);
  await chat.menu(QUESTION, 'Rename');
  await chat.list.getByRole('textbox', { name: 'New name' }).fill('Capitals');
  await chat.list.getByRole('textbox', { name: 'New name' }).press('Enter');
  await expect(chat.row('Capitals')).toBeVisible();
  const json = await chat.exported('Capitals', 'Export all versions as JSON');
  expect(JSON.parse(json)).toMatchObject({ format: 'duet-chat-1', conversation: { name: 'Capitals' } });
  const markdown = await chat.exported('Capitals', 'Export what is shown as Markdown');
  expect(markdown).toMatch(/^# Capitals\n\n## You\n\nWhat is the capital of France\?\n\n## SmolLM2 135M Instruct/);

  await chat.list.getByRole('button', { name: 'New' }).click();
  await expect(chat.starters).toHaveCount(3);
  await chat.askAndWait('Another one?');
  await chat.menu('Capitals', 'Delete');
  await expect(chat.row('Capitals')).toHaveCount(0);
  await chat.list.getByRole('button', { name: 'Undo' }).click();
  await expect(chat.questions).toContainText(QUESTION);
  await chat.menu('Another one?', 'Delete');
  await expect(chat.list.getByRole('status')).toContainText('Deleted');
  await page.reload();
  await expect(chat.row('Capitals')).toBeVisible();
  await expect(chat.row('Another one?')).toHaveCount(0);

  for (const [text, why] of [
    ['{"format":', 'is not complete JSON'],
    ['{"format":"async-trace-1"}', 'is no conversation of Duet'],
    [json.replace('"role":"user"', '"role":"system"'), 'conversation.messages.0.role'],
  ] as const) {
    await chat.importText('bad.json', text);
    await expect(chat.list.getByRole('alert')).toContainText('“bad.json” was not imported. Nothing was changed.');
    await expect(chat.list.getByRole('alert')).toContainText(why);
  }
  await chat.importText('good.json', json);
  await expect(chat.list.getByRole('status')).toContainText('Imported “Capitals”.');
  await expect(chat.row('Capitals')).toHaveCount(2);
});

test('a damaged entry is reported and left as it is, and takes nothing with it when it goes', async ({ page }) => {
  const damagedId = 'feedfacefeedface';
  const chat = await open(page);
  await chat.askAndWait(QUESTION);
  const exported = JSON.parse(await chat.exported(QUESTION, 'Export all versions as JSON'));
  await expect
    .poll(() => page.evaluate(async () => (await indexedDB.databases()).some(({ name }) => name === 'duet-chats')))
    .toBe(true);
  await page.evaluate(async (id) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('duet-chats');
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(new Error('not opened')));
    });
    const transaction = database.transaction(['chats', 'summaries'], 'readwrite');
    transaction.objectStore('chats').put({ format: 'strange' }, id);
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    database.close();
  }, damagedId);
  await page.reload();
  await expect(chat.list.getByRole('alert')).toContainText('A conversation cannot be read.');
  await expect(chat.answer).toContainText('Paris');
  await page.reload();
  await expect(chat.list.getByRole('alert')).toContainText('It was left as it is.');
  // A good copy of it, from a file, is another entry.
  const copy = { ...exported, conversation: { ...exported.conversation, id: damagedId, name: 'The copy' } };
  await chat.importText('copy.json', JSON.stringify(copy));
  await expect(chat.list.getByRole('status')).toContainText('Imported “The copy”.');
  await chat.list.getByRole('button', { name: 'Delete it' }).click();
  await expect(chat.list.getByRole('alert')).toHaveCount(0);
  await page.reload();
  await expect(chat.row('The copy')).toBeVisible();
});

test('thousands of tokens: old messages are not drawn again, and the reader may scroll up', async ({ page }) => {
  const chat = await open(page, 'chat-long');
  await chat.tokensSwitch.click({ force: true });
  await chat.askAndWait(QUESTION);
  await expect.poll(() => chat.answer.locator('[data-token]').count()).toBeGreaterThan(2000);
  const changed = await page.evaluateHandle(() => {
    const seen = { count: 0 };
    const first = document.querySelector('.message--answer .answer-tokens__text');
    if (first === null) throw new Error('No answer is drawn token by token.');
    new MutationObserver((records) => (seen.count += records.length)).observe(first, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
    return seen;
  });
  await chat.ask('And again?');
  await expect(chat.answers).toHaveCount(2);
  await chat.messages.hover();
  await page.mouse.wheel(0, -4000);
  await expect(chat.newestButton).toBeVisible();
  await chat.untilAnswered();
  expect(await changed.evaluate(({ count }) => count)).toBe(0);
  await chat.newestButton.click();
  await expect(chat.newestButton).toBeHidden();
});

test('on a phone the conversations are in a drawer, which goes once one is chosen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const chat = await open(page);
  await chat.askAndWait(QUESTION);
  await chat.panel.getByRole('button', { name: 'Conversations' }).click();
  const drawer = page.getByRole('dialog', { name: 'Conversations' });
  await expect(drawer.getByRole('button', { name: /^What is/ })).toBeVisible();
  await looksWell(page, 'chat-drawer');
  await drawer.getByRole('button', { name: 'New' }).click();
  await expect(drawer).toBeHidden();
  await expect(chat.starters).toHaveCount(3);
});

const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async empty(page) {
    await open(page);
  },
  async conversation(page) {
    const chat = await open(page, 'chat-thinks');
    await chat.askAndWait(QUESTION);
    await chat.answers.getByRole('button', { name: 'Regenerate' }).click();
    await chat.untilAnswered();
    await chat.askAndWait('Pneumonoultramicroscopicsilicovolcanoconiosis'.repeat(6));
    await chat.answers
      .first()
      .getByRole('button', { name: /^Thoughts/ })
      .click();
  },
  async probabilities(page) {
    const chat = await open(page);
    await chat.tokensSwitch.click({ force: true });
    await chat.askAndWait(QUESTION);
    await chat.answer.locator('[data-token="4"]').click();
    await expect(chat.popover).toBeVisible();
  },
  async failed(page) {
    const chat = await open(page, 'chat-fails');
    await chat.ask(QUESTION);
    await expect(chat.answers.getByRole('alert')).toBeVisible();
  },
  async 'model-dialog'(page) {
    const chat = await open(page);
    await chat.modelButton.click();
    await chat.modelDialog.getByRole('radio', { name: 'A server' }).check();
  },
};

for (const [name, bring] of Object.entries(SCREENS)) {
  test(`${name}: nothing is cut off, and no accessibility rule is broken in either look`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await bring(page);
    await looksWell(page, `chat-${name}`);
  });
}
