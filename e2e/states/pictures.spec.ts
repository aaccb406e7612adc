/** The pictures under the answer say what the run's trace says. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { ReasoningTrace } from '../../src/protocol/reasoning.ts';
import { duet, expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { LONG_TASK_MS, watchLongTasks } from '../long-tasks.ts';
import { axe } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

async function openPanel(page: Page, state = ''): Promise<AsyncReasoningPage> {
  const panel = new AsyncReasoningPage(page);
  await panel.open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return panel;
}

/** A run with a complete answer. */
async function playRun(page: Page): Promise<AsyncReasoningPage> {
  const panel = await openPanel(page);
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Answered');
  return panel;
}

async function traceOf(page: Page): Promise<ReasoningTrace> {
  const trace = await (await duet(page)).evaluate((api) => api.traceSoFar());
  if (trace === null) throw new Error('There is no run.');
  return trace;
}

const last = <Item>(items: readonly Item[]): Item => {
  const item = items.at(-1);
  if (item === undefined) throw new Error('The list is empty.');
  return item;
};

test('the timeline shows tokens, views and the probe of every step, by key and by pointer', async ({ page }) => {
  const panel = await playRun(page);
  const { steps } = (await traceOf(page)).result;
  await expect(panel.timeline).toHaveAttribute('aria-valuemax', String(steps.length - 1));

  const bothRan = steps.findLast(({ rows }) => rows.length === 2);
  const probed = steps.findLast(({ probe }) => probe !== undefined);
  if (bothRan === undefined || probed?.probe === undefined) throw new Error('The run had no such step.');
  await panel.timeline.press('Home');
  await expect(panel.timelineCaption).toContainText('Step 0 · ');
  for (const wanted of [bothRan.step, probed.step].toSorted((a, b) => a - b)) {
    while (Number(await panel.timeline.getAttribute('aria-valuenow')) < wanted)
      await panel.timeline.press('ArrowRight');
    const record = steps[wanted];
    for (const row of record?.rows ?? []) {
      const seen = row.lengths.map((length, index) => `${length} at ${row.loc[index]}`);
      for (const part of seen.filter((text) => !text.startsWith('0 '))) {
        await expect(panel.timelineCaption).toContainText(part);
      }
    }
    const score = record?.probe?.score;
    if (score !== undefined) await expect(panel.timelineCaption).toContainText(Math.abs(score).toFixed(2));
  }
  await panel.timeline.press('Escape');
  await expect(panel.timelineCaption).toContainText(`Step ${steps.length - 1} · `);
  await expect(page.getByTestId('playhead')).toBeHidden();

  // By pointer: hovering reads, a click chooses; both by where the axis says the step is.
  const box = await panel.timeline.boundingBox();
  if (box === null) throw new Error('The timeline is not shown.');
  await page.mouse.move(box.x + box.width * 0.4, box.y + 20);
  const hovered = await panel.timelineCaption.innerText();
  expect(hovered).toMatch(/^Step [1-9]\d* · /);
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(box.x + box.width * 0.4, box.y - 40);
  await expect(panel.timelineCaption).toHaveText(hovered, { useInnerText: true });
  await expect(panel.timeline).toHaveAttribute('aria-valuenow', /Step (\d+)/.exec(hovered)?.[1] ?? '');
  await expect(page.getByTestId('playhead')).toBeVisible();
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(page.getByTestId('playhead')).toBeHidden();
});

