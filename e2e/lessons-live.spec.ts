/** Every lesson on a model that runs here, which is the embedded one once: it takes its time on a software adapter. */
import { SMALL_MODEL_SETTINGS } from '../src/protocol/reasoning-settings.ts';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { LessonPage } from './pages/lesson-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';
import { TrainingPage } from './pages/training-page.ts';
import { useShortPrompts } from './use-short-prompts.ts';

/** Short; a threshold of 0 lets every exchange agree. */
const NEGOTIATION = {
  groupSize: 2,
  maxTurns: 1,
  maxUtteranceTokens: 6,
  maxCompletionTokens: 6,
  agreementThreshold: 0,
} as const;
/** As for a model that was not trained to think, with a probe soon that lets the writer begin. */
const REASONING = {
  ...SMALL_MODEL_SETTINGS,
  budget: 60,
  allowThinkEnd: false,
  probeInterval: 8,
  yesBias: 20,
};

test('live on the embedded model: what a KV cache is', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open('?kernels=threadPerRows');
  await new ModelPage(page).waitUntilReady();
  const lesson = new LessonPage(page);
  await lesson.start('What a KV cache is');
  await expect(lesson.sheet).toContainText('This browser computes without a GPU');
  await lesson.chooseWay('Live');
  await expect(lesson.sheet).toContainText('On your machine');
  await lesson.walk();
  await expect(panel.state).not.toContainText('Replay');
  await expect(lesson.sheet).toContainText('3 of 3 questions are answered rightly');
});

test('live on a tiny model: rotation with its check, typing, dialogues, a training of one’s own, and the judge', async ({
  page,
}) => {
  await page.addInitScript((state) => localStorage.setItem('duet', JSON.stringify({ state, version: 2 })), {
    negotiationChanges: NEGOTIATION,
    reasoningChanges: REASONING,
  });
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?model=none');
  await useShortPrompts(page);
  await loadTinyModel(await duet(page), { contextLength: 2048 });
  const lesson = new LessonPage(page);
  const panel = new AsyncReasoningPage(page);
  const walk = async (title: string, numQuestions: number, look?: () => Promise<void>): Promise<void> => {
    await lesson.start(title);
    await lesson.chooseWay('Live');
    await lesson.walk(look);
    await expect(lesson.sheet).toContainText(`${numQuestions} of ${numQuestions} questions are answered rightly`);
    await lesson.button('Close the lesson').click();
  };

  await walk('Why rotating the query is enough', 3);
  await expect(page.getByRole('table', { name: /recomputed from scratch/ })).toBeVisible();

  // As the lesson asks for where an answer is there already.
  await panel.stopButton.click();
  await panel.newQuestionButton.click();
  await walk('Thinking while you type', 2);

  await walk('How two personas negotiate', 2);
  await expect(negotiation.state).toContainText('2 of 2 dialogues agreed');

  const training = new TrainingPage(page);
  await walk('What GRPO changes, token by token', 3, async () => {
    // As the step in front of it asks.
    if ((await lesson.heading.textContent()) === 'Open the tokens') await training.button('Stop').click();
  });
  await expect(training.state).toHaveText('Stopped');

  await walk('How to read the charts and doubt the judge', 3);
  await expect(negotiation.state).toContainText('2 of 2 dialogues agreed');
});
