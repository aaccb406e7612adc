/** The presenter view with the embedded model; without WebGPU it is in `no-webgpu.spec.ts`. */
import { expect, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { PresenterPage } from './pages/presenter-page.ts';

test('space types the question of the preset into a real run, which thinks before Enter; R and N go on', async ({
  page,
}) => {
  const presenter = new PresenterPage(page);
  const panel = new AsyncReasoningPage(page);
  await presenter.open('thinking', { query: '?kernels=threadPerRows' });
  await expect(presenter.notes).toContainText('Start runs it live.');
  await presenter.press(' ');
  await expect(presenter.textBox).toHaveValue('What is the capital of ');
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(presenter.origin).toHaveText('SmolLM2 135M Instruct');
  await presenter.press(' ');
  await expect(presenter.state).toContainText('Stopped');
  await presenter.press('r');
  await expect(panel.thoughts).toBeEmpty();
  await presenter.press('n');
  await expect(presenter.notes).toContainText('A change of mind');
});