test('the timeline zooms and pans by wheel, key, button and drag', async ({ page }) => {
  const panel = await playRun(page);
  const axisTexts = (): Promise<string[]> => panel.timeline.locator('.timeline__axis text').allTextContents();
  const whole = await axisTexts();
  expect(whole[0]).toBe('0');
  const fit = page.getByRole('button', { name: 'Fit the whole run' });
  await expect(fit).toBeDisabled();

  await panel.timeline.hover();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -600);
  await page.keyboard.up('Control');
  await expect(fit).toBeEnabled();
  const near = await axisTexts();
  expect(near).not.toEqual(whole);
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -4000);
  await page.keyboard.up('Shift');
  await expect.poll(async () => (await axisTexts())[0]).toBe('0');

  const box = await panel.timeline.boundingBox();
  if (box === null) throw new Error('The timeline is not shown.');
  await page.mouse.move(box.x + 500, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 300, box.y + 20, { steps: 4 });
  await page.mouse.up();
  expect((await axisTexts())[0]).not.toBe('0');
  await expect(page.getByTestId('playhead')).toBeHidden();

  await fit.click();
  expect(await axisTexts()).toEqual(whole);
  await panel.timeline.press('+');
  await expect(fit).toBeEnabled();
  await panel.timeline.press('0');
  expect(await axisTexts()).toEqual(whole);
  await page.getByText('Time', { exact: true }).click();
  expect(last(await axisTexts())).toMatch(/ s$/);
});

test('the block map shows lengths, offsets and what was never recomputed, at any step', async ({ page }) => {
  const panel = await playRun(page);
  const trace = await traceOf(page);
  const { steps } = trace.result;
  await panel.openPicture('Blocks');
  await expect(page.getByTestId('blocks-step')).toHaveText(`Step ${steps.length - 1}, the newest`);
  const expectStep = async (step: number): Promise<void> => {
    for (const stream of ['thinker', 'writer'] as const) {
      const row = steps.slice(0, step + 1).findLast(({ rows }) => rows.some((made) => made.stream === stream));
      const made = row?.rows.find((candidate) => candidate.stream === stream);
      const values = page.getByTestId(`view-${stream}`).locator('.block-map__value');
      // The picture is loaded when it is opened, and drawn behind the line that names its step.
      await expect
        .poll(async () =>
          (await values.allTextContents()).map((text) => Number(text.split(' ')[0]?.replaceAll(',', ''))),
        )
        .toEqual(made?.loc ?? []);
    }
  };
  await expectStep(steps.length - 1);
  await page.getByRole('button', { name: 'Step before' }).click();
  await expect(page.getByTestId('blocks-step')).toHaveText(`Step ${steps.length - 2}`);
  await expectStep(steps.length - 2);
  await page.getByRole('button', { name: 'Now', exact: true }).click();

  // Every view's length, less what was computed: one token a row, the probe's question, and the words that were read.
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const fresh = sum(
    steps.flatMap(({ rows, probe }) => [...rows, ...(probe ? [probe] : [])].map(({ lengths }) => sum(lengths))),
  );
  const computed = sum(
    steps.flatMap(({ rows, probe, events = [] }) =>
      [...rows, ...(probe ? [probe] : []), ...events]
        .filter(({ lengths }) => lengths.length > 0)
        .map(({ lengths, loc }) => last(lengths) - last(loc)),
    ),
  );
  await expect(page.getByTestId('saved-tokens')).toHaveText((fresh - computed).toLocaleString('en'));
  const bytes = (fresh - computed) * 2 * 30 * 3 * 64 * 4;
  await expect(page.getByTestId('saved-bytes')).toHaveText(`${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`);
});

