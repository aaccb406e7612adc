/** The Chat panel with a server that is set in it: answers come as they are written, fail, and leave no key behind. */
import { piece, type ServerStep, startChatServer, STREAM, WHOLE } from '../src/testing/chat-server.ts';
import { expect, test } from './fixtures.ts';
import { ChatPage } from './pages/chat-page.ts';
import { storedText } from './stored-text.ts';

// What a browser prints of answers that are no good, whoever deals with them.
test.use({ allowedErrors: [/Failed to load resource/] });

const KEY = 'sk-very-secret-123';

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
    await chat.chooseServer({ url: server.url, model: 'tiny', key: KEY });

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
    const exported = await chat.exported('Is it written?', 'Export all versions as JSON');
    // Written a moment after it is said.
    await expect.poll(() => storedText(page)).toContain('Yes, it is.');
    for (const text of [exported, await storedText(page)]) {
      expect(text).toContain(new URL(server.url).host);
      expect(text).not.toContain(KEY);
    }
  } finally {
    await server.close();
  }
});
