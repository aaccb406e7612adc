/** Pictures of attention: what stands on the page is what the trace says. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { TraceRow } from '../../src/protocol/reasoning.ts';
import { duet, expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { AttentionPage } from '../pages/attention-page.ts';
import { ModelPage } from '../pages/model-page.ts';

async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

/** Asked and answered; the run waits for a follow-up. */
async function answered(page: Page): Promise<AsyncReasoningPage> {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('The answer is complete.');
  return panel;
}

interface WriterStep {
  readonly step: number;
  readonly row: TraceRow;
}

async function writerSteps(page: Page): Promise<readonly WriterStep[]> {
  const trace = await (await duet(page)).evaluate((api) => api.traceSoFar());
  return (trace?.result.steps ?? []).flatMap(({ step, rows }) =>
    rows.filter(({ stream }) => stream === 'writer').map((row) => ({ step, row })),
  );
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The trace lacks what the test reads.');
  return value;
}

function meanMass({ attention }: TraceRow): number[] {
  const { mass } = given(attention);
  return (mass[0] ?? []).map((_, block) => mass.reduce((sum, layer) => sum + (layer[block] ?? 0), 0) / mass.length);
}

/** Rounding in which the numbers add up moves a number by less than one of its last digit. */
function expectMasses(shown: readonly number[], mass: readonly number[]): void {
  expect(shown).toHaveLength(mass.length + 1);
  mass.forEach((value, block) => expect(Math.abs((shown[block] ?? NaN) - value)).toBeLessThan(0.001));
  expect(shown.at(-1)).toBe(1);
  expect(shown.slice(0, -1).reduce((sum, value) => sum + Math.round(value * 1000), 0)).toBe(1000);
}

test('what the answer read: any token by keyboard, by block and by layer, with the numbers of the trace', async ({
  page,
}) => {
  const panel = await answered(page);
  const pictures = new AttentionPage(page);
  await pictures.open('What it read');
  const steps = await writerSteps(page);
  const [first, second] = steps.map(({ row }) => row);
  const last = steps.at(-1)?.row;
  if (first === undefined || second === undefined || last === undefined) throw new Error('The run has no answer.');

  await expect(pictures.answerTokens).toHaveAttribute('aria-valuenow', String(steps.length));
  expectMasses(await pictures.blockMasses(), meanMass(last));
  await expect(pictures.newestButton).toBeDisabled();

  await pictures.answerTokens.press('Home');
  await expect(pictures.answerTokens).toHaveAttribute('aria-valuetext', /^Token 1, The: prompt \d/);
  await expect(pictures.readToken).toContainText(`Token 1 of ${steps.length}, step ${steps[0]?.step}`);
  expectMasses(await pictures.blockMasses(), meanMass(first));
  await pictures.answerTokens.press('ArrowRight');
  expectMasses(await pictures.blockMasses(), meanMass(second));

  await pictures.layer.press('ArrowRight');
  await expect(pictures.pictures).toContainText('layer 1 of 30');
  expectMasses(await pictures.blockMasses(), second.attention?.mass[0] ?? []);
  await pictures.allLayers.check({ force: true });
  const cells = page.getByTestId('layer-masses').locator('title');
  await expect(cells).toHaveCount(30 * 4);
  const mass = second.attention?.mass[5]?.[2] ?? NaN;
  await expect(cells.filter({ hasText: 'thoughts, layer 6:' })).toHaveText(`thoughts, layer 6: ${mass.toFixed(3)}`);

  await pictures.newestButton.click();
  await expect(pictures.answerTokens).toHaveAttribute('aria-valuenow', String(steps.length));
  await pictures.answerTokens.click({ position: { x: 3, y: 30 } });
  await expect(pictures.answerTokens).toHaveAttribute('aria-valuenow', '1');
  await expect(panel.answer).not.toBeEmpty();
});

