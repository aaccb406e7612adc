/** How the panel holds up: sizes, themes, thousands of tokens, a voice. */
import type { Page } from '@playwright/test';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe, pointerAway } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

/** The panel in the states that look most different. */
const STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async empty(page) {
    await openPanel(page);
  },
  async stale(page) {
    const panel = await openPanel(page, 'thinking-model');
    await panel.type('What is the capital of France ', 5);
    await panel.untilThoughtAbout(6);
    for (let key = 0; key < 7; key++) await panel.input.press('Backspace');
    await expect(panel.staleThoughts.first()).toBeVisible();
    await panel.pauseButton.click();
  },
  async 'follow-up with a remark'(page) {
    const panel = await openPanel(page);
    await panel.firstQuestions.first().click();
    await expect(panel.answer).toContainText('Paris.');
    await panel.type('In short.', 10);
    await panel.send();
    await expect(panel.state).toContainText('Answered');
    await panel.type('And of Italy?', 10);
    await panel.send();
    await expect(panel.answer).toContainText('Rome');
  },
  async 'context full'(page) {
    const panel = await openPanel(page, 'draft-full');
    await panel.input.fill('Why do the leaves of some trees change their colour in autumn every year? ');
    await expect(page.getByRole('alert')).toBeVisible();
  },
};

for (const [state, bring] of Object.entries(STATES)) {
  test(`${state}: nothing is cut off, and no accessibility rule is broken in either theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await bring(page);
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      const [width, height] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.scrollHeight,
      ]);
      expect(width).toBe(size.width);
      if (size.width === 1280) expect(height).toBe(size.height);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await pointerAway(page);
      await transitionsOver(page);
      const { violations } = await axe(page).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  });
}

test('thousands of tokens: the page stays smooth, follows the newest, and lets the reader go back', async ({
  page,
}) => {
  const panel = await openPanel(page, 'long');
  const work = await measureWork(page);
  await panel.type('Why is the sky blue?');
  await panel.send();
  await expect(panel.answer).not.toBeEmpty();

  const scroller = page.getByRole('group', { name: 'Thoughts, private' });
  const top = (): Promise<number> => scroller.evaluate((element) => element.scrollTop);
  await expect.poll(top).toBeGreaterThan(500);
  await scroller.hover();
  await page.mouse.wheel(0, -400);
  const newest = page.getByRole('button', { name: /^To the newest/ }).last();
  await expect(newest).toBeVisible();
  await expect(async () => {
    const before = await top();
    await page.waitForTimeout(200);
    expect(await top()).toBe(before);
  }).toPass();
  const place = await top();
  await panel.type('A remark, typed while tokens come', 20);
  expect(await top()).toBe(place);
  await newest.click();
  await expect(newest).toBeHidden();

  await expect.poll(() => panel.numberOf('Thoughts', 'tokens')).toBeGreaterThan(5000);
  const { msPerFrame } = await work();
  await panel.stopButton.click();
  expect(msPerFrame).toBeLessThan(16);
});

/** Of the main thread's own time, which another busy process does not lengthen. Counts from now on. */
async function measureWork(page: Page): Promise<() => Promise<{ msPerFrame: number }>> {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const seconds = async (): Promise<number> => {
    const { metrics } = await client.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  };
  await page.evaluate(() => {
    const counter = { frames: 0 };
    Object.assign(window, { counter });
    const count = (): void => {
      counter.frames++;
      requestAnimationFrame(count);
    };
    count();
  });
  const begun = await seconds();
  return async () => {
    const spent = (await seconds()) - begun;
    const frames = await page.evaluate(() => (window as unknown as { counter: { frames: number } }).counter.frames);
    return { msPerFrame: (spent * 1000) / frames };
  };
}

test.describe('read aloud', () => {
  test('is not offered where the browser has no voice', async ({ page }) => {
    const panel = await openPanel(page);
    await expect(panel.waits).toBeVisible();
    await expect(panel.readAloud).toBeHidden();
  });

  test('says finished sentences while the answer goes on, and falls silent when the run is stopped', async ({
    page,
  }) => {
    await page.addInitScript(() => {
      const said: string[] = [];
      let numCancels = 0;
      const voice = {
        getVoices: () => [{}],
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        speak: (utterance: SpeechSynthesisUtterance) => {
          said.push(utterance.text);
          setTimeout(() => utterance.dispatchEvent(new Event('end')), 200);
        },
        cancel: () => numCancels++,
      };
      Object.defineProperty(window, 'speechSynthesis', { value: voice });
      Object.assign(window, { heard: () => ({ said, numCancels }) });
    });
    const heard = (): Promise<{ said: string[]; numCancels: number }> =>
      page.evaluate(() => (window as unknown as { heard: () => { said: string[]; numCancels: number } }).heard());
    const panel = await openPanel(page);
    await panel.readAloud.check({ force: true });
    await panel.firstQuestions.first().click();
    await expect.poll(async () => (await heard()).said[0]).toContain('The capital of France is Paris.');
    await expect(panel.state).toContainText(/thinking/i);
    const { numCancels } = await heard();
    await panel.stopButton.click();
    await expect(panel.state).toContainText('Stopped');
    await expect.poll(async () => (await heard()).numCancels).toBeGreaterThan(numCancels);
  });
});
