/** The presenter view with the embedded model, and where no model can run. */
import { browserLaunchOptions } from '../scripts/browser.mjs';
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

test.describe('without WebGPU', () => {
  const { args, ...launchOptions } = browserLaunchOptions();
  test.use({
    launchOptions: {
      ...launchOptions,
      args: [...args.filter((flag) => !flag.includes('webgpu')), '--disable-features=WebGPU,WebGPUService'],
    },
  });

  test('nothing plays before the presenter starts it; then a recording does, marked as one', async ({ page }) => {
    const presenter = new PresenterPage(page);
    await presenter.open('thinking', { preset: 'change-of-mind' });
    await expect(presenter.notes).toContainText('Start plays a recording: no model can run in this browser.');
    await expect(presenter.state).toContainText('Idle');
    await presenter.press(' ');
    await expect(presenter.state).toContainText('Replaying');
    await expect(presenter.origin).toContainText('Recorded SmolLM2 135M Instruct');
    await expect(presenter.textBox).not.toHaveValue('');
  });
});