test('the most-read thoughts are quoted, and marked among the thoughts while the picture is open', async ({ page }) => {
  const panel = await answered(page);
  const pictures = new AttentionPage(page);
  await pictures.open('What it read');
  const steps = await writerSteps(page);
  const row = steps.at(-1)?.row;
  const thoughts = (await panel.thoughts.locator('p').allTextContents()).join('\n\n');
  // The script's tokens, one place later in the block: the first token there is what the thoughts begin with.
  const tokens = ['', ...(thoughts.match(/\n+|\s?[^\s]+/g) ?? [])];
  const read = (row?.attention?.most_read ?? []).filter(([block]) => block === 2);
  const texts = read.map(([, token]) => (tokens[token] ?? '').replaceAll('\n', '\u21B5'));
  const bySize = (a: string, b: string): number => a.localeCompare(b);
  expect(texts.filter((text) => text !== '').length).toBeGreaterThan(3);

  const quoted = await pictures.readThoughts.locator('mark').allTextContents();
  expect(quoted.toSorted(bySize)).toEqual(texts.toSorted(bySize));
  const marked = await panel.thoughts.locator('mark').allTextContents();
  expect(texts.map((text) => text.trim())).toEqual(expect.arrayContaining(marked.map((text) => text.trim())));
  expect(marked.length).toBeGreaterThan(1);
  await expect(pictures.mostRead).toHaveCount(5);
  await expect(pictures.mostRead.first()).toContainText(given(row?.attention?.most_read[0])[2].toFixed(3));

  await pictures.open('Check');
  await expect(panel.thoughts.locator('mark')).toHaveCount(0);
});

