/** A person at the Negotiation panel, with the embedded model. */
import { expect, test } from './fixtures.ts';
import { ModelPage } from './pages/model-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';
import { useShortPrompts } from './use-short-prompts.ts';

/** Short, since a software adapter reads slowly; a threshold of 0 lets every exchange agree. */
const CHANGES = {
  groupSize: 1,
  maxTurns: 1,
  maxUtteranceTokens: 8,
  maxCompletionTokens: 8,
  agreementThreshold: 0,
} as const;

test('a dialogue is watched while it is made, a person speaks for one side and judges the answer', async ({ page }) => {
  await page.addInitScript((negotiationChanges) => {
    if (localStorage.getItem('duet') !== null) return;
    const state = { negotiationChanges, judgeChoice: { kind: 'human' } };
    localStorage.setItem('duet', JSON.stringify({ state, version: 2 }));
  }, CHANGES);
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?kernels=threadPerRows');
  await useShortPrompts(page);
  await new ModelPage(page).waitUntilReady();
  await negotiation.start();

  await negotiation.button(/^Take over: Persona 2/).click();
  await expect(negotiation.yourTurn).toBeVisible({ timeout: 180_000 });
  await expect(negotiation.bubbles.first()).not.toBeEmpty();
  await negotiation.yourTurn.getByRole('textbox').fill('I agree, ask her.');
  await negotiation.yourTurn.getByRole('button', { name: 'Send' }).click();
  await expect(negotiation.bubbles.nth(1)).toContainText('I agree, ask her.');

  const rubric = page.getByRole('region', { name: 'Your score for an answer' });
  await expect(rubric).toBeVisible({ timeout: 180_000 });
  await rubric.getByRole('button', { name: /^4, / }).click();
  await negotiation.waitUntilOver();
  await expect(negotiation.state).toContainText('1 of 1 dialogues agreed.');
  await expect(negotiation.rows).toHaveAccessibleName(/^Dialogue 1, judged, turn 1, score 4\.00 of 5/);
  await expect(negotiation.answer).toContainText('8 tokens');

  await page.reload();
  await expect(negotiation.rows).toHaveAccessibleName(/score 4\.00 of 5/);
  await expect(negotiation.bubbles.nth(1)).toContainText('I agree, ask her.');
});
