/** The dialog that evaluates configurations, on the scripted engine. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { EvaluationReport } from '../../src/protocol/evaluation.ts';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { EvaluationPage } from '../pages/evaluation-page.ts';
import { ModelPage } from '../pages/model-page.ts';

const GSM8K = [
  { question: 'A pen costs 3. What do 4 pens cost?', answer: '4 * 3 = <<4*3=12>>12\n#### 12' },
  { question: 'Half of 18?', answer: '#### 9' },
]
  .map((row) => JSON.stringify(row))
  .join('\n');

async function openDialog(page: Page, state = ''): Promise<EvaluationPage> {
  await new AsyncReasoningPage(page).open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  const evaluation = new EvaluationPage(page);
  await evaluation.open();
  return evaluation;
}

async function textOf(file: { path(): Promise<string> }): Promise<string> {
  return readFile(await file.path(), 'utf8');
}

test('an empty evaluation says what it will show, and why it cannot be started', async ({ page }) => {
  const evaluation = await openDialog(page);
  await expect(evaluation.dialog).toContainText('how often each one is right, what waiting for it costs');
  await expect(evaluation.dialog).toContainText('30 answers; how long that takes is known after the first');
  await expect(evaluation.configurations).toHaveCount(3);

  await evaluation.numItems.fill('2001');
  await expect(evaluation.dialog).toContainText('1 to 2,000.');
  await expect(evaluation.runButton).toBeDisabled();
  await evaluation.numItems.fill('4');
  await evaluation.seed.fill('');
  await expect(evaluation.dialog).toContainText('0 to 2,147,483,647.');
  await evaluation.seed.fill('3');
  await expect(evaluation.runButton).toBeEnabled();
  await evaluation.name(2).fill('Think first');
  await expect(evaluation.dialog.getByText('Another one has this name.')).toHaveCount(2);
  await expect(evaluation.runButton).toBeDisabled();
  for (const number of [3, 2, 1]) {
    await evaluation.dialog.getByRole('button', { name: `Remove configuration ${number}` }).click();
  }
  await expect(evaluation.dialog).toContainText('At least one configuration is needed.');
  await evaluation.chooseSet('Imported file');
  await expect(evaluation.dialog).toContainText('Import a file of questions first.');
});

test('questions run through configurations of one’s own; table, picture, differences and answers agree', async ({
  page,
}) => {
  const evaluation = await openDialog(page);
  await evaluation.numItems.fill('10');
  await evaluation.dialog.getByRole('button', { name: 'Duplicate configuration 1' }).click();
  await evaluation.name(2).fill('Async, Q-Pause');
  await evaluation.settings(2).selectOption('Preset Q-Pause');
  await evaluation.dialog.getByRole('button', { name: 'Remove configuration 4' }).click();
  await expect(evaluation.configurations).toHaveCount(3);
  await evaluation.runButton.click();
  await expect(evaluation.progress).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(evaluation.dialog).toBeVisible();
  await evaluation.waitUntilComplete();

  const [accuracy, firstToken, , , , , , , unread] = await evaluation.row('No thinking');
  expect(accuracy).toBe('40.0 16.8 to 68.7; 4 of 10');
  expect(firstToken).toMatch(/^0\.45 /);
  expect(unread).toBe('1 of 10');
  await expect(evaluation.table).toContainText(
    'The paper’s own figures: arXiv 2512.10931v1, Table 1: Qwen3-32B on an A100; not comparable in absolute terms',
  );
  const paper = evaluation.table.getByRole('row', { name: /^MATH-500, Thinking/ });
  await expect(paper.getByRole('cell')).toHaveText([
    '93.2',
    '592.05',
    '592.7',
    '591.51',
    '3,911.55',
    '3,911.55',
    '–',
    '–',
    '–',
  ]);

  await expect(evaluation.chart).toHaveAccessibleName(/^Accuracy over adjusted delay\. .*No thinking: 40\.0 % right/);
  await evaluation.dialog.getByText('TTFT', { exact: true }).last().click();
  await expect(evaluation.chart).toHaveAccessibleName(
    /^Accuracy over TTFT\. .*No thinking: 40\.0 % right \(16\.8 to 68\.7\), 0\.45 s/,
  );
  await expect(evaluation.pairs.getByRole('row')).toHaveCount(4);
  await expect(evaluation.pairs).toContainText(
    'Both right on the same of 10 questions: nothing here tells them apart.',
  );
  await expect(evaluation.pairs).toContainText(/Asynchronous was right 30\.0 points more often than No thinking on 10/);

  await expect(evaluation.items).toHaveCount(10);
  await evaluation.dialog.getByText('Some unread').click();
  await expect(evaluation.items).toHaveCount(2);
  await expect(evaluation.items.first()).toContainText('not read');
  await evaluation.dialog.getByText('All', { exact: true }).click();
  const first = evaluation.items.first();
  await expect(first).toContainText('No thinking: -98765');
  await first.locator('summary').first().click();
  await expect(first.getByText('The answer is -98765.')).toBeVisible();
  await expect(first.getByRole('button', { name: 'Save trace' })).toHaveCount(2);
  await expect(evaluation.context).toContainText('10, Arithmetic and algebra, seed 1');
});

test('results can be taken along: every answer with its trace, and tables for a spreadsheet', async ({ page }) => {
  const evaluation = await openDialog(page);
  await evaluation.chooseSet('Commonsense');
  await evaluation.numItems.fill('4');
  await evaluation.runButton.click();
  await evaluation.waitUntilComplete();

  const report = JSON.parse(await textOf(await evaluation.download('Save all as JSON'))) as EvaluationReport;
  expect(report).toMatchObject({ format: 'duet-evaluation-1', source: { set: 'commonsense', numItems: 4, seed: 1 } });
  expect(report.records).toHaveLength(12);
  expect(report.configurations.every(({ settings }) => settings.budget === 512)).toBe(true);
  for (const { configuration, trace } of report.records) {
    expect(trace?.format).toBe(configuration === 'Asynchronous' ? 'async-trace-1' : undefined);
  }
  const answers = await textOf(await evaluation.download('Save answers as CSV'));
  expect(answers).toMatch(/^item,kind,question,right_answer,configuration,mode,extracted,read,correct,stop,/);
  expect(answers.split('\r\n')).toHaveLength(12 + 2);
  const table = await textOf(await evaluation.download('Save table as CSV'));
  expect(table.split('\r\n').map((line) => line.split(',')[0])).toEqual([
    'configuration',
    'Asynchronous',
    'No thinking',
    'Think first',
    '',
  ]);
  const pairs = await textOf(await evaluation.download('Save differences as CSV'));
  expect(pairs.split('\r\n')[1]).toMatch(/^Asynchronous,No thinking,4,/);
});

test('cancelled, left and come back to, an evaluation goes on where it was, and no answer is made twice', async ({
  page,
}) => {
  const evaluation = await openDialog(page, 'studies-slow');
  await evaluation.numItems.fill('5');
  await evaluation.runButton.click();
  await expect(evaluation.dialog).toContainText(/Question 1 of 5, No thinking/);
  await expect(evaluation.dialog).toContainText('1 of 15 answers, 7 % · about 2 min 6 s left');
  await evaluation.cancelButton.click();
  await expect(evaluation.dialog).toContainText(/\d of 15 answers (are|is) done\./);
  await expect(evaluation.dialog.locator('.evaluation')).toBeFocused();
  await evaluation.resumeButton.click();
  await expect(evaluation.dialog).toContainText('4 of 15 answers, 27 %');

  // Left in the middle, without a word.
  await page.reload();
  await new ModelPage(page).waitUntilReady();
  await evaluation.open();
  await expect(evaluation.dialog).toContainText(/[4-9] of 15 answers are done\./);
  await expect(evaluation.table.getByRole('row', { name: /^Asynchronous/ })).toBeVisible();
  await evaluation.resumeButton.click();
  await evaluation.waitUntilComplete();
  const report = JSON.parse(await textOf(await evaluation.download('Save all as JSON'))) as EvaluationReport;
  const keys = report.records.map(({ configuration, itemId }) => `${configuration} ${itemId}`);
  expect(keys).toHaveLength(15);
  expect(new Set(keys).size).toBe(15);

  await page.reload();
  await evaluation.open();
  await expect(evaluation.dialog).toContainText('Complete: 15 answers.');
});

test('beginning anew keeps what is there until it is started, and then replaces it', async ({ page }) => {
  const evaluation = await openDialog(page, 'studies-slow');
  await evaluation.numItems.fill('5');
  await evaluation.runButton.click();
  await expect(evaluation.dialog).toContainText('1 of 15 answers');
  await evaluation.cancelButton.click();
  await evaluation.anewButton.click();
  await expect(evaluation.numItems).toHaveValue('5');
  await expect(evaluation.dialog).toContainText(/The \d answers? below (is|are) replaced: save (it|them) first/);
  await expect(evaluation.items.first()).toBeVisible();
  await evaluation.numItems.fill('1');
  await evaluation.runButton.click();
  await evaluation.waitUntilComplete();
  await expect(evaluation.dialog).toContainText('Complete: 3 answers.');
  await evaluation.newButton.click();
  await expect(evaluation.dialog).toContainText(/3 answers; about \d+ s, going by earlier answers\./);
});

test('an evaluation that fails says why and what to do, and keeps its answers', async ({ page }) => {
  const evaluation = await openDialog(page, 'studies-fail');
  await evaluation.numItems.fill('2');
  await evaluation.runButton.click();
  const alert = evaluation.dialog.getByRole('alert');
  await expect(alert).toContainText('The evaluation failed');
  await expect(alert).toContainText('4 of 6 answers are done.');
  await expect(alert).toContainText('Load the model again');
  await expect(evaluation.resumeButton).toBeDisabled();
  await expect(evaluation.items).toHaveCount(2);
});

test('a live run is stopped before questions are timed', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open('?engine=scripted&state=long');
  await new ModelPage(page).waitUntilReady();
  await panel.type('Why is the sky blue?');
  await panel.send();
  await expect(panel.thoughts).not.toBeEmpty();
  const evaluation = new EvaluationPage(page);
  await evaluation.open();
  await evaluation.numItems.fill('1');
  await evaluation.runButton.click();
  await evaluation.waitUntilComplete();
  await evaluation.close();
  await expect(panel.state).toContainText('Stopped');
});

test.describe('a file of questions', () => {
  test('is recognised, looked through, and used', async ({ page }) => {
    const evaluation = await openDialog(page);
    await evaluation.chooseSet('Imported file');
    await evaluation.importText('gsm8k.jsonl', `${GSM8K}\n{"question": "No answer?"}\nnot json\n`);
    await expect(evaluation.dialog.getByLabel('Shape of the rows')).toHaveValue('gsm8k');
    await expect(evaluation.dialog).toContainText('2 good, 2 left out.');
    await expect(evaluation.dialog.getByRole('list', { name: 'First questions' })).toContainText('right answer: 12');
    await evaluation.dialog.getByText('2 lines left out').click();
    await expect(evaluation.dialog.getByRole('list', { name: 'Lines left out' })).toContainText(
      /Line 3: .*answer.*Line 4: The line is not a JSON object\./,
    );
    await expect(evaluation.runButton).toBeDisabled();
    await evaluation.dialog.getByRole('button', { name: 'Use these 2 questions' }).click();
    await expect(evaluation.dialog).toContainText('In use: 2 questions from “gsm8k.jsonl”.');
    await evaluation.runButton.click();
    await evaluation.waitUntilComplete();
    await expect(evaluation.items.first()).toContainText('A pen costs 3.');
    await expect(evaluation.context).toContainText('2, gsm8k.jsonl');
  });

  test('with fields of its own is read as one says, by drag and drop too', async ({ page }) => {
    const evaluation = await openDialog(page);
    await evaluation.chooseSet('Imported file');
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['stem;one;two;key\nWhich is white?;coal;snow;B\n'], 'mine.csv'));
      return data;
    });
    await evaluation.dropZone.dispatchEvent('drop', { dataTransfer: transfer });
    const shape = evaluation.dialog.getByLabel('Shape of the rows');
    await expect(shape).toHaveValue('custom');
    await evaluation.dialog.getByLabel('The answer is').selectOption('The letter of a choice');
    await evaluation.dialog.getByLabel('Answer field').selectOption('key');
    for (const field of ['one', 'two'])
      await evaluation.dialog.getByRole('checkbox', { name: field, exact: true }).check();
    await expect(evaluation.dialog).toContainText('1 good, 0 left out.');
    await expect(evaluation.dialog.getByRole('list', { name: 'First questions' })).toContainText('B) snow');
    await evaluation.dialog.getByRole('button', { name: 'Use this question' }).click();
    await expect(evaluation.dialog).toContainText('In use: 1 question from “mine.csv”.');
  });

  test('that is no set of questions changes nothing', async ({ page }) => {
    const evaluation = await openDialog(page);
    await evaluation.chooseSet('Imported file');
    await evaluation.importText('good.jsonl', GSM8K);
    await evaluation.dialog.getByRole('button', { name: 'Use these 2 questions' }).click();
    for (const [name, text, reason] of [
      ['empty.csv', '', 'The file is empty.'],
      ['array.json', '[{"question": "a"}]', 'JSONL'],
      ['cut.jsonl', '{"question": "a", "answer"', 'The line is not a JSON object.'],
    ] as const) {
      await evaluation.importText(name, text);
      await expect(evaluation.dialog.getByRole('alert')).toContainText('No question can be used');
      await expect(evaluation.dialog.getByRole('alert')).toContainText('Nothing was changed.');
      await expect(evaluation.dialog.getByRole('list', { name: 'Lines left out' })).toContainText(reason);
      await expect(evaluation.dialog).toContainText('In use: 2 questions from “good.jsonl”.');
    }
    await evaluation.dialog.getByRole('button', { name: 'Leave it' }).click();
    await expect(evaluation.dialog.getByRole('alert')).toBeHidden();
    await expect(evaluation.runButton).toBeEnabled();
  });

  test('that is hostile stays text, on the page and in a spreadsheet', async ({ page }) => {
    const evaluation = await openDialog(page);
    const question = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const rows = [
      { question, answer: '1' },
      { question: '=HYPERLINK("http://x.example","click")', answer: '2' },
    ];
    await evaluation.chooseSet('Imported file');
    await evaluation.importText('"><b>x</b>.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    await expect(evaluation.dialog.getByText(question).first()).toBeVisible();
    await evaluation.dialog.getByRole('button', { name: 'Use these 2 questions' }).click();
    await evaluation.runButton.click();
    await evaluation.waitUntilComplete();
    await expect(evaluation.items.first()).toContainText(question);
    await evaluation.items.first().locator('summary').first().click();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await evaluation.dialog.locator('img, script, b').count()).toBe(0);
    const csv = await textOf(await evaluation.download('Save answers as CSV'));
    expect(csv).toContain(`"'=HYPERLINK(""http://x.example"",""click"")`);
    expect(csv).not.toMatch(/(^|,|\n)"?=/);
  });
});

test('the keyboard is enough: menu, form, start, cancel, and back to the menu', async ({ page }) => {
  await new AsyncReasoningPage(page).open('?engine=scripted&state=studies-slow');
  await new ModelPage(page).waitUntilReady();
  const evaluation = new EvaluationPage(page);
  const studies = page.getByRole('button', { name: 'Studies' });
  await studies.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Compare' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitem', { name: 'Compare' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(evaluation.dialog.getByRole('radio', { name: 'Arithmetic' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(evaluation.numItems).toBeFocused();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  await expect(evaluation.progress).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(evaluation.cancelButton).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(evaluation.resumeButton).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(evaluation.dialog).toBeHidden();
  await expect(studies).toBeFocused();
});

test('no accessibility rule is broken, and nothing is cut off, in either look', async ({ page }) => {
  const check = async (): Promise<void> => {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await transitionsOver(page);
      const { violations } = await axe(page).include('[role="dialog"]').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const widths = await evaluation.dialog.evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
      expect(widths[0]).toBe(widths[1]);
    }
  };
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const evaluation = await openDialog(page);
  await check();
  await evaluation.chooseSet('Imported file');
  await evaluation.importText('mine.csv', `question,answer\n${'long '.repeat(60)},4\n3\n`);
  await evaluation.dialog.getByLabel('Shape of the rows').selectOption('custom');
  await check();
  await evaluation.chooseSet('Arithmetic');
  await evaluation.name(1).fill('A name as long as it may be here');
  await evaluation.runButton.click();
  await evaluation.waitUntilComplete();
  await evaluation.chart.waitFor();
  await evaluation.items.first().locator('summary').first().click();
  await check();
});
