/** What screen readers are told of streamed text. Scripted engine. */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';

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

test('streams of all panels stand in no live region; what Chat says is announced, all of it', async ({ page }) => {
  await listen(page);
  await page.clock.install();
  const [thinking, negotiation, chat] = [new AsyncReasoningPage(page), new NegotiationPage(page), new ChatPage(page)];
  const isInLive = (stream: Locator): Promise<boolean> =>
    stream.first().evaluate((element, live) => element.closest(live) !== null, LIVE);
  const panelLink = (name: string): Locator =>
    page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name });
  const announced = async (): Promise<string[]> =>
    (await heardOf(page)).filter(({ region }) => region === 'text').map(({ text }) => text);

  await thinking.open('?engine=scripted&state=negotiation-fast');
  await new ModelPage(page).waitUntilReady();
  await thinking.firstQuestions.first().click();
  await expect(thinking.answer).toContainText('Paris');
  await expect(thinking.thoughts).toContainText('France');
  expect(await isInLive(thinking.answer)).toBe(false);
  expect(await isInLive(thinking.thoughts)).toBe(false);
  await thinking.stopButton.click();
  await expect(thinking.state).toContainText('Stopped');

  await panelLink('Negotiation').click();
  await negotiation.start();
  await expect(negotiation.bubbles.first()).not.toBeEmpty();
  expect(await isInLive(negotiation.conversation)).toBe(false);
  await negotiation.waitUntilOver();

  await panelLink('Chat').click();
  const before = (await announced()).length;
  await chat.ask('What is the capital of France?');
  await expect(chat.answer).toContainText('Paris');
  expect(await isInLive(chat.messages)).toBe(false);
  expect(await isInLive(chat.answer)).toBe(false);
  await chat.untilAnswered();
  const said = async (): Promise<string> => words((await announced()).slice(before).join(' '));
  await expect(async () => {
    await page.clock.fastForward(17_000);
    expect(await said()).toMatch(/Ask about another country if you like\.$/);
  }).toPass();
  expect(await said()).toMatch(/^The capital of France is Paris\. It lies on the Seine/);
  // Of some 200 characters.
  expect((await announced()).length - before).toBeLessThanOrEqual(3);
});
