/** What screen readers are told of streamed text. Scripted engine. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

const LIVE = '[aria-live]:not([aria-live=off]), [role=status], [role=log], [role=alert]';

interface Announced {
  readonly region: string;
  readonly text: string;
}

/** Notes every change inside a live region, as a screen reader would hear of it. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript((live) => {
    const heard: Announced[] = [];
    Object.assign(window, { heard });
    new MutationObserver((changes) => {
      const regions = new Set(
        changes.flatMap(({ target }) => {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest(live) ?? null;
          return region === null || !region.checkVisibility() ? [] : [region];
        }),
      );
      for (const region of regions) {
        const kind = region.getAttribute('aria-live') === 'polite' ? 'text' : (region.getAttribute('role') ?? '');
        heard.push({ region: kind, text: region.textContent });
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  }, LIVE);
}

const heardOf = (page: Page): Promise<Announced[]> =>
  page.evaluate(() => (window as unknown as { heard: Announced[] }).heard);

const words = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

test('an answer of hundreds of tokens is said in a few whole sentences at a time, all of it, and no thought is', async ({
  page,
}) => {
  await listen(page);
  await page.clock.install();
  const panel = new AsyncReasoningPage(page);
  await panel.open('?engine=scripted&state=long');
  await new ModelPage(page).waitUntilReady();
  await panel.firstQuestions.first().click();
  await expect.poll(() => panel.numberOf('Answer', 'tokens')).toBeGreaterThan(400);
  await panel.stopButton.click();
  await expect(panel.state).toContainText('Stopped');
  const answer = words(await panel.answer.innerText());

  const announced = async (): Promise<string[]> =>
    (await heardOf(page)).filter(({ region }) => region === 'text').map(({ text }) => text);
  await expect(async () => {
    await page.clock.fastForward(17_000);
    expect(words((await announced()).join(' '))).toHaveLength(answer.length);
  }).toPass();
  expect(words((await announced()).join(' '))).toBe(answer);
  // Of 2,000 and more characters, at most so many pieces.
  expect((await announced()).length).toBeLessThanOrEqual(Math.ceil(answer.length / 200) + 2);
  // States of the run and no more: none of them counts tokens.
  const states = (await heardOf(page)).filter(({ region }) => region !== 'text');
  expect(states.length).toBeLessThanOrEqual(10);
});

test('no stream stands in a live region', async ({ page }) => {
  for (const panel of ['thinking', 'negotiation', 'chat']) {
    await page.goto(`/?engine=scripted#/${panel}`);
    await new ModelPage(page).waitUntilReady();
    const inLive = await page.evaluate(
      (live) =>
        ['answer', 'thoughts', 'conversation', 'chat-messages']
          .flatMap((id) => [...document.querySelectorAll(`[data-testid="${id}"]`)])
          .filter((stream) => stream.closest(live) !== null).length,
      LIVE,
    );
    expect(inLive).toBe(0);
  }
});
