import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { ReasoningTrace } from '../../src/protocol/reasoning.ts';
import { expect, test } from '../fixtures.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

const scripted = (state = ''): string => `?engine=scripted&state=${state}`;

/** The panel with a model that is ready. */
async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted(state));
  await new ModelPage(page).waitUntilReady();
  return panel;
}

test('typing starts the thinker, Enter brings the answer, and the numbers say what waiting would have cost', async ({
  page,
}) => {
  const panel = await openPanel(page);
  await expect(panel.state).toContainText('Idle');

  await panel.type('What is the capital');
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(panel.state).toContainText('Thinking');
  await expect(panel.answer).toBeEmpty();
  expect(await panel.waitSeconds()).toEqual({ waited: null, thinkThenAnswer: null });

  await panel.type(' of France?');
  await panel.send();
  await expect(panel.question).toBeHidden();
  await expect(panel.remark).toHaveValue('');
  await expect(panel.answer).toContainText('The capital');
  await expect(panel.answer).toContainText('The capital of France is Paris.');
  await expect(panel.probeSum).toContainText('margin');
  await expect(panel.probeStrip).toHaveAccessibleName(/\d said yes/);
  await expect(panel.state).toContainText('The answer is complete.');
  await panel.openPicture('Blocks');
  await expect(panel.blocks).toContainText('thoughts');
  const { waited, thinkThenAnswer } = await panel.waitSeconds();
  expect(waited).toBeGreaterThan(0);
  expect(thinkThenAnswer).toBeGreaterThan(waited ?? Infinity);
});

test('a question that is sent while the model loads waits for it', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted());
  await panel.firstQuestions.first().click();
  await expect(panel.question).toHaveValue('What is the capital of France?');
  await expect(panel.answer).toContainText('Paris');
});

test('a model that was trained to think gets questions of several steps', async ({ page }) => {
  const panel = await openPanel(page, 'thinking-model');
  await expect(panel.firstQuestions).toHaveCount(3);
  await expect(panel.firstQuestions.first()).toContainText('sheep');
});

test('stop keeps the text, the question can be edited, a new one empties the page', async ({ page }) => {
  const panel = await openPanel(page, 'long');
  await panel.type('Why');
  await panel.send();
  await expect(panel.answer).not.toBeEmpty();
  await panel.stopButton.click();
  await expect(panel.state).toContainText('Stopped');
  await expect(panel.answer).not.toBeEmpty();
  // The thoughts were cut off, so what they would have cost is not known to its end.
  await expect(panel.waits).toContainText('at least');

  await panel.editQuestionButton.click();
  await expect(panel.question).toHaveValue('Why');
  await expect(panel.question).toBeFocused();
  await expect(panel.state).toContainText('Thinking');

  await panel.newQuestionButton.click();
  await expect(panel.thoughts).toBeEmpty();
  await expect(panel.question).toHaveValue('');
  await expect(panel.question).toBeFocused();
});

test('Shift and Enter break the line; the draft survives a reload', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted('slow-load'));
  await panel.type('One');
  await panel.question.press('Shift+Enter');
  await panel.type('two');
  await page.reload();
  await expect(panel.question).toHaveValue('One\ntwo');
});

test('a remark is read while the answer goes on, and stands where it was read', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.answer).toContainText('The capital of France is Paris.');
  await panel.type('In short, please.');
  await panel.send();
  await expect(panel.remark).toHaveValue('');
  await expect(panel.answer).toContainText(/In short, please\.remark, read at step \d+/);
  await expect(panel.state).toContainText('The answer is complete.');
  await expect(panel.answer).toContainText('As you ask, in short: Paris.');
});

test('pause and resume by keyboard; nothing moves in between', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.type('What is the capital of France');
  await expect(panel.thoughts).not.toBeEmpty();
  await panel.pauseButton.press('Enter');
  await expect(panel.state).toContainText('Paused');
  await expect(panel.resumeButton).toBeFocused();
  // What was on its way when the pause came has arrived.
  await expect(async () => {
    const before = await panel.thoughts.innerText();
    await page.waitForTimeout(300);
    expect(await panel.thoughts.innerText()).toBe(before);
  }).toPass();
  const held = await panel.thoughts.innerText();
  await panel.resumeButton.press('Enter');
  await expect(panel.state).toContainText('Thinking');
  await expect(panel.thoughts).not.toHaveText(held);
});

