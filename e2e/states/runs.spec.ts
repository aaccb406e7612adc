/** Runs that are kept, replayed, scrubbed, imported and compared. */
import { readFile } from 'node:fs/promises';
import type { Download, Page } from '@playwright/test';
import type { Recording } from '../../src/protocol/recording.ts';
import type { ReasoningTrace } from '../../src/protocol/reasoning.ts';
import { duet, expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe, pointerAway } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { RunsPage } from '../pages/runs-page.ts';

const QUESTION = 'What is the capital of France?';
const ANSWER = 'The capital of France is Paris.';

async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

/** A run that is answered. */
async function answered(page: Page): Promise<{ panel: AsyncReasoningPage; runs: RunsPage }> {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Answered');
  return { panel, runs: new RunsPage(page) };
}

async function contentOf(download: Download): Promise<Recording> {
  return JSON.parse(await readFile(await download.path(), 'utf8')) as Recording;
}

async function golden(name: string): Promise<ReasoningTrace> {
  const url = new URL(`../../src/testing/golden/async/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as ReasoningTrace;
}

async function exported(runs: RunsPage, name: string): Promise<Recording> {
  const [download] = await Promise.all([
    runs.page.waitForEvent('download'),
    runs.row(name).getByRole('button', { name: 'Export' }).click(),
  ]);
  return contentOf(download);
}

test('an answered run is there after a reload, can be saved, renamed, deleted and brought back', async ({ page }) => {
  const { runs } = await answered(page);
  await page.reload();
  await runs.open();
  await expect(runs.row(QUESTION)).toContainText('last run, not saved yet');
  await runs.row(QUESTION).getByRole('button', { name: 'Save' }).click();
  await page.keyboard.type('Paris');
  await page.keyboard.press('Enter');
  await expect(runs.row('Paris')).toContainText('SmolLM2 135M Instruct');

  await runs.row('Paris').getByRole('button', { name: 'Rename' }).click();
  await page.keyboard.type('The capital');
  await page.keyboard.press('Enter');
  await expect(runs.row('The capital')).toBeVisible();
  await runs.row('The capital').getByRole('button', { name: 'Delete' }).click();
  await expect(runs.row('The capital')).toBeHidden();
  await runs.undoButton.click();
  await expect(runs.row('The capital')).toBeVisible();
  await page.reload();
  await runs.open();
  await expect(runs.row('The capital')).toBeVisible();
});

test('a saved run replays as it was, with the text box, after a reload and without a model', async ({ page }) => {
  const { panel, runs } = await answered(page);
  const answer = await panel.answer.innerText();
  const thoughts = await panel.thoughts.innerText();
  await runs.open();
  await expect(runs.nameInput).toHaveValue(QUESTION);
  await runs.nameInput.fill('Saved');
  await runs.saveButton.click();
  await expect(runs.outcome).toContainText('Saved as');

  await panel.open('?engine=scripted&state=slow-load');
  await page.reload();
  await runs.open();
  await runs.row('Saved').getByRole('button', { name: 'Replay' }).click();
  await expect(runs.dialog).toBeHidden();
  await expect(panel.state).toContainText('Replay');
  await expect(runs.label).toContainText('Recorded run: Saved');
  await expect(runs.label).toContainText('SmolLM2 135M Instruct');
  await expect(panel.input).toHaveJSProperty('readOnly', true);
  await runs.speed.selectOption('at once');
  await expect(panel.state).toContainText('Replay ended');
  await expect(panel.answer).toHaveText(answer, { useInnerText: true });
  await expect(panel.thoughts).toHaveText(thoughts, { useInnerText: true });
  // No model is there to ask.
  await expect(runs.askButton).toBeDisabled();

  await runs.slider.press('Home');
  await expect(panel.thoughts).toBeEmpty();
  await runs.slider.press('ArrowRight');
  await runs.slider.press('ArrowRight');
  await expect(runs.playback).toContainText('Step 1 of');
  expect(await panel.numberOf('Thoughts', 'tokens')).toBe(2);
  await runs.speed.selectOption('5×');
  await runs.playButton.click();
  await expect(panel.answer).toContainText(ANSWER);
  await runs.closeButton.click();
  await expect(panel.answer).not.toContainText('Paris');
  await expect(panel.input).toHaveJSProperty('readOnly', false);
});

test('the question of a recorded run can be asked', async ({ page }) => {
  const { panel, runs } = await answered(page);
  await panel.newQuestionButton.click();
  await runs.open();
  await runs.row(QUESTION).getByRole('button', { name: 'Replay' }).click();
  await runs.speed.selectOption('at once');
  await runs.askButton.click();
  await expect(panel.question).toHaveValue(QUESTION);
  await expect(panel.question).toBeFocused();
  await expect(panel.state).toContainText('Thinking');
  await expect(runs.playback).toBeHidden();
});

test('looking back shows an earlier step everywhere while the run goes on, and typing comes back to now', async ({
  page,
}) => {
  const panel = await openPanel(page, 'long');
  const runs = new RunsPage(page);
  const api = await duet(page);
  await panel.type('What is the capital', 20);
  await panel.untilThoughtAbout(4);
  const before = await panel.numberOf('Thoughts', 'tokens');
  await panel.type(' of France?', 20);
  await panel.send();
  await expect(panel.answer).not.toBeEmpty();
  await runs.lookBackTo(2);

  await expect(panel.state).toContainText('Looking back');
  await expect(runs.playback).toContainText(/Step 2 of \d+/);
  expect(await panel.numberOf('Thoughts', 'tokens')).toBe(3);
  await expect(panel.answer).toBeEmpty();
  await expect(panel.input).toHaveValue(/^What is/);
  expect(before).toBeGreaterThan(3);
  const numSteps = async (): Promise<number> => (await api.evaluate((d) => d.traceSoFar()))?.result.steps.length ?? 0;
  const then = await numSteps();
  await expect.poll(numSteps).toBeGreaterThan(then);
  await expect(panel.stopButton).toBeEnabled();
  expect(await panel.numberOf('Thoughts', 'tokens')).toBe(3);

  await panel.input.focus();
  await page.keyboard.type('In short.');
  await expect(runs.playback).toBeHidden();
  await expect(panel.remark).toHaveValue('In short.');
  await expect(panel.answer).toContainText('The capital');

  await runs.lookBackTo(4);
  await runs.backToNow.click();
  await expect(runs.playback).toBeHidden();
  await runs.lookBackTo(4);
  await panel.stopButton.click();
  await expect(panel.state).toContainText('Stopped');
});

test('an exported run comes back by a file, once, and replays', async ({ page }) => {
  const { runs } = await answered(page);
  await runs.open();
  await runs.nameInput.fill('Mine');
  await runs.saveButton.click();
  await expect(runs.outcome).toContainText('Saved as');
  const file = await exported(runs, 'Mine');
  expect(file).toMatchObject({ format: 'async-trace-1', recording: { version: 1, model: { id: 'scripted' } } });
  await runs.importText('a.json', JSON.stringify({ ...file, recording: { ...file.recording, name: 'Again' } }));
  await expect(runs.outcome).toContainText('Imported \u201CAgain\u201D');
  await runs.importText('b.json', JSON.stringify({ ...file, recording: { ...file.recording, name: 'Again' } }));
  await expect(runs.row('Again')).toHaveCount(1);
});

test('a file that is dropped is imported; a reference trace plays without times', async ({ page }) => {
  const panel = await openPanel(page);
  const runs = new RunsPage(page);
  await runs.open();
  const source = JSON.stringify(await golden('smollm2-b1'));
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'smollm2-b1.json', { type: 'application/json' }));
    return transfer;
  }, source);
  await runs.dialog.locator('.runs').dispatchEvent('drop', { dataTransfer: dropped });
  await runs.row('smollm2-b1').getByRole('button', { name: 'Replay' }).click();
  await expect(runs.label).toContainText('A trace without times');
  await runs.speed.selectOption('at once');
  await expect(runs.playback).toContainText('Step 59 of 59');
  expect(await panel.numberOf('Answer', 'tokens')).toBeGreaterThan(0);
  expect(await panel.waitSeconds()).toEqual({ waited: null, thinkThenAnswer: null });
});

test('a broken file is refused with its field and changes nothing', async ({ page }) => {
  const { panel, runs } = await answered(page);
  await runs.open();
  const file = await exported(runs, QUESTION);
  const alert = runs.dialog.getByRole('alert');
  for (const [text, why] of [
    ['{"format":', 'is not complete JSON'],
    [JSON.stringify({ ...file, recording: { ...file.recording, version: 7 } }), 'another version of Duet'],
    [JSON.stringify({ ...file, setup: { ...file.setup, design: 'C' } }), 'The field setup.design'],
  ] as const) {
    await runs.importText('bad.json', text);
    await expect(alert).toContainText('\u201Cbad.json\u201D was not imported');
    await expect(alert).toContainText(why);
    await expect(alert).toContainText('Nothing was changed.');
  }
  await expect(runs.dialog.getByRole('button', { name: 'Rename' })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(panel.answer).toContainText(ANSWER);
});

test('markup in the texts of a file stays text', async ({ page }) => {
  const { panel, runs } = await answered(page);
  await runs.open();
  const file = await exported(runs, QUESTION);
  const hostile = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
  const { recording } = file;
  await runs.importText(
    'hostile.json',
    JSON.stringify({
      ...file,
      setup: { ...file.setup, blocks: [hostile] },
      recording: {
        ...recording,
        id: hostile,
        name: hostile,
        model: { ...recording.model, name: hostile },
        device: { ...recording.device, vendor: hostile },
        inputs: [{ kind: 'draft', elapsedMs: 0, text: hostile, sent: true }],
        events: recording.events.map((event) =>
          event.kind === 'stepped' ? { ...event, thinkerText: hostile, writerText: hostile } : event,
        ),
      },
    }),
  );
  await runs.row(hostile).getByRole('button', { name: 'Replay' }).click();
  await runs.speed.selectOption('at once');
  await expect(panel.answer).toContainText(hostile);
  await expect(panel.thoughts).toContainText(hostile);
  await expect(runs.label).toContainText(hostile);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
});

test('two runs are compared up to the step where they part', async ({ page }) => {
  const panel = await openPanel(page);
  const runs = new RunsPage(page);
  const trace = await golden('smollm2-b3-input');
  const other = structuredClone(trace);
  Object.assign(other.result.steps[7]?.rows[0] ?? {}, { token: 99, margin: 0.01 });
  await runs.open();
  await runs.importText('one.json', JSON.stringify(trace));
  await expect(runs.row('one')).toBeVisible();
  await runs.importText('other.json', JSON.stringify(other));
  await expect(runs.row('other')).toBeVisible();
  await runs.row('one').getByRole('checkbox').check();
  await expect(runs.compareButton).toBeDisabled();
  await runs.row('other').getByRole('checkbox').check();
  await runs.compareButton.click();
  await expect(runs.dialog).toContainText(
    'The first 7 steps are the same. They part at step 7: another token was chosen.',
  );
  await expect(runs.dialog).toContainText('rounding decides');
  const margins = runs.dialog.getByRole('row', { name: /^margin over/ }).getByRole('cell');
  await expect(margins).toHaveText([trace.result.steps[7]?.rows[0]?.margin.toFixed(3) ?? '', '0.010']);
  await runs.dialog.getByRole('button', { name: 'Back to the runs' }).click();
  await expect(runs.row('one')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel.question).toBeVisible();
});

test('a script replays a run and is told its events', async ({ page }) => {
  await new AsyncReasoningPage(page).open('?engine=scripted&state=slow-load');
  const trace = await golden('smollm2-b1');
  const api = await duet(page);
  const told = await api.evaluate(async (d, run) => {
    let steps = 0;
    await d.replay(run, { speed: 20, onEvent: ({ kind }) => (steps += kind === 'stepped' ? 1 : 0) });
    const refused = await d
      .replay({ ...run, format: 'x' } as never)
      .catch((error: { message: string }) => error.message);
    return { steps, refused, same: d.compareRuns(run, run).isEqual };
  }, trace);
  expect(told).toMatchObject({ steps: 60, same: true });
  expect(told.refused).toContain('The field format');
  await expect(new AsyncReasoningPage(page).answer).not.toBeEmpty();
});

test.describe('without WebGPU', () => {
  test('a recorded run plays, a notice says why and leads to what can be done', async ({ page }) => {
    const panel = new AsyncReasoningPage(page);
    const runs = new RunsPage(page);
    await panel.open('?engine=scripted&state=no-webgpu');
    const notice = page.getByRole('region', { name: 'No live run here' });
    await expect(notice).toContainText('offers no graphics adapter');
    await expect(panel.state).toContainText('Replaying');
    await expect(runs.label).toContainText('scripts/record-runs.mjs');
    await expect(panel.thoughts).not.toBeEmpty();
    await notice.getByRole('button', { name: 'What to do' }).click();
    await expect(page.getByRole('dialog', { name: 'Duet needs WebGPU' })).toContainText('Chrome, Edge');
    await page.keyboard.press('Escape');
    await runs.closeButton.click();
    await expect(runs.watchLinks.first()).toBeVisible();
    await runs.watchLinks.last().click();
    await expect(runs.playButton).toBeFocused();
    await expect(panel.state).toContainText('Replaying');
  });
});

const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async 'the dialog'(page) {
    const { runs } = await answered(page);
    await runs.open();
    await runs.saveButton.click();
    await expect(runs.outcome).toContainText('Saved as');
  },
  async 'a replay'(page) {
    const panel = new AsyncReasoningPage(page);
    await panel.open('?engine=scripted&state=no-webgpu');
    await new RunsPage(page).speed.selectOption('at once');
    await expect(panel.answer).not.toBeEmpty();
  },
  async 'looking back'(page) {
    const { runs } = await answered(page);
    await runs.lookBackTo(30);
  },
};

for (const [name, bring] of Object.entries(SCREENS)) {
  test(`${name}: nothing is cut off, and no accessibility rule is broken in either theme`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await bring(page);
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await pointerAway(page);
      await transitionsOver(page);
      const { violations } = await axe(page).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const shots = process.env['DUET_LOOK'];
      if (shots !== undefined) {
        const file = `${shots}/${name.replaceAll(' ', '-')}-${size.width}-${colorScheme}.png`;
        await page.screenshot({ path: file });
      }
    }
  });
}
