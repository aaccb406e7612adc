/** The Chat panel with a server that is set in it: answers come as they are written, fail, and leave no key behind. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { piece, type ServerStep, startChatServer, STREAM, WHOLE } from '../src/testing/chat-server.ts';
import { expect, test } from './fixtures.ts';
import { ChatPage } from './pages/chat-page.ts';

// What a browser prints of answers that are no good, whoever deals with them.
test.use({ allowedErrors: [/Failed to load resource/] });

const KEY = 'sk-very-secret-123';

/** Everything that the page has put into the browser's storage, as text. */
function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error('It cannot be read.')));
      });
    const found: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage)];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      for (const store of database.objectStoreNames)
        found.push(await settled(database.transaction(store).objectStore(store).getAll()));
      database.close();
    }
    return JSON.stringify(found);
  });
}

test('a server is chosen, asked, stopped, fails and is asked again; its key is nowhere but in its requests', async ({
  page,
}) => {
  const plays: readonly (readonly ServerStep[])[] = [
    [STREAM, { send: piece({ content: 'It is wri' }) }, { send: piece({ content: 'tten' }) }, { waitMs: 60_000 }],
    [{ status: 401 }, { send: JSON.stringify({ error: { message: `no such key: ${KEY}` } }) }],
    [STREAM, { send: piece({ content: 'Yes, ' }) }, { send: piece({ content: 'it is.' }) + WHOLE }],
  ];
  const server = await startChatServer((_asked, index) => plays[index] ?? [{ status: 404 }]);
  try {
    const chat = new ChatPage(page);
    await page.goto('/?model=none#/chat');
    await chat.modelButton.click();
    await chat.modelDialog.getByRole('radio', { name: 'A server' }).check();
    await chat.modelDialog.getByRole('textbox', { name: 'Address' }).fill(server.url);
    await chat.modelDialog.getByRole('textbox', { name: 'Model' }).fill('tiny');
    await chat.modelDialog.getByLabel('Key', { exact: true }).fill(KEY);
    await page.keyboard.press('Escape');

    await chat.ask('Is it written?');
    // The answer is shown while the server is still at it.
    await expect(chat.answer).toHaveText('It is written');
    await chat.stopButton.click();
    await expect(chat.state).toContainText('Stopped');
    await expect.poll(server.numAborted).toBe(1);
    await expect(chat.answer).toHaveText('It is written');

    await chat.ask('Is it?');
    const alert = chat.answers.last().getByRole('alert');
    await expect(alert).toContainText('There is no answer.');
    await expect(alert).toContainText('HTTP 401: no such key: [key]');
    await expect(alert).toContainText('check address, model name and key');
    await chat.answers.last().getByRole('button', { name: 'Try again' }).click();
    await chat.untilAnswered();
    await expect(chat.answer).toHaveText('Yes, it is.');

    expect(server.asked.map(({ authorization }) => authorization)).toEqual(Array(3).fill(`Bearer ${KEY}`));
    expect(server.asked[2]?.body).toMatchObject({
      model: 'tiny',
      messages: [
        { role: 'user', content: 'Is it written?' },
        { role: 'assistant', content: 'It is written' },
        { role: 'user', content: 'Is it?' },
      ],
    });
    const download = page.waitForEvent('download');
    await chat.menu('Is it written?', 'Export all versions as JSON');
    const exported = await readFile(await (await download).path(), 'utf8');
    // Written a moment after it is said.
    await expect.poll(() => stored(page)).toContain('Yes, it is.');
    for (const text of [exported, await stored(page)]) {
      expect(text).toContain(new URL(server.url).host);
      expect(text).not.toContain(KEY);
    }
  } finally {
    await server.close();
  }
});
