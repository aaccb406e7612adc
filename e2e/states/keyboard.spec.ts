/** Each panel's core without a pointer: nothing is out of reach, the focus is seen and comes back. Scripted engine. */
import { expect, test } from '../fixtures.ts';
import { opensAndCloses, tabTo } from '../keyboard.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';

test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: 'reduce' }));

test('Thinking: past the header, ask, look at every picture, open and close every dialog', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open('?engine=scripted');
  const model = new ModelPage(page);
  await model.waitUntilReady();
  const skip = page.getByRole('link', { name: 'Skip to the panel' });
  await page.keyboard.press('Tab');
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main', { name: 'Thinking' })).toBeFocused();
  expect(new URL(page.url()).hash).toBe('#/thinking');

  await tabTo(page, panel.question);
  await page.keyboard.type('What is the capital of France?');
  await page.keyboard.press('Enter');
  await expect(panel.answer).toContainText('Paris.');
  await page.keyboard.type('In short.');
  await page.keyboard.press('Enter');
  await expect(panel.state).toContainText('Answered');

  await tabTo(page, page.getByRole('tab', { name: 'Timeline' }));
  for (const name of ['Blocks', 'What it read', 'Rotary dial', 'Check']) {
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('tabpanel', { name })).toBeVisible();
  }
  await tabTo(page, panel.settingsButton, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel.settingsButton).toBeFocused();
});

test('the header: panels, model, adapters and device, from the first stop on', async ({ page }) => {
  await new AsyncReasoningPage(page).open('?engine=scripted&state=speed-slow');
  const model = new ModelPage(page);
  await model.waitUntilReady();
  await opensAndCloses(page, model.modelChip, model.chooser);
  await opensAndCloses(
    page,
    page.getByRole('button', { name: /adapter/i }).first(),
    page.getByRole('dialog', { name: 'Adapters' }),
  );
  await opensAndCloses(page, model.gpuChip, model.deviceReport);
  const full = page
    .getByRole('region', { name: 'Speed of this machine' })
    .getByRole('button', { name: 'Full budgets' });
  await tabTo(page, full);
  await page.keyboard.press('Enter');
  const shorten = page.getByRole('button', { name: 'Shorten budgets' });
  await expect(shorten).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(full).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(full).toBeHidden();
  await expect(page.getByRole('main')).toBeFocused();
});

test('Negotiation and Chat: a group and a turn', async ({ page }) => {
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?engine=scripted&state=negotiation-fast');
  await new ModelPage(page).waitUntilReady();
  await tabTo(page, negotiation.startButton);
  await page.keyboard.press('Enter');
  await negotiation.waitUntilOver();
  await tabTo(page, negotiation.rows.first());
  await page.keyboard.press('ArrowDown');
  await expect(negotiation.rows.nth(1)).toHaveAttribute('aria-selected', 'true');

  await tabTo(page, page.getByRole('link', { name: 'Chat', exact: true }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const chat = new ChatPage(page);
  await tabTo(page, chat.input);
  await page.keyboard.type('What is the capital of France?');
  await page.keyboard.press('Enter');
  await expect(chat.answers).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(chat.state).toContainText(/Stopped|Answered/);
  await opensAndCloses(page, chat.settingsButton, chat.settings);
});
