import { piece, WHOLE } from '../src/testing/chat-server.ts';
import { expect, test } from './fixtures.ts';
import { ChatPage } from './pages/chat-page.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';
import { PresenterPage } from './pages/presenter-page.ts';
import { withoutWebGpu } from './without-webgpu.ts';

test.use(withoutWebGpu());

test('a browser without WebGPU is told what to do, and plays a recorded run of the embedded model', async ({
  page,
}) => {
  await page.goto('/');
  const hasAdapter = await page.evaluate(async () => {
    const gpu = navigator.gpu as GPU | undefined;
    return ((await gpu?.requestAdapter()) ?? null) !== null;
  });
  expect(hasAdapter).toBe(false);
  const panel = new AsyncReasoningPage(page);
  await expect(panel.state).toContainText('Replaying');
  await page.getByLabel('Speed').selectOption('at once');
  await expect(panel.state).toContainText('Replay ended');
  await expect(panel.answer).not.toBeEmpty();
  await page.getByRole('button', { name: 'What to do' }).click();
  await expect(page.getByRole('dialog', { name: 'Duet needs WebGPU' })).toContainText('In each browser');
});

test('without WebGPU a recorded negotiation plays on its panel, marked as one', async ({ page }) => {
  const negotiation = new NegotiationPage(page);
  await negotiation.open();
  await expect(negotiation.state).toContainText('Recorded');
  await negotiation.button('To end').click();
  await expect(negotiation.state).toContainText('Recorded: done');
  await expect(negotiation.rows).toHaveCount(4);
  await expect(negotiation.rows.first()).toHaveAccessibleName(/score \d/);
  await expect(negotiation.bubbles.first()).not.toBeEmpty();
  await expect(negotiation.dilemma).toContainText('SmolLM2 135M Instruct');
});

test('without WebGPU a recorded training is looked at: its dialogues, charts and tokens', async ({ page }) => {
  await page.goto('/#/negotiation/training');
  const plan = page.getByRole('region', { name: 'Plan of the training' });
  await expect(plan).toContainText('Recorded.');
  await expect(plan).toContainText('scripts/record-training.mjs');
  await expect(page.getByText(/advantage [+\u2212]/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Earlier' }).click();
  await expect(page.getByLabel('Step of the run')).toHaveValue('9');
  await page.getByRole('tab', { name: 'Charts' }).click();
  await expect(page.getByRole('img', { name: /^Collective Agency/ })).toBeVisible();
  await page.getByRole('tab', { name: 'Tokens' }).click();
  await expect(page.getByText(/of \d+ tokens moved with their advantage/).first()).toBeVisible();
});

test('without WebGPU Chat says so, and works with a server', async ({ page }) => {
  await page.route('http://localhost:11434/v1/chat/completions', (route) =>
    route.fulfill({
      body: piece({ content: 'Paris.' }) + WHOLE,
      contentType: 'text/event-stream',
      headers: { 'Access-Control-Allow-Origin': '*' },
    }),
  );
  const chat = new ChatPage(page);
  await page.goto('/#/chat');
  await expect(chat.state).toContainText('No model can run in this browser. A server can answer instead');
  await chat.chooseServer({ model: 'qwen3:8b' });
  await chat.askAndWait('What is the capital of France?');
  await expect(chat.answer).toHaveText('Paris.');
});

test('without WebGPU a presenter starts a recording, marked as one; nothing plays before', async ({ page }) => {
  const presenter = new PresenterPage(page);
  await presenter.open('thinking', { preset: 'change-of-mind' });
  await expect(presenter.notes).toContainText('Start plays a recording: no model can run in this browser.');
  await expect(presenter.state).toContainText('Idle');
  await presenter.press(' ');
  await expect(presenter.state).toContainText('Replaying');
  await expect(presenter.origin).toContainText('Recorded SmolLM2 135M Instruct');
  await expect(presenter.textBox).not.toHaveValue('');
});
