/** A link of somebody else on the real page: nothing is fetched or computed before the visitor asks for it. */
import { duet, expect, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { SharingPage } from './pages/sharing-page.ts';

test('a link loads no model and starts no run; the button of the panel still does', async ({ page, context }) => {
  const fetched: string[] = [];
  context.on('request', (request) => {
    if (request.url().includes('/models/')) fetched.push(request.url());
  });
  const thinking = new AsyncReasoningPage(page);
  const model = new ModelPage(page);
  const sharing = new SharingPage(page);
  await thinking.open('?model=none');
  const api = await duet(page);
  const link = await api.evaluate(
    (d) => d.share.make({ kind: 'thinking', question: 'Why is the sky blue?', settings: { budget: 64 } }).link,
  );

  const scenario = await api.evaluate(
    (d) =>
      d.share.make({
        kind: 'scenario',
        scenario: {
          format: 'duet-scenario',
          version: 1,
          name: 'The sky',
          panel: 'thinking',
          model: { source: 'smollm2-135m-instruct' },
          inputs: { kind: 'question', question: 'Why is it red?', remarks: [{ step: 10, text: 'In the evening.' }] },
          settings: { budget: 32 },
          expect: { facts: { stop: 'budget' } },
        },
      }).link,
  );

  await page.goto('about:blank');
  await sharing.openLink(link ?? '', '?model=smollm2-135m-instruct');
  const opened = await duet(page);
  // The device is what the first load waits for.
  expect(await opened.evaluate((d) => d.device())).toMatchObject({ available: true });
  await sharing.useButton.click();
  await expect(thinking.input).toHaveValue('Why is the sky blue?');
  await expect(thinking.state).toContainText('Idle');
  await expect(model.modelChip).toContainText('no model');
  // A scenario names the model that it would load; it loads and runs nothing either.
  await page.evaluate((hash) => (location.hash = hash), new URL(scenario ?? '').hash);
  await expect(sharing.facts).toContainText('smollm2-135m-instruct');
  await expect(sharing.facts).toContainText('1 fact');
  await sharing.useButton.click();
  await expect(thinking.input).toHaveValue('Why is it red?');
  await expect(thinking.state).toContainText('Idle');
  await expect(model.modelChip).toContainText('no model');
  expect((await opened.evaluate((d) => d.memory())).total).toBe(0);
  expect(fetched).toEqual([]);

  await page.getByRole('button', { name: 'Load the model' }).click();
  await expect.poll(() => fetched.length).toBeGreaterThan(0);
  await model.cancelButton.click();
  await expect(model.modelChip).toContainText('cancelled');
  await expect(thinking.input).toHaveValue('Why is it red?');
});