test('behind the answer typing is the next turn, and the earlier one stays in view with its thoughts folded', async ({
  page,
}) => {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Answered');
  await expect(panel.followUp).toBeVisible();
  await panel.type('And of It');
  await expect(panel.turns).toHaveCount(1);
  await expect(panel.turns.first()).toContainText('What is the capital of France?');
  await expect(panel.turns.first()).toContainText('The capital of France is Paris.');
  await expect(panel.thoughts).toContainText('The user asks on.');
  await panel.type('aly?');
  await panel.send();
  await expect(panel.answer).toContainText('The capital of Italy is Rome.');
  await expect(panel.answer).not.toContainText('France');
  await panel.openPicture('Blocks');
  await expect(panel.blocks).toContainText('earlier turns');

  const folded = panel.turns.first().getByText('France is a country in western Europe.');
  await expect(folded).toBeHidden();
  await panel.turns
    .first()
    .getByText(/^Thoughts, \d+ tokens$/)
    .click();
  await expect(folded).toBeVisible();
});

test.describe('an edit of text that the thinker has read', () => {
  test('a small one keeps the thoughts and marks those that are stale', async ({ page }) => {
    // Without think tokens thoughts on changed text are rolled back.
    const panel = await openPanel(page, 'thinking-model');
    await panel.type('What is the capital of France ', 5);
    await panel.untilThoughtAbout(6);
    await panel.type('today ', 5);
    await panel.untilThoughtAbout(7);
    for (let key = 0; key < 6; key++) await panel.input.press('Backspace');
    await expect(panel.affectedNote).toContainText(/\d+ thoughts formed on text you have changed, kept\./);
    await expect(panel.staleThoughts.first()).toBeVisible();
    await expect(panel.thoughts).toContainText('The user asks about');
  });

  test('a large one rolls back to the last thought that saw only unchanged text', async ({ page }) => {
    const panel = await openPanel(page);
    await panel.type('What is the capital of France ', 5);
    await panel.untilThoughtAbout(6);
    // At once: on a slow machine the thoughts would come to their end before the last key.
    await panel.input.fill('What is the capital of France and of all the other countries ');
    await panel.untilThoughtAbout(12);
    await panel.input.fill('What is the capital of France ');
    await expect(panel.affectedNote).toContainText(/Rolled back \d+ thoughts formed on text you have changed\./);
    await expect(panel.thoughts).toContainText('The user asks about');
    await expect(panel.staleThoughts).toHaveCount(0);
  });

  test('of everything drops all thoughts', async ({ page }) => {
    const panel = await openPanel(page);
    await panel.type('What is the capital of France ', 5);
    await panel.untilThoughtAbout(6);
    await panel.input.fill('Name all the rivers of Spain and Italy ');
    await expect(panel.affectedNote).toContainText(/Dropped \d+ thoughts formed on text you have changed\./);
  });
});

test('a text that does not fit says so; a shorter one goes on, and so does twice the context', async ({ page }) => {
  const panel = await openPanel(page, 'draft-full');
  const tooLong = 'Why do the leaves of some trees change their colour in autumn every year? ';
  await panel.input.fill(tooLong);
  await expect(panel.state).toContainText('Context full');
  await expect(page.getByRole('alert')).toContainText(/context of 2,048 tokens has no room .*: 2 tokens too many/);
  await panel.input.fill('Why do leaves change their colour? ');
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(page.getByRole('alert')).toBeHidden();

  await panel.input.fill(tooLong);
  await page.getByRole('button', { name: 'Load with twice the context (4,096)' }).click();
  await expect(page.getByTestId('load-progress')).toBeVisible();
  await expect(panel.question).toHaveValue(tooLong);
  await new ModelPage(page).waitUntilReady();
  await expect(page.getByRole('alert')).toContainText('context of 4,096 tokens has no room');
});

test('a context that fills up ends the run with what can be done', async ({ page }) => {
  const panel = await openPanel(page, 'context-fills');
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Context full');
  await expect(panel.answer).toContainText('Paris');
  await expect(page.getByRole('alert')).toContainText('2,048 tokens are used up');
  await page.getByRole('button', { name: 'Load with twice the context (4,096)' }).click();
  await expect(panel.question).toHaveValue('What is the capital of France?');
  // Sent as it was, once the model is there again.
  await expect(panel.answer).toContainText('Paris');
});