test('the table of what was read has every token, and files stand alone', async ({ page }) => {
  await answered(page);
  const pictures = new AttentionPage(page);
  await pictures.open('What it read');
  const steps = await writerSteps(page);
  const lines = (await readFile(await pictures.export('Save as CSV'), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toBe('token,step,text,earlier turns,prompt,input,thoughts,answer');
  expect(lines).toHaveLength(steps.length + 1);
  const [prompt = NaN] = meanMass(given(steps[0]).row);
  expect(Number(lines[1]?.split(',')[4])).toBeCloseTo(prompt, 5);
  const svg = await readFile(await pictures.export('Save as SVG'), 'utf8');
  expect(svg).toContain('<pattern');
  expect(svg).not.toContain('var(--');
  expect(svg).not.toContain('class=');
});

test('the dial gives the score of the recorded vectors both ways, whatever is added in front', async ({ page }) => {
  await answered(page);
  const pictures = new AttentionPage(page);
  await pictures.open('Rotary dial');
  const steps = await writerSteps(page);
  const row = steps.findLast(({ row: { attention } }) => attention?.head !== undefined)?.row;
  const { query, keys, rope_theta: theta } = given(row?.attention?.head);
  await expect(pictures.keys).toHaveCount(keys.length);
  for (const [index, { block, key }] of keys.entries()) {
    await pictures.keys.nth(index).check();
    const score = scoreInDoubles(query, key, row?.loc[block] ?? NaN, theta);
    const shown = await pictures.dialNumbers();
    expect(Math.abs((shown.scores[0] ?? NaN) - score)).toBeLessThan(1e-4);
    expect(Math.abs((shown.scores[1] ?? NaN) - score)).toBeLessThan(1e-4);
    expect(shown.angles[0]).toBeCloseTo(shown.angles[1] ?? NaN, 1);
    expect(shown.difference).toBeLessThan(1e-5);
  }
  await expect(pictures.rewritten).toContainText('Add tokens in front');
  const before = await pictures.dialNumbers();
  await pictures.inFront.press('End');
  const [length = NaN] = (row?.lengths ?? []).slice(keys.at(-1)?.block);
  await expect(pictures.rewritten).toHaveText(
    new RegExp(`^500 more in front: an ordinary cache would turn ${length} keys \\(.*\\)\\. Rewritten here: 0\\.$`),
  );
  const after = await pictures.dialNumbers();
  expect(after.scores[0]).toBe(before.scores[0]);
  expect(after.scores[1]).toBeCloseTo(before.scores[0] ?? NaN, 4);
  expect(after.difference).toBeLessThan(1e-5);
  await pictures.pair.press('Home');
  await expect(pictures.pictures).toContainText('1 of 32, once round in 6.3 tokens');
});

/** The query turned by `offset`, times the key, straight from the definition. */
function scoreInDoubles(query: readonly number[], key: readonly number[], offset: number, theta: number): number {
  const half = query.length / 2;
  let sum = 0;
  for (let i = 0; i < half; i++) {
    const [a = 0, b = 0, c = 0, d = 0] = [query[i], query[i + half], key[i], key[i + half]];
    const turn = offset * theta ** (-i / half);
    sum += (a * c + b * d) * Math.cos(turn) + (a * d - b * c) * Math.sin(turn);
  }
  return sum / Math.sqrt(query.length);
}

test('the check can be cancelled, says how far it is, and explains what it finds', async ({ page }) => {
  const panel = await openPanel(page);
  const pictures = new AttentionPage(page);
  await pictures.open('Check');
  await expect(pictures.pictures).toContainText('The first step begins it.');
  await panel.type('What is the capital of France?', 10);
  await panel.untilThoughtAbout(6);
  await panel.pauseButton.click();
  await expect(panel.state).toContainText('Paused');
  await pictures.recomputeButton.click();
  await expect(pictures.checkProgress).toBeVisible();
  await expect(pictures.pictures).toContainText(/\d+ of \d+ steps · \d+ s left/);
  await pictures.cancelButton.click();
  await expect(pictures.recomputeButton).toBeEnabled();
  await expect(pictures.checkTable).toBeHidden();

  await pictures.recomputeButton.press('Enter');
  await expect(pictures.checkTable).toContainText('equal up to rounding: 2e\u22124');
  await expect(pictures.checkTable).not.toContainText('stale');
  await expect(pictures.rebuildDifference).toHaveText('2e\u22124');
  const before = await pictures.checkTable.getAttribute('aria-label');

  await panel.resumeButton.click();
  await panel.send();
  await expect(panel.state).toContainText('The answer is complete.');
  // What was found stays, with its step, until the next check has ended.
  expect(await pictures.checkTable.getAttribute('aria-label')).toBe(before);
  await pictures.recomputeButton.click();
  await expect(pictures.checkTable).toContainText(
    /stale on purpose: 0\.73, from \d+ tokens written in another context\. The thoughts/,
  );
  await expect(pictures.pictures).toContainText('what that costs is the size of the difference');

  await panel.newQuestionButton.click();
  await expect(pictures.checkTable).toBeHidden();
  await expect(pictures.pictures).toContainText('The first step begins it.');
});

test('a check that fails says why and what to do', async ({ page }) => {
  const panel = await openPanel(page, 'check-fails');
  await panel.firstQuestions.first().click();
  await expect(panel.answer).not.toBeEmpty();
  const pictures = new AttentionPage(page);
  await pictures.open('Check');
  await pictures.recomputeButton.click();
  await expect(page.getByRole('alert')).toContainText('The context has no room for the step.');
  await expect(page.getByRole('alert')).toContainText('load the model with a longer context');
  await expect(pictures.recomputeButton).toBeEnabled();
});

test('empty pictures say what will fill them; a run without a record says how to get one', async ({ page }) => {
  await page.addInitScript(() => {
    const state = { draft: '', picture: 'whatItRead', reasoningChanges: { readAttention: 'off' } };
    localStorage.setItem('duet', JSON.stringify({ version: 2, state }));
  });
  const panel = await openPanel(page);
  const pictures = new AttentionPage(page);
  await expect(pictures.pictures).toContainText('The first answer token begins it.');
  await pictures.open('Rotary dial');
  await expect(pictures.pictures).toContainText('The first answer token begins it.');
  await panel.firstQuestions.first().click();
  await expect(panel.answer).not.toBeEmpty();
  await expect(pictures.pictures).toContainText('Choose “the answer” for “Record what is read by” in the settings');
  await pictures.open('What it read');
  await expect(pictures.pictures).toContainText('Choose “the answer” for “Record what is read by” in the settings');
});

test('nothing is cut off at either size, and no accessibility rule is broken in either theme', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await answered(page);
  const pictures = new AttentionPage(page);
  for (const name of ['What it read', 'Rotary dial', 'Check'] as const) {
    await pictures.open(name);
    if (name === 'Check') {
      await pictures.recomputeButton.click();
      await expect(pictures.checkTable).toBeVisible();
    }
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await transitionsOver(page);
      const { violations } = await axe(page).include('.pictures').analyze();
      expect(violations.map(({ id, nodes }) => [name, id, nodes.map(({ html }) => html)])).toEqual([]);
    }
    await page.setViewportSize(LOOKS[0]);
  }
});

test('an answer of hundreds of tokens becomes few columns, each the mean of its tokens', async ({ page }) => {
  const panel = await openPanel(page, 'long');
  const pictures = new AttentionPage(page);
  await pictures.open('What it read');
  await panel.type('Why is the sky blue?');
  await panel.send();
  await expect.poll(() => panel.numberOf('Answer', 'tokens')).toBeGreaterThan(450);
  await panel.stopButton.click();
  await expect(pictures.pictures).toContainText(/answer tokens, \d+ averaged in a column/);
  const path = await pictures.pictures.locator('.reading__area').first().getAttribute('d');
  expect((path ?? '').split('L').length).toBeLessThanOrEqual(4 * 400);
});
