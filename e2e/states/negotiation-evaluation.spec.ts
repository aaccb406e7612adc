/** The evaluation of adapters in the Negotiation panel, on the scripted engine. */
import type { NegotiationEvaluationReport } from '../../src/protocol/negotiation-evaluation.ts';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { NegotiationEvaluationPage } from '../pages/negotiation-evaluation-page.ts';

/** Both adapters of the script, as the paper's two. */
async function chooseBoth(evaluation: NegotiationEvaluationPage): Promise<void> {
  await evaluation.check('Pirate speech');
  await evaluation.check('Short answers');
  await evaluation.view.getByRole('combobox', { name: 'Short answers stands beside' }).selectOption('single');
}

const partsOf = (text: string): NegotiationEvaluationReport => JSON.parse(text) as NegotiationEvaluationReport;

test('two adapters and their base: tables beside the paper’s, picture, answers, files that can be opened again', async ({
  page,
}) => {
  const evaluation = new NegotiationEvaluationPage(page);
  await evaluation.open('evaluation-fast');
  await expect(evaluation.view).toContainText('It needs an adapter: train one in Training.');
  // The paper's figures stand there before there are any of ours.
  expect(await evaluation.row('CA alignment', /^Multi-agent against Base.*open-ended/)).toEqual([
    '51.8 % ± 4.2',
    '63.4 % ± 2.5',
  ]);
  await chooseBoth(evaluation);
  await evaluation.check('Open-ended');
  await evaluation.check('Measure it too');
  await evaluation.view.getByRole('textbox', { name: 'Text for perplexity' }).fill('A fox jumps over a dog.');
  await expect(evaluation.view).toContainText(
    '93 parts: 12 dialogues, 12 open answers, 36 comparisons, 30 questions, 3 readings, comparisons in both orders.',
  );
  await evaluation.startButton.click();
  await evaluation.waitUntilComplete();

  const alignment = await evaluation.row('CA alignment', /^Pirate speech against Base.*conflict/);
  expect(alignment[0]).toMatch(/^\d+\.\d % \d of \d; \d+ to \d+ %$/);
  expect(alignment.slice(1)).toEqual(['59.4 % ± 6.7', '62.2 % ± 5.8']);
  const resolution = await evaluation.row('Conflict resolution and rounds', /^Pirate speech against Short answers/);
  expect(resolution).toContain('1.60 / 1.73');
  expect(await evaluation.row('General ability', /^GPQA Diamond/)).toEqual(['28.6 %', '26.6 %', '−2.0 points']);
  expect((await evaluation.row('General ability', /^Perplexity.*Pirate speech/))[2]).toMatch(/^\+\d\.\d\d$/);
  await expect(evaluation.table('Each by itself').getByRole('row')).toHaveCount(1 + 6);
  await expect(evaluation.picture).toContainText('wins of the left one; 50 % is even');
  await expect(evaluation.view).toContainText(/With n = \d an interval is wide/);
  await expect(evaluation.view).toContainText('Qwen3-14B, judged by GPT-5.2');

  const first = evaluation.dilemmas.first();
  await first.locator('summary').first().click();
  await expect(first.getByRole('article')).toHaveCount(6);
  await expect(first.getByRole('list', { name: 'Verdicts' }).first()).toContainText(/read first: chose/);

  const json = await evaluation.saved('Save as JSON');
  expect(partsOf(json).pieces).toHaveLength(93);
  expect((await evaluation.saved('Save tables as CSV')).split('\r\n')[0]).toMatch(/^measure,left,right,set,decoding,/);
  expect((await evaluation.saved('Save parts as CSV')).split('\r\n')).toHaveLength(1 + 93 + 1);
  const html = await evaluation.saved('Save report as HTML');
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|https?:/);

  for (const [text, reason] of [
    ['{', 'the file is no JSON'],
    [json.replace('"repetitions":1', '"repetitions":"many"'), 'plan.repetitions'],
  ] as const) {
    await evaluation.openFile('broken.json', text);
    await expect(evaluation.view.getByRole('alert')).toContainText(reason);
    await expect(evaluation.view.getByRole('alert')).toContainText('What was shown is as it was.');
    await expect(evaluation.status).toContainText('Complete: 93 parts.');
  }
  await evaluation.openFile('mine.json', json);
  await expect(evaluation.status).toContainText('mine.json, made 4 Mar 2026');
  await expect(evaluation.view.getByRole('alert')).toBeHidden();
  await evaluation.view.getByRole('button', { name: 'Close the file' }).click();
  await expect(evaluation.status).toHaveText(/^Complete: 93 parts\./);
});

