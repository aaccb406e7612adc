/** The Negotiation panel on the scripted engine: states of the page, no evidence that models negotiate. */
import type { Page } from '@playwright/test';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe, pointerAway } from '../looks-well.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';

async function openPage(page: Page, state: string): Promise<NegotiationPage> {
  const negotiation = new NegotiationPage(page);
  await negotiation.open(`?engine=scripted&state=${state}`);
  await negotiation.startButton.waitFor();
  return negotiation;
}

test('without a model the button says why nothing can start; an example begins a group', async ({ page }) => {
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?engine=scripted&model=none&state=negotiation-fast');
  await expect(negotiation.button('Start: load a model first').first()).toBeDisabled();
  await expect(page.getByText('Two personas of the model argue about the dilemma in 4 dialogues')).toBeVisible();
  await negotiation.button('Load the model').click();
  await negotiation.startButton.waitFor();
  await negotiation.button(/^Close bridge on doubtful reading/).click();
  await expect(negotiation.dilemma).toContainText('Close bridge on doubtful reading');
  await negotiation.waitUntilOver();
  await expect(negotiation.state).toContainText('3 of 4 dialogues agreed.');
});

test('the group and a dialogue are on the screen together while they grow; it pauses, steps and stops', async ({
  page,
}) => {
  const negotiation = await openPage(page, 'negotiation');
  await negotiation.start();
  await expect(negotiation.state).toContainText('Negotiating');
  await expect(negotiation.rows).toHaveCount(4);
  await expect(negotiation.bubbles.first()).toContainText('I would decide');
  for (const locator of [negotiation.rows.last(), negotiation.bubbles.first(), negotiation.dilemma])
    await expect(locator).toBeInViewport({ ratio: 1 });
  expect(await negotiation.overflow()).toEqual({ x: 0, y: 0 });

  await negotiation.rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(negotiation.rows.nth(1)).toBeFocused();
  await expect(page.getByRole('region', { name: 'Dialogue 2 of 4' })).toBeVisible();
  await negotiation.button('Pause').click();
  await expect(negotiation.state).toContainText('Paused');
  await negotiation.button('Step').first().click();
  await expect(negotiation.state).toContainText('Paused');
  await negotiation.button('Stop').click();
  await expect(negotiation.state).toContainText('Stopped');
  await expect(negotiation.rows.first()).toHaveAccessibleName(/stopped/);
});

test('an unreadable verdict is shown as one and counts as no 0; a failed dialogue is a 0', async ({ page }) => {
  const negotiation = await openPage(page, 'negotiation-fast');
  await negotiation.start();
  await negotiation.waitUntilOver();
  await expect(negotiation.rows.nth(0)).toHaveAccessibleName(
    'Dialogue 1, judged, turn 2, score 3.78 of 5, advantage +0.96',
  );
  await expect(negotiation.rows.nth(1)).toHaveAccessibleName('Dialogue 2, judged, turn 1, score unreadable');
  await expect(negotiation.rows.nth(2)).toHaveAccessibleName(/^Dialogue 3, failed, turn 3, score 0\.00 of 5/);
  await expect(page.getByText(/^2\.0 mean$/)).toBeVisible();
  await negotiation.rows.nth(2).click();
  await expect(negotiation.conversation).toContainText('No agreement after 3 turns: the reward is 0');

  // What is over survives a reload, token for token.
  await page.reload();
  await expect(negotiation.rows).toHaveCount(4);
  await expect(negotiation.rows.nth(1)).toHaveAccessibleName('Dialogue 2, judged, turn 1, score unreadable');
});

test('a lost device is said with its remedy, and what was said stays', async ({ page }) => {
  const negotiation = await openPage(page, 'negotiation-fails');
  await negotiation.start();
  await expect(negotiation.state).toContainText('Failed');
  await expect(negotiation.alert).toContainText('Load the model again');
  await expect(negotiation.bubbles.first()).toContainText('I would decide');
  await expect(negotiation.button('Start: load a model first')).toBeDisabled();
});

test('hidden goals are masked, also in the prompts, and revealed one by one', async ({ page }) => {
  const negotiation = await openPage(page, 'negotiation-fast');
  const goal = 'Rest every decision on numbers and logic alone';
  await expect(negotiation.dilemma).toContainText(goal);
  await negotiation.goalsSwitch.press('Space');
  await expect(negotiation.dilemma).not.toContainText(goal);
  await negotiation.start();
  await negotiation.waitUntilOver();
  await page.getByRole('tab', { name: 'Prompts' }).click();
  await expect(page.getByText('The prompts name the private goals.')).toBeVisible();
  await negotiation.button('Another').click();
  await expect(negotiation.dilemma).toContainText('Chosen for the next group');
  await expect(negotiation.dilemma).not.toContainText('Data against feelings');
  await negotiation.button('Reveal the goal of Persona 1').click();
  await expect(negotiation.dilemma).toContainText(goal);
  await negotiation.button('Reveal the goal of Persona 2').click();
  await page.locator('summary').filter({ hasText: 'Persona 1, turn 1' }).click();
  await expect(page.locator('pre')).toContainText(goal);
});

test('a person speaks for one side; an edited utterance begins a branch beside the first course', async ({ page }) => {
  const negotiation = await openPage(page, 'negotiation-fast');
  await negotiation.button('Start in steps').click();
  await page.getByRole('menuitem', { name: 'Pause after each utterance' }).click();
  await expect(negotiation.state).toContainText('Paused');
  await negotiation.button('Take over: Persona 2 in dialogue 1').click();
  await negotiation.button('Resume').click();
  await expect(negotiation.yourTurn).toBeVisible();
  await expect(negotiation.state).toContainText('Dialogue 1 waits for what you say.');
  await negotiation.yourTurn.getByRole('textbox').fill('Ask the family first.');
  await page.keyboard.press('Enter');
  await expect(negotiation.bubbles.nth(1)).toContainText('said by a person');
  await negotiation.button('Give back: Persona 2 in dialogue 1').click();
  await negotiation.waitUntilOver();

  await negotiation.button('Edit and branch: Persona 1, turn 1').click();
  await negotiation.conversation.getByRole('textbox').fill('Let us write down what we fear.');
  await negotiation.button(/^Branch$/).click();
  await expect(negotiation.rows).toHaveCount(5);
  await expect(negotiation.rows.nth(1)).toHaveAttribute('aria-selected', 'true');
  await negotiation.waitUntilOver();
  await expect(negotiation.rows.nth(1)).toHaveAccessibleName(/^Dialogue 1a, a branch, judged/);
  await expect(negotiation.bubbles.first()).toContainText('Let us write down what we fear.');
  await expect(negotiation.rows.nth(0)).toHaveAccessibleName(/^Dialogue 1, judged/);
  await expect(page.getByText('3 of 4 dialogues').or(page.getByText('4 of 5 dialogues'))).toBeVisible();
});

test('no accessibility rule is broken, and nothing is cut off, in either look', async ({ page }) => {
  const negotiation = await openPage(page, 'negotiation-fast');
  const check = async (): Promise<void> => {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await pointerAway(page);
      await transitionsOver(page);
      const { violations } = await axe(page).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await expect.poll(async () => (await negotiation.overflow()).x).toBe(0);
    }
  };
  await negotiation.start();
  await negotiation.waitUntilOver();
  await check();
  await page.getByRole('tab', { name: 'Compare' }).click();
  await negotiation.button('Which answer is better?').click();
  await expect(page.getByText('Resolving the conflict')).toBeVisible();
  await check();
  await expect(negotiation.startButton).toBeInViewport({ ratio: 1 });
});
