import type { Server } from 'node:http';
import type { Page } from '@playwright/test';
import { createStaticServer, listen } from '../scripts/serve.mjs';
import { duet, expect, test } from './fixtures.ts';
import { linkBuild, type LinkedBuild } from './linked-build.ts';
import { looksWell } from './looks-well.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';

/** The real service worker, on a server and an origin of the test's own. */
class OwnServer {
  readonly build: LinkedBuild = linkBuild();
  readonly asked: string[] = [];
  #server: Server | null = null;
  #url = '';

  async start(): Promise<string> {
    this.#server = createStaticServer(this.build.folder);
    this.#server.on('request', ({ url, headers }) => this.asked.push(`${url ?? ''} ${headers.range ?? ''}`.trim()));
    // The second time on the same port: the page keeps its origin.
    const port = this.#url === '' ? 0 : Number(new URL(this.#url).port);
    this.#url = await listen(this.#server, { port, host: 'localhost' });
    return this.#url;
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

const base = test.extend<{ own: OwnServer }>({
  own: async ({ page }, provide) => {
    const own = new OwnServer();
    await provide(own);
    // The page is left before its server is.
    await page.close();
    await own.stop();
    own.build.remove();
  },
});

base.use({
  serviceWorkers: 'allow',
  // The server is stopped on purpose.
  allowedErrors: [/net::ERR_/],
});

const kernels = '?kernels=threadPerRows';

async function pageKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

async function openStorage(page: Page): Promise<ModelPage> {
  const model = new ModelPage(page);
  await model.openChooser('Storage');
  return model;
}

base(
  'after the first visit everything is there without a server: page, isolation, model, recordings',
  async ({ page, own }) => {
    const url = await own.start();
    // A visit that loads no model keeps the page only, and says so.
    await page.goto(`${url}?model=none`);
    await pageKept(page);
    const first = await openStorage(page);
    await expect(first.offline).toContainText('Not ready offline.');
    await expect(first.offline).toContainText('The embedded model, 98.4 MB, is not kept here.');
    await looksWell(page, 'offline-missing');
    expect(own.asked.filter((asked) => asked.startsWith('/models/'))).toEqual([]);
    // Cancelled in the middle, and gone on with: by ranges, past the service worker.
    await first.offline.getByRole('button', { name: 'Keep it' }).click();
    await expect(first.offline).toContainText(/Fetching the embedded model: [1-9]/);
    await first.offline.getByRole('button', { name: 'Cancel keeping' }).click();
    await expect(first.offline).toContainText(/Of the embedded model [\d.]+ MB of 98.4 MB are here\./);
    await first.offline.getByRole('button', { name: 'Fetch it' }).click();
    await expect(first.offline).toContainText('Ready offline.');
    await expect(first.chooser.getByRole('button', { name: 'Ready offline' })).toBeVisible();
    await looksWell(page, 'offline-ready');
    expect(own.asked.filter((asked) => /^\/models\/.*bytes=\d+-$/.test(asked))).toHaveLength(1);

    await own.stop();
    await page.goto(`${url}${kernels}`);
    const model = new ModelPage(page);
    await model.waitUntilReady();
    expect(await page.evaluate(() => [crossOriginIsolated, isSecureContext])).toEqual([true, true]);
    const api = await duet(page);
    const { text } = await api.evaluate((d) =>
      d.generate({ messages: [{ role: 'user', content: 'What is the capital of France?' }], maxNewTokens: 16 }),
    );
    expect(text).toBe('The capital of France is Paris.');
    await model.openChooser('Storage');
    await expect(model.offline).toContainText('Ready offline.');
    await page.keyboard.press('Escape');

    const panel = new AsyncReasoningPage(page);
    await page
      .getByRole('button', { name: /recorded/i })
      .first()
      .click();
    await page.getByRole('menuitem').first().click();
    await expect(panel.state).toContainText('Replay');
  },
);

base(
  'a newer version waits until it is asked in, keeps what was typed, and is told to be there',
  async ({ page, own }) => {
    const url = await own.start();
    const version = (): Promise<string | null> =>
      page.evaluate(() => document.querySelector('meta[name=version-of-test]')?.getAttribute('content') ?? null);
    await page.goto(`${url}?model=none`);
    await pageKept(page);
    const panel = new AsyncReasoningPage(page);
    const model = new ModelPage(page);

    own.build.publish('2222222222222222');
    await page.reload();
    await expect(model.updateNotice).toContainText('A newer version of Duet is ready.');
    await looksWell(page, 'update-notice');
    await page.setViewportSize({ width: 1280, height: 720 });
    expect(await version()).toBeNull();
    await model.updateNotice.getByRole('button', { name: 'Later' }).click();
    await expect(model.updateNotice).toBeHidden();
    // Loading the page again is not enough: the kept version is shown until the new one is asked in.
    await page.reload();
    await expect(model.updateNotice).toBeVisible();
    expect(await version()).toBeNull();
    await panel.input.fill('Why is the sky blue?');
    await model.updateNotice.getByRole('button', { name: 'Reload' }).click();
    await expect.poll(version).toBe('2222222222222222');
    await expect(model.updateNotice).toBeHidden();
    await expect(panel.input).toHaveValue('Why is the sky blue?');
  },
);

base('the page can be installed: its manifest and icons are what Chromium wants', async ({ page, own }) => {
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