test('stopped, continued, left and come back to, it goes on where it was, and no part is made twice', async ({
  page,
}) => {
  const evaluation = new NegotiationEvaluationPage(page);
  await evaluation.open('evaluation-fast');
  await chooseBoth(evaluation);
  await evaluation.numDilemmas.fill('20');
  await evaluation.startButton.click();
  await expect(evaluation.view).toContainText(/\d+ of 180 parts, \d+ %\..* so far\. About \d+ s left\./);
  await evaluation.stopButton.click();
  await expect(evaluation.status).toContainText(/^\d+ of 180 parts (is|are) done\./);
  await expect(evaluation.view).toBeFocused();
  const before = partsOf(await evaluation.saved('Save as JSON')).pieces.length;
  await evaluation.continueButton.click();
  await expect(evaluation.progress).toBeVisible();

  // Left in the middle, without a word.
  await page.reload();
  await expect(evaluation.status).toContainText(/^\d+ of 180 parts are done\./);
  await evaluation.continueButton.click();
  await evaluation.waitUntilComplete();
  const { pieces } = partsOf(await evaluation.saved('Save as JSON'));
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(180);
  expect(pieces).toHaveLength(180);
  const dialogues = pieces.filter((piece) => piece.kind === 'dialogue');
  expect(new Set(dialogues.map(({ contestant, dilemmaId }) => `${contestant} ${dilemmaId}`)).size).toBe(60);

  await page.reload();
  await expect(evaluation.status).toHaveText(/^Complete: 180 parts\./);
  await evaluation.newButton.click();
  await expect(evaluation.view).toContainText('What is below is replaced: save it first if you need it.');
});

test('what fails says why and what to do, and keeps its parts', async ({ page }) => {
  const evaluation = new NegotiationEvaluationPage(page);
  await evaluation.open('evaluation-fails');
  await evaluation.check('Pirate speech');
  await evaluation.numDilemmas.fill('1');
  await evaluation.startButton.click();
  const alert = evaluation.view.getByRole('alert');
  await expect(alert).toContainText('The evaluation failed');
  await expect(alert).toContainText('2 of 4 parts are done.');
  await expect(alert).toContainText('Load the model again');
  await expect(evaluation.continueButton).toBeDisabled();
  await expect(evaluation.dilemmas).toHaveCount(1);
});

test('without an adapter the base alone is scored; what is wrong in the form keeps it from starting', async ({
  page,
}) => {
  const evaluation = new NegotiationEvaluationPage(page);
  await evaluation.open('');
  await expect(evaluation.view).toContainText('This model has no adapter yet.');
  await expect(evaluation.view).toContainText('4 parts: 4 dialogues. How long that takes');
  await evaluation.numDilemmas.fill('21');
  await expect(evaluation.view).toContainText('1 to 20.');
  await expect(evaluation.startButton).toBeDisabled();
  await evaluation.numDilemmas.fill('1');
  await evaluation.view.getByRole('checkbox', { name: 'Conflict', exact: true }).uncheck();
  await expect(evaluation.view).toContainText('Choose conflicts, open questions, or both.');
  await evaluation.check('Open-ended');
  await evaluation.startButton.click();
  await evaluation.waitUntilComplete();
  await expect(evaluation.view).toContainText('With one contestant there is nothing to compare.');
  await expect(evaluation.table('Each by itself').getByRole('row', { name: /^Base/ })).toBeVisible();
});

for (const { colorScheme, ...size } of LOOKS) {
  test(`no accessibility rule is broken in ${colorScheme} colours at ${size.width} x ${size.height}`, async ({
    page,
  }) => {
    const check = async (): Promise<void> => {
      await transitionsOver(page);
      const { violations } = await axe(page).include('.contest').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(needed).toBeLessThanOrEqual(there ?? 0);
    };
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    const evaluation = new NegotiationEvaluationPage(page);
    await evaluation.open('evaluation-fast');
    await chooseBoth(evaluation);
    await evaluation.check('Sampling');
    await evaluation.check('Measure it too');
    await check();
    await evaluation.numDilemmas.fill('2');
    await evaluation.startButton.click();
    await evaluation.waitUntilComplete();
    await evaluation.dilemmas.first().locator('summary').first().click();
    await check();
  });
}
