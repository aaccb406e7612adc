/** Lessons on the embedded model itself. */
import { expect, test } from './fixtures.ts';
import { LessonPage } from './pages/lesson-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';
import { useShortPrompts } from './use-short-prompts.ts';

/** Short, since a software adapter reads slowly; a threshold of 0 lets every exchange agree. */
const CHANGES = {
  groupSize: 2,
  maxTurns: 1,
  maxUtteranceTokens: 6,
  maxCompletionTokens: 6,
  agreementThreshold: 0,
} as const;

test('live: what a KV cache is, and how two personas negotiate', async ({ page }) => {
  await page.addInitScript((negotiationChanges) => {
    if (localStorage.getItem('duet') !== null) return;
    localStorage.setItem('duet', JSON.stringify({ state: { negotiationChanges }, version: 2 }));
  }, CHANGES);
  await new NegotiationPage(page).open('?kernels=threadPerRows');
  await useShortPrompts(page);
  await new ModelPage(page).waitUntilReady();
  const lesson = new LessonPage(page);

  await lesson.start('What a KV cache is');
  await expect(lesson.sheet).toContainText('This browser computes without a GPU');
  await lesson.chooseWay('Live');
  await expect(lesson.sheet).toContainText('On your machine');
  await lesson.walk();
  await expect(page.getByTestId('run-state')).not.toContainText('Replay');
  await expect(lesson.sheet).toContainText('3 of 3 questions are answered rightly');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();

  await lesson.start('How two personas negotiate');
  await lesson.chooseWay('Live');
  await lesson.walk();
  await expect(lesson.sheet).toContainText('2 of 2 questions are answered rightly');
  await expect(page.getByTestId('negotiation-state')).toContainText('2 of 2 dialogues agreed');
});