test('a paste of 2,000 words shows how far it has been read, then thinks', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.input.fill('word '.repeat(2000));
  await expect(panel.reading).toHaveAttribute('aria-valuemax', '2000');
  await expect(panel.state).toContainText(/Reading[\d,]+ of 2,000 tokens/);
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(panel.reading).toBeHidden();
  expect(await panel.numberOf('You', 'tokens live')).toBe(2000);
});

test('a last word that rests is read too', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.type('What is the capital');
  expect(await panel.numberOf('You', 'tokens live')).toBeLessThan(4);
  await expect.poll(() => panel.numberOf('You', 'tokens live')).toBe(4);
});

test('what an input method composes is not read before it is done, and its Enter sends nothing', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.type('What is the ');
  await expect.poll(() => panel.numberOf('You', 'tokens live')).toBe(3);
  const client = await page.context().newCDPSession(page);
  await client.send('Input.imeSetComposition', { text: 'に ほん ', selectionStart: 5, selectionEnd: 5 });
  await expect(panel.input).toHaveValue('What is the に ほん ');
  await panel.input.dispatchEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true });
  // Longer than it takes to settle.
  await page.waitForTimeout(1500);
  expect(await panel.numberOf('You', 'tokens live')).toBe(3);
  await expect(panel.question).toBeVisible();
  await client.send('Input.insertText', { text: '日本 ' });
  await expect(panel.input).toHaveValue('What is the 日本 ');
  await expect.poll(() => panel.numberOf('You', 'tokens live')).toBe(4);
});

test('undo and redo of the text box work, and the run follows', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.type('What is ');
  await expect.poll(() => panel.numberOf('You', 'tokens live')).toBe(2);
  await panel.input.press('Control+A');
  await panel.input.press('Delete');
  await expect(panel.input).toHaveValue('');
  await panel.input.press('Control+Z');
  await expect(panel.input).toHaveValue('What is ');
  await expect.poll(() => panel.numberOf('You', 'tokens live')).toBe(2);
  await panel.input.press('Control+Shift+Z');
  await expect(panel.input).toHaveValue('');
});

test('text from right to left stands on the right, in the box and in the conversation', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.input.fill('ما هي عاصمة فرنسا؟ 🇫🇷');
  await expect(panel.input).toHaveCSS('direction', 'rtl');
  await panel.send();
  const said = page.getByRole('group', { name: 'Answer' }).getByText('ما هي عاصمة');
  await expect(said).toHaveCSS('direction', 'rtl');
});

test('bias and threshold decide at once, and the strip shows what they would have', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Answered');
  await panel.yesBias.press('End');
  await expect(panel.probeSum).toContainText('the writer goes on');
  await expect(panel.probeStrip).toHaveAccessibleName(/Last (\d+) probes: .* stand, \1 would/);
  await panel.yesBias.press('Home');
  await panel.marginThreshold.press('End');
  await expect(panel.probeSum).toContainText('the writer waits');
  await expect(panel.probeStrip).toHaveAccessibleName(/stand, 0 would/);
});

test('a run under way can be saved as a trace', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.type('What is the capital of France');
  await expect(panel.thoughts).not.toBeEmpty();
  const download = page.waitForEvent('download');
  await panel.saveTraceButton.click();
  const trace = JSON.parse(await readFile(await (await download).path(), 'utf8')) as ReasoningTrace;
  expect(trace.format).toBe('async-trace-1');
  expect(trace.result.steps.length).toBeGreaterThan(0);
  await expect(panel.state).toContainText('Thinking');
});

test('a load under way shows bytes and time, and can be cancelled and begun again', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  const model = new ModelPage(page);
  await panel.open(scripted('slow-load'));
  await expect(model.loadProgress).toContainText('42.1 MB of 98.4 MB');
  await expect(model.loadProgress).toContainText('12 s left');
  await model.cancelButton.click();
  await expect(model.modelChip).toContainText('cancelled');
  await page.getByRole('button', { name: 'Load the model' }).click();
  await expect(model.loadProgress).toBeVisible();
});

test('a damaged file is named, with a way on', async ({ page }) => {
  await new AsyncReasoningPage(page).open(scripted('load-fails'));
  await expect(page.getByRole('alert')).toContainText('hash');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('a lost device ends the run with what, why and what to do', async ({ page }) => {
  const panel = new AsyncReasoningPage(page);
  await panel.open(scripted('run-fails'));
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Failed');
  await expect(page.getByRole('alert').filter({ hasText: 'The run failed' })).toContainText('Load the model again');
});
