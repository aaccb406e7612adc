/** Screens that no other spec looks at, speed lines, targets under a finger, and motion. Scripted engine. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';
import { TrainingPage } from '../pages/training-page.ts';

async function openThinking(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  return panel;
}

/** Each brings a screen that has no look of its own elsewhere. */
const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async 'slow machine'(page) {
    await openThinking(page, 'speed-slow');
    await expect(page.getByRole('region', { name: 'Speed of this machine' })).toBeVisible();
  },
  async 'device report'(page) {
    await openThinking(page, 'speed-very-slow');
    const model = new ModelPage(page);
    await model.waitUntilReady();
    await model.gpuChip.click();
    await expect(model.deviceReport).toContainText('very slow, below 3 tokens a second');
  },
  async 'run failed'(page) {
    const panel = await openThinking(page, 'run-fails');
    await new ModelPage(page).waitUntilReady();
    await panel.firstQuestions.first().click();
    await expect(page.getByRole('alert')).toContainText('The run failed.');
  },
  async 'no WebGPU'(page) {
    await openThinking(page, 'no-webgpu');
    await page.getByRole('button', { name: 'What to do' }).click();
    await expect(page.getByRole('dialog', { name: 'Duet needs WebGPU' })).toBeVisible();
  },
  async 'negotiation failed'(page) {
    const negotiation = new NegotiationPage(page);
    await negotiation.open('?engine=scripted&state=negotiation-fails');
    await new ModelPage(page).waitUntilReady();
    await negotiation.start();
    await expect(negotiation.state).toContainText('Failed');
  },
  async 'training failed'(page) {
    const training = new TrainingPage(page);
    await training.open('?engine=scripted&state=training-fails');
    await training.startButton.click();
    await expect(training.state).toContainText('Failed');
  },
};

for (const [name, bring] of Object.entries(SCREENS)) {
  test(`${name}: nothing is cut off, and no accessibility rule is broken in either look`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await bring(page);
    await looksWell(page, name.replaceAll(' ', '-'));
  });
}

test('on a slow machine defaults are shorter and said so; a person’s own stay, and the full ones are one press away', async ({
  page,
}) => {
  const panel = await openThinking(page, 'speed-slow');
  await new ModelPage(page).waitUntilReady();
  const line = page.getByRole('region', { name: 'Speed of this machine' });
  await expect(line).toContainText('About 4.2 tokens a second with this model here.');
  await expect(line).toContainText('96 instead of 512 steps of thought and answer');
  await expect(page.getByRole('status').filter({ hasText: 'About 4.2 tokens a second' })).toHaveCount(1);
  const budget = (): Promise<string> =>
    panel.page
      .getByRole('dialog', { name: 'Settings' })
      .getByRole('textbox', { name: /^Budget/ })
      .inputValue();
  await panel.settingsButton.click();
  await page
    .getByRole('dialog', { name: 'Settings' })
    .getByRole('button', { name: /^Method/ })
    .click();
  expect(await budget()).toContain('96');
  await page.keyboard.press('Escape');
  await line.getByRole('button', { name: 'Full budgets' }).click();
  await expect(line).toContainText('The full budgets are used');
  await page.getByRole('link', { name: 'Negotiation' }).click();
  await line.getByRole('button', { name: 'Shorten budgets' }).click();
  await expect(line).toContainText('2 instead of 4 dialogues');
  await line.getByRole('button', { name: 'Hide the speed' }).click();
  await page.reload();
  await new ModelPage(page).waitUntilReady();
  await expect(page.getByTestId('negotiation-state')).toContainText('Idle');
  await expect(line).toBeHidden();
});

/** Buttons, tabs and the like that are smaller than a target may be. Links in a text are as high as its lines. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, summary, select, header a, [role=tab], [role=option]')]
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 2 && (width < 24 || height < 24);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}

test.describe('on a phone', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 }, reducedMotion: 'reduce' });

  test('targets are large enough, and the header has room for more links and buttons', async ({ page }) => {
    const panel = await openThinking(page);
    await new ModelPage(page).waitUntilReady();
    await panel.firstQuestions.first().click();
    await expect(panel.answer).toContainText('Paris.');
    expect(await smallTargets(page)).toEqual([]);
    await panel.stopButton.click();
    await page.getByRole('link', { name: 'Negotiation' }).click();
    await expect(page.getByTestId('negotiation-state')).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole('link', { name: 'Chat' }).click();
    await new ChatPage(page).askAndWait('What is the capital of France?');
    expect(await smallTargets(page)).toEqual([]);

    const outside = await page.evaluate(() => {
      const nav = document.querySelector('.header__nav');
      const actions = document.querySelector('.header__actions');
      for (const name of ['Lessons', 'Documents']) {
        const link = document.createElement('a');
        link.textContent = name;
        link.href = '#/chat';
        nav?.append(link);
      }
      for (const name of ['Share', 'Present', 'Help']) {
        const button = document.createElement('button');
        button.textContent = name;
        actions?.append(button);
      }
      const isOutside = (element: Element): boolean => {
        const { left, right } = element.getBoundingClientRect();
        return left < 0 || right > innerWidth;
      };
      return {
        buttons: [...document.querySelectorAll('.header button')].filter(isOutside).map((button) => button.outerHTML),
        pageWidth: document.documentElement.scrollWidth,
        // What does not fit is scrolled to.
        canReach: (() => {
          nav?.lastElementChild?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
          return (
            nav?.lastElementChild === null || nav?.lastElementChild === undefined || !isOutside(nav.lastElementChild)
          );
        })(),
      };
    });
    expect(outside).toEqual({ buttons: [], pageWidth: 360, canReach: true });
  });
});

test('with reduced motion nothing moves; without, the run’s state does', async ({ page }) => {
  const moving = (): Promise<number> =>
    page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  const panel = await openThinking(page, 'long');
  await new ModelPage(page).waitUntilReady();
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Thinking');
  await expect.poll(moving).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toBe(0);
  await panel.settingsButton.click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  expect(await moving()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Chat' }).click();
  expect(await moving()).toBe(0);
});