test('a picture is saved as SVG, PNG and CSV, read as a table, and shown large', async ({ page }) => {
  const panel = await playRun(page);
  const { steps } = (await traceOf(page)).result;
  const saved = async (item: string): Promise<{ readonly name: string; readonly data: Buffer }> => {
    const download = page.waitForEvent('download');
    await panel.exportPicture(item);
    return { name: (await download).suggestedFilename(), data: await readFile(await (await download).path()) };
  };
  const svg = await saved('Save as SVG');
  expect(svg.name).toBe('duet-timeline.svg');
  const shown = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    return {
      isBroken: parsed.querySelector('parsererror') !== null,
      title: parsed.querySelector('title')?.textContent,
      description: parsed.querySelector('desc')?.textContent,
      bar: parsed.querySelector<SVGElement>('path[style*="fill"]')?.getAttribute('style'),
      needsPage: /var\(|class=/.test(text),
    };
  }, svg.data.toString());
  expect(shown).toMatchObject({ isBroken: false, title: 'Timeline', needsPage: false });
  expect(shown.description).toContain(`Timeline of ${steps.length} steps`);
  expect(shown.bar).toMatch(/fill:\s*rgb/);

  const png = await saved('Save as PNG');
  expect(png.data.subarray(1, 4).toString()).toBe('PNG');
  // Width and height stand behind the signature and the name of the first part; twice the picture with its margin.
  const drawn = await panel.timeline.boundingBox();
  expect(png.data.readUInt32BE(16)).toBe(2 * (Math.ceil(drawn?.width ?? 0) + 24));

  const csv = (await saved('Save as CSV')).data.toString().trimEnd().split('\r\n');
  expect(csv).toHaveLength(steps.length + 1);
  expect(csv[0]).toMatch(/^step,ms,state,user,thinker token/);

  await panel.exportPicture('Show as table');
  const table = page.getByRole('region', { name: 'Timeline, table' });
  await expect(table.getByRole('row')).toHaveCount(Math.min(200, steps.length) + 1);
  await panel.exportPicture('Show as picture');
  await expect(panel.timeline).toBeVisible();

  await panel.exportPicture('Show large');
  const dialog = page.getByRole('dialog', { name: 'Timeline' });
  await expect(dialog.getByRole('slider', { name: 'Steps of the run' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the open picture is kept over a reload, and the tabs go by arrow keys', async ({ page }) => {
  const panel = await openPanel(page);
  await page.getByRole('tab', { name: 'Timeline' }).press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Blocks' })).toHaveAttribute('aria-selected', 'true');
  await expect(panel.blocks).toContainText('No step yet.');
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Blocks' })).toHaveAttribute('aria-selected', 'true');
});

test('timeline and blocks break no accessibility rule and fit, in both themes and sizes', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const panel = await playRun(page);
  for (const picture of ['Timeline', 'Blocks'] as const) {
    await panel.openPicture(picture);
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(size.width);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await transitionsOver(page);
      const { violations } = await axe(page).include('.pictures').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  }
});

test('with thousands of tokens, no task of ours is long, while they come and while the timeline is panned', async ({
  browser,
  page,
}) => {
  const panel = await openPanel(page, 'long');
  const ended = await watchLongTasks(browser, page);
  await panel.type('Why?');
  await panel.send();
  await expect.poll(() => panel.numberOf('Thoughts', 'tokens')).toBeGreaterThan(5000);
  await panel.timeline.hover();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -1000);
  await page.keyboard.up('Control');
  await page.mouse.down();
  for (let turn = 0; turn < 10; turn++) await page.mouse.move(500 + 60 * turn, 560);
  await page.mouse.up();
  for (let turn = 0; turn < 10; turn++) await panel.timeline.press('ArrowLeft');
  const { ours } = await ended();
  await panel.stopButton.click();
  expect(ours, `longer than ${LONG_TASK_MS} ms`).toEqual([]);
});

test('nor while the other pictures are open, or an earlier moment is looked at in them', async ({ browser, page }) => {
  const panel = await openPanel(page, 'long');
  await panel.type('Why?');
  await panel.send();
  const pictures = ['Blocks', 'What it read', 'Rotary dial'] as const;
  const ended = await watchLongTasks(browser, page);
  for (const [index, name] of pictures.entries()) {
    await panel.openPicture(name);
    await expect.poll(() => panel.numberOf('Thoughts', 'tokens')).toBeGreaterThan(1700 * (index + 1));
  }
  await page.getByRole('button', { name: 'Look back' }).click();
  for (const name of pictures) {
    await panel.openPicture(name);
    await page.getByLabel('Step that is shown').focus();
    for (let turn = 0; turn < 5; turn++) await page.keyboard.press('ArrowLeft');
  }
  const { ours } = await ended();
  expect(ours, `longer than ${LONG_TASK_MS} ms`).toEqual([]);
});
