/** A person at the Negotiation panel, with the embedded model. */
import { expect, test } from './fixtures.ts';
import { ModelPage } from './pages/model-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';

/** Short, since a software adapter reads slowly; a threshold of 0 lets every exchange agree. */
const CHANGES = {
  groupSize: 2,
  maxTurns: 1,
  maxUtteranceTokens: 8,
  maxCompletionTokens: 8,
  agreementThreshold: 0,
  thinking: 'agent2',
  maxThoughtTokens: 6,
} as const;

test('a group is watched while it talks and thinks, a person speaks for one side and judges the answers', async ({
  page,
}) => {
  await page.addInitScript((negotiationChanges) => {
    if (localStorage.getItem('duet') !== null) return;
    const state = { negotiationChanges, judgeChoice: { kind: 'human' } };
    localStorage.setItem('duet', JSON.stringify({ state, version: 2 }));
  }, CHANGES);
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?kernels=threadPerRows');
  await new ModelPage(page).waitUntilReady();
  await negotiation.start();

  // In the first dialogue a person answers for persona 2; in the second the model does, and thinks before.
  await negotiation.button(/^Take over: Persona 2/).click();
  await expect(negotiation.yourTurn).toBeVisible({ timeout: 180_000 });
  await expect(negotiation.bubbles.first()).not.toBeEmpty();
  await negotiation.yourTurn.getByRole('textbox').fill('I agree, ask her.');
  await negotiation.yourTurn.getByRole('button', { name: 'Send' }).click();
  await expect(negotiation.bubbles.nth(1)).toContainText('I agree, ask her.');

  const rubric = page.getByRole('region', { name: 'Your score for an answer' });
  await expect(rubric).toBeVisible({ timeout: 180_000 });
  for (const score of [4, 2]) {
    await rubric.getByRole('button', { name: new RegExp(`^${score}, `) }).click();
  }
  await negotiation.waitUntilOver();
  await expect(negotiation.state).toContainText('2 of 2 dialogues agreed.');
  await expect(negotiation.rows.nth(0)).toHaveAccessibleName(/score 4\.00 of 5, advantage \+0\.71$/);
  await expect(negotiation.rows.nth(1)).toHaveAccessibleName(/score 2\.00 of 5, advantage −0\.71$/);
  await negotiation.rows.nth(1).click();
  await expect(negotiation.conversation).toContainText(/private · \d+ tokens?, heard \d/);

  await page.reload();
  await expect(negotiation.rows).toHaveCount(2);
  await expect(negotiation.rows.nth(0)).toHaveAccessibleName(/score 4\.00 of 5/);
});
