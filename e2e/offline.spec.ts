import type { Server } from 'node:http';
import type { Page } from '@playwright/test';
import { createStaticServer, listen } from '../scripts/serve.mjs';
import { duet, expect, test as base } from './fixtures.ts';
import { linkBuild, type LinkedBuild } from './linked-build.ts';
import { looksWell } from './looks-well.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { DocumentsPage } from './pages/documents-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { RunsPage } from './pages/runs-page.ts';

const MODEL = '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const DESKTOP = { width: 1280, height: 720 };
const KEPT_MS = 60_000;

/** Serves a build of the test's own, at an origin of its own, and can be stopped. */
class OwnServer {
  readonly build: LinkedBuild = linkBuild();
  /** Addresses, with the range where one was asked for. */
  readonly asked: string[] = [];
  #server: Server | null = null;

  async start(): Promise<string> {
    const server = createStaticServer(this.build.folder);
    server.on('request', ({ url, headers }) => this.asked.push([url, headers.range].join(' ').trim()));
    this.#server = server;
    return listen(server, { port: 0, host: 'localhost' });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
}

const test = base.extend<{ own: OwnServer }>({
  own: async ({ page }, provide) => {
    const own = new OwnServer();
    await provide(own);
    // The page is left before its server is.
    await page.close();
    await own.stop();
    own.build.remove();
  },
});

test.use({ serviceWorkers: 'allow' });

async function pageKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: KEPT_MS });
}

test.describe('without a server', () => {
  // It is stopped on purpose.
  test.use({ allowedErrors: [/net::ERR_/] });

  test('after the first visit all is there without a server: page, isolation, model, recordings', async ({
    page,
    own,
  }) => {
    const url = await own.start();
    // A visit that loads no model keeps the page only, and says so.
    await page.goto(`${url}?model=none`);
    await pageKept(page);
    const model = new ModelPage(page);
    await model.openChooser('Storage');
    await expect(model.offline).toContainText('Not ready offline.');
    await expect(model.offline).toContainText('The embedded model, 98.4 MB, is not kept here.');
    const modelRequests = (): string[] => own.asked.filter((asked) => asked.startsWith(MODEL));
    expect(modelRequests()).toEqual([]);
    // Parts of it come past the service worker, which is in between by now.
    const part = await page.evaluate(async (address) => {
      const response = await fetch(address, { headers: { range: 'bytes=0-3' } });
      return [response.status, response.headers.get('content-range'), await response.text()];
    }, MODEL);
    expect(part).toEqual([206, 'bytes 0-3/98362432', 'GGUF']);
    await model.offline.getByRole('button', { name: 'Keep it' }).click();
    await expect(model.offline).toContainText('Ready offline.');
    await expect(model.chooser.getByRole('button', { name: 'Ready offline' })).toBeVisible();
    await looksWell(page, 'offline-ready');
    await page.setViewportSize(DESKTOP);
    // Once, and by nobody else.
    expect(modelRequests()).toEqual([`${MODEL} bytes=0-3`, MODEL]);

    await own.stop();
    await page.goto(`${url}?kernels=threadPerRows`);
    await model.waitUntilReady();
    expect(await page.evaluate(() => [crossOriginIsolated, isSecureContext])).toEqual([true, true]);
    const api = await duet(page);
    const { text } = await api.evaluate((d) =>
      d.generate({ messages: [{ role: 'user', content: 'What is the capital of France?' }], maxNewTokens: 16 }),
    );
    expect(text).toBe('The capital of France is Paris.');

    const panel = new AsyncReasoningPage(page);
    const runs = new RunsPage(page);
    await runs.watchLinks.first().click();
    await runs.speed.selectOption('at once');
    await expect(panel.state).toContainText('Replay ended');
    await expect(panel.answer).not.toBeEmpty();

    const documents = new DocumentsPage(page);
    await page.goto(`${url}docs/workshop.html`);
    await expect(documents.title).toContainText('workshop', { ignoreCase: true });
    // The page whose address names a file of a folder is no file.
    await page.goto(`${url}?model=${MODEL.replace('.gguf', '.other.gguf')}`);
    await expect(panel.input).toBeVisible();
  });
});

test('a newer version is told of, waits until it is asked in, and keeps what was typed', async ({ page, own }) => {
  const url = await own.start();
  // Looked at across the reload, so it is no call into the page.
  const newer = page.locator('meta[name=version-of-test][content="2222222222222222"]');
  await page.goto(`${url}?model=none`);
  await pageKept(page);
  const panel = new AsyncReasoningPage(page);
  const { updateNotice } = new ModelPage(page);

  own.build.publish('2222222222222222');
  await page.reload();
  await expect(updateNotice).toContainText('A newer version of Duet is ready.');
  await looksWell(page, 'update-notice');
  await page.setViewportSize(DESKTOP);
  await updateNotice.getByRole('button', { name: 'Later' }).click();
  await expect(updateNotice).toBeHidden();
  // Loading the page again is not enough: the kept version is shown until the new one is asked in.
  await page.reload();
  await expect(updateNotice).toBeVisible();
  await expect(newer).toHaveCount(0);
  await panel.input.fill('Why is the sky blue?');
  // What another tab loads later has to be of the version that runs there.
  const other = await page.context().newPage();
  await other.goto(`${url}?model=none`);
  await updateNotice.getByRole('button', { name: 'Reload' }).click();
  await expect(updateNotice).toContainText('Close the other tabs of Duet');
  await expect(newer).toHaveCount(0);
  await other.close();
  await updateNotice.getByRole('button', { name: 'Reload' }).click();
  await expect(newer).toHaveCount(1);
  await expect(panel.input).toHaveValue('Why is the sky blue?');
  await expect(updateNotice).toBeHidden();
});

test('the page can be installed: its manifest and icons are what Chromium wants', async ({ page, own }) => {
  await page.goto(`${await own.start()}?model=none`);
  await pageKept(page);
  const session = await page.context().newCDPSession(page);
  const { errors, data } = await session.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? '')).toMatchObject({ name: 'Duet', start_url: '/', display: 'standalone' });
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // Every page of a test is in a private window.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
});
