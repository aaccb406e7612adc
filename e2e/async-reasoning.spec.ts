import { readFile } from 'node:fs/promises';
import type { ReasoningTrace } from '../src/protocol/reasoning.ts';
import { compareTrace } from '../src/testing/compare-trace.ts';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';

/** The embedded model with a named kernel shape: nothing is measured in tests. */
const EMBEDDED = '?kernels=threadPerRows';

async function goldenTrace(name: string): Promise<ReasoningTrace> {
  const url = new URL(`../src/testing/golden/async/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as ReasoningTrace;
}

test('the thinker starts while the question is typed, and the writer answers it', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(EMBEDDED);
  await new ModelPage(page).waitUntilReady();

  await panel.type('What is the capital of ', 120);
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(panel.answer).toBeEmpty();
  await expect(panel.state).toContainText('Thinking');

  await panel.type('France?', 120);
  await panel.send();
  await expect(panel.state).toContainText(/thinking \+ writing/i);
  await expect(panel.answer).toContainText('Paris', { timeout: 180_000 });
  expect(await panel.numberOf('Thoughts', 'tokens')).toBeGreaterThan(0);
  expect(await panel.numberOf('Answer', 'tokens')).toBeGreaterThan(0);

  await panel.stopButton.click();
  await expect(panel.state).toContainText(/stopped/i);
  await panel.newQuestionButton.click();
  await expect(panel.question).toHaveValue('');
  await expect(panel.thoughts).toBeEmpty();
});

test('a reference trace of the embedded model replays step for step', async ({ engine: api }) => {
  const golden = await goldenTrace('smollm2-b1');
  const trace = await api.evaluate((d, setup) => d.reason(setup), golden.setup);
  // Asked for: 2e-3. Measured: below 5e-5 on all traces.
  const comparison = compareTrace(golden, trace, { tolerance: 5e-4, marginLimit: 1e-2 });
  expect(comparison.mismatches).toEqual([]);
  expect(comparison.stepsCompared).toBe(golden.result.steps.length);
  expect(trace.text.writer).toBe(golden.text.writer);
});

test('a scripted run is twice the same', async ({ tinyEngine: api }) => {
  const scripted = {
    question: 'Name three fruits.',
    drafts: [
      { step: 0, text: 'Name three ', sent: false },
      { step: 4, text: 'Name three fruits.', sent: true },
    ],
    settings: { budget: 12 },
  };
  const run = async (): Promise<unknown> => {
    const { setup, result } = await api.evaluate((d, config) => d.reason(config), scripted);
    return { setup, ...result, steps: result.steps.map((step) => ({ ...step, elapsed_ms: 0 })) };
  };
  expect(await run()).toEqual(await run());
});

test('a bad setup is refused with the field that is wrong, and the model stays usable', async ({ engine: api }) => {
  const { setup } = await goldenTrace('smollm2-b1');
  const broken = { ...setup, params: { ...setup.params, budget: -3 } };
  const failure = await api.evaluate(
    (d, config) =>
      d.reason(config).then(
        () => null,
        (error: { code: string; message: string }) => ({ ...error, message: error.message }),
      ),
    broken,
  );
  expect(failure).toMatchObject({ code: 'invalidConfig', message: expect.stringContaining('budget') });
  expect(await api.evaluate((d) => d.tokenize('yes'))).toEqual([10_407]);
});

test('cancelling or unloading ends a run soon and frees what it used', async ({ engine: api, page }) => {
  const outcome = await api.evaluate(async (d) => {
    const controller = new AbortController();
    let numSteps = 0;
    const onStep = (event: { kind: string }): void => {
      if (event.kind !== 'stepped') return;
      numSteps++;
      if (numSteps === 2) controller.abort();
    };
    const config = { question: 'Why is the sky blue?', settings: { budget: 500 } };
    const trace = await d.reason(config, onStep, { signal: controller.signal });
    return { stop: trace.result.final.stop, numSteps };
  });
  expect(outcome.stop).toBe('stopped');
  expect(outcome.numSteps).toBeLessThan(6);

  await page.goto('/?model=none');
  const tiny = await duet(page);
  await loadTinyModel(tiny);
  const unloaded = await tiny.evaluate(async (d) => {
    let isAsked = false;
    const run = d.generate({
      tokenIds: [5, 6, 7],
      maxNewTokens: 3000,
      onToken: () => {
        if (!isAsked) void d.unload();
        isAsked = true;
      },
    });
    const code = await run.then(
      () => null,
      (error: { code: string }) => error.code,
    );
    return { code, total: (await d.memory()).total };
  });
  expect(unloaded).toEqual({ code: 'cancelled', total: 0 });
});
