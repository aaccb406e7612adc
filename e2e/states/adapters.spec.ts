/** Adapters and fine-tuning on the scripted engine: states of the page, no evidence of training. */
import type { Page } from '@playwright/test';
import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { AdaptersPage } from '../pages/adapters-page.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';

async function openPage(page: Page, state: string): Promise<AdaptersPage> {
  await new AsyncReasoningPage(page).open(`?engine=scripted&state=${state}`);
  await new ModelPage(page).waitUntilReady();
  return new AdaptersPage(page);
}

test('the chip waits for a model; without adapters the dialog says what one is', async ({ page }) => {
  await new AsyncReasoningPage(page).open('?engine=scripted&model=none');
  const adapters = new AdaptersPage(page);
  await expect(adapters.chip).toHaveAccessibleName('Adapter: none (load a model first)');
  await expect(adapters.chip).toHaveAttribute('aria-disabled', 'true');
  await adapters.chip.click({ force: true });
  await expect(adapters.dialog).toBeHidden();
  await page.getByRole('button', { name: 'Load the model' }).click();
  await new ModelPage(page).waitUntilReady();
  await adapters.open();
  await expect(adapters.dialog).toContainText('An adapter (LoRA) is a small set of numbers');
  await adapters.fineTuneTab.click();
  await expect(adapters.dialog).toContainText('None is attached.');
  await adapters.dialog.getByRole('button', { name: 'Make one' }).click();
  await expect(adapters.dialog).toContainText('Trains Adapter 1: rank 8, 0 updates so far.');
  await adapters.close();
  await expect(adapters.chip).toHaveAccessibleName('Adapter: Adapter 1 100 %');
});

test('adapters are listed, attached, blended, renamed, duplicated, exported and deleted', async ({ page }) => {
  const adapters = await openPage(page, 'adapters');
  await adapters.open();
  await expect(adapters.rows).toHaveCount(2);
  await expect(adapters.row('Pirate speech')).toContainText(
    'rank 8 · all modules · 2.44 M parameters · 40 updates here · 1 Mar 2026',
  );
  await expect(adapters.row('Short answers')).toContainText('rank 4 · q, v · 230.4 k parameters');
  await expect(adapters.dialog).toContainText('2 adapters belong to other models');

  await adapters.attachSwitch('Pirate speech').check({ force: true });
  await expect(adapters.blend).toHaveAttribute('aria-valuenow', '100');
  await adapters.blend.press('ArrowLeft');
  await adapters.blend.press('ArrowLeft');
  await expect(adapters.chip).toHaveText(/Pirate speech\s*90 %/);
  await adapters.dialog.getByRole('switch', { name: 'Applied' }).uncheck({ force: true });
  await expect(adapters.chip).toHaveText(/ 0 %|h0 %/);
  await adapters.dialog.getByRole('switch', { name: 'Applied' }).check({ force: true });
  await expect(adapters.chip).toHaveText(/90 %/);

  await expect(adapters.checkpoints).toHaveCount(2);
  await adapters.dialog.getByRole('button', { name: 'Go back to update 30' }).click();
  await expect(adapters.dialog).toContainText('is in no checkpoint is lost.');
  await adapters.dialog.getByRole('button', { name: 'Go back to it' }).click();
  await expect(adapters.row('Pirate speech')).toContainText('30 updates here');

  await adapters.row('Short answers').getByRole('button', { name: 'Rename' }).click();
  await page.keyboard.press('Escape');
  await expect(adapters.dialog).toBeVisible();
  await adapters.row('Short answers').getByRole('button', { name: 'Rename' }).click();
  await page.keyboard.type('Terse');
  await page.keyboard.press('Enter');
  await expect(adapters.row('Terse')).toBeVisible();
  await adapters.row('Terse').getByRole('button', { name: 'Duplicate' }).click();
  await expect(adapters.rows).toHaveCount(3);
  expect((await adapters.download('Terse', 'Export')).suggestedFilename()).toBe('Terse.zip');

  await adapters.row('Pirate speech').getByRole('button', { name: 'Delete' }).click();
  await expect(adapters.row('Pirate speech')).toContainText(
    'It is lost with its 30 updates and 2 checkpoints; that cannot be undone.',
  );
  await page.keyboard.press('Escape');
  await expect(adapters.rows).toHaveCount(3);
  await adapters.row('Pirate speech').getByRole('button', { name: 'Delete' }).click();
  await adapters.dialog.getByRole('button', { name: 'Delete it' }).click();
  await expect(adapters.rows).toHaveCount(2);
  await expect(adapters.chip).toHaveText(/none/);
});

test('a new adapter says what it takes, and what is wrong with it field by field', async ({ page }) => {
  const adapters = await openPage(page, 'adapters');
  await adapters.open();
  await adapters.newButton.click();
  await expect(adapters.field('Name')).toHaveValue('Adapter 1');
  await expect(adapters.form).toContainText('2.44 M parameters, 39.1 MB while it is trained');
  await adapters.field('Rank').fill('16');
  await expect(adapters.form).toContainText('4.88 M parameters, 78.2 MB');
  await adapters.field('Rank').fill('65');
  await expect(adapters.form).toContainText('A whole number, 1 to 64.');
  await adapters.field('Alpha').fill('0');
  await expect(adapters.form).toContainText('A number above 0.');
  await adapters.field('Dropout').fill('1');
  await expect(adapters.form).toContainText('0 to below 1.');
  await adapters.field('Name').fill(' ');
  await expect(adapters.form).toContainText('1 to 80 characters.');
  await expect(adapters.createButton).toBeDisabled();
  for (const [name, value] of [
    ['Name', 'Mine'],
    ['Rank', '4'],
    ['Alpha', '8'],
    ['Dropout', '0.1'],
  ] as const)
    await adapters.field(name).fill(value);
  for (const target of ['k_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj', 'q_proj', 'v_proj'])
    await adapters.form.getByRole('checkbox', { name: target }).uncheck();
  await expect(adapters.form).toContainText('Choose at least one.');
  await adapters.form.getByRole('checkbox', { name: 'v_proj' }).check();
  await adapters.createButton.click();
  await expect(adapters.row('Mine')).toContainText('rank 4 · v ·');
  await expect(adapters.attachSwitch('Mine')).toBeChecked();
});

test('a file that is no adapter is refused with its reason and leaves the list; a good one joins it', async ({
  page,
}) => {
  const adapters = await openPage(page, 'adapters');
  await adapters.open();
  await adapters.importFile('adapter_model.bin');
  await expect(adapters.alert).toContainText('adapter_model.bin: Choose either one .zip');
  await expect(adapters.alert).toContainText('Export it again, or choose another.');
  await expect(adapters.rows).toHaveCount(2);
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(['PK'], 'From PEFT.zip'));
    return data;
  });
  await adapters.dialog.getByRole('tabpanel').locator('> div').dispatchEvent('drop', { dataTransfer: transfer });
  await expect(adapters.row('From PEFT')).toBeVisible();
  await expect(adapters.alert).toBeHidden();
});

test('training shows each step, goes on while the dialog is closed, stops, and keeps what was made', async ({
  page,
}) => {
  const adapters = await openPage(page, 'adapters-slow');
  await adapters.openFineTune();
  await expect(adapters.startButton).toBeDisabled();
  await adapters.loadExampleButton.click();
  await expect(adapters.dialog).toContainText('JSONL, 6 lines');
  await adapters.examples.fill('{"text": "One."}\nnot json');
  await adapters.startButton.click();
  await expect(adapters.dialog).toContainText(/Step 1 of 20 · (forward|backward) \d+ % · about 48 s left/);
  await adapters.dialog.getByText('2 notes on the examples').click();
  await expect(adapters.dialog).toContainText('Line 2: The line is not a JSON object.');
  await adapters.close();
  // Two losses are a change.
  await expect(adapters.chip).toHaveText(/training [2-9]\/20/);
  await adapters.open();
  await expect(adapters.chart).toHaveAccessibleName(/loss begins at 3\.000/);
  await adapters.adaptersTab.click();
  await expect(adapters.attachSwitch('Pirate speech')).toBeDisabled();
  await adapters.fineTuneTab.click();
  await adapters.stopButton.click();
  await expect(adapters.dialog).toContainText(
    /Stopped\. \d of 20 steps of “Pirate speech”: the loss went from 3\.000 to/,
  );
  await adapters.adaptersTab.click();
  await expect(adapters.checkpoints).toHaveCount(3);

  // The form is kept, and what it holds with it.
  await page.reload();
  await new ModelPage(page).waitUntilReady();
  await adapters.openFineTune();
  await expect(adapters.examples).toHaveValue('{"text": "One."}\nnot json');
});

test('after training, the same prompt without and with the adapter', async ({ page }) => {
  const adapters = await openPage(page, 'adapters-attached');
  await adapters.openFineTune();
  await adapters.loadExampleButton.click();
  await adapters.estimateButton.click();
  await expect(adapters.dialog).toContainText('about 2.4 s a step, 48 s for 20 steps');
  await expect(adapters.dialog).toContainText('50.3 MB of 134 MB allowed');
  await adapters.field('Steps').fill('3');
  await adapters.startButton.click();
  await adapters.waitUntilComplete();
  await adapters.compareButton.click();
  await expect(adapters.answer('Without the adapter')).toHaveText('The moon is a natural satellite of the Earth.');
  await expect(adapters.answer(/^With “Pirate speech”, 100 %/)).toContainText('me hearty.');

  // Escape closes the reason why there is no scenario, and not the dialog around it.
  await adapters.dialog.getByRole('button', { name: 'Save as scenario' }).click();
  const reason = page.getByText('The adapter had been trained before.');
  await expect(reason).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(reason).toBeHidden();
  await expect(adapters.dialog).toBeVisible();
});

test('what does not fit is refused with numbers, and a suggestion makes it fit; a divergence names its step', async ({
  page,
}) => {
  const adapters = await openPage(page, 'adapters-refused');
  await adapters.openFineTune();
  await adapters.loadExampleButton.click();
  await adapters.startButton.click();
  await expect(adapters.alert).toContainText('The largest buffer takes 403 MB; this device allows 134 MB a buffer.');
  await adapters.dialog.getByRole('button', { name: /^Use 256 tokens per pass, .*: 136 MB/ }).click();
  await expect(adapters.alert).toBeHidden();
  await adapters.field('Steps').fill('2');
  await adapters.startButton.click();
  await adapters.waitUntilComplete();

  await page.goto('?engine=scripted&state=adapters-diverge');
  await new ModelPage(page).waitUntilReady();
  await adapters.openFineTune();
  await adapters.field('Steps').fill('20');
  await adapters.startButton.click();
  await expect(adapters.alert).toContainText(
    /Step 43: the gradient of .*lora_B\.weight is not a number\. 2 of 20 steps/,
  );
  await expect(adapters.alert).toContainText('Lower the learning rate');
});

test('the keyboard is enough: chip, tabs, example, start, stop, and back to the chip', async ({ page }) => {
  const adapters = await openPage(page, 'adapters-slow');
  await adapters.chip.focus();
  await page.keyboard.press('Enter');
  await adapters.dialog.waitFor();
  await adapters.adaptersTab.focus();
  await page.keyboard.press('ArrowRight');
  await expect(adapters.examples).toBeVisible();
  await adapters.loadExampleButton.focus();
  await page.keyboard.press('Space');
  await expect(adapters.startButton).toBeEnabled();
  await adapters.field('Steps').focus();
  await page.keyboard.press('Enter');
  await expect(adapters.progress).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(adapters.stopButton).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(adapters.dialog).toContainText('Stopped.');
  await page.keyboard.press('Escape');
  await expect(adapters.dialog).toBeHidden();
  await expect(adapters.chip).toBeFocused();
});

test('no accessibility rule is broken, and nothing is cut off, in either look', async ({ page }) => {
  const check = async (): Promise<void> => {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await transitionsOver(page);
      const { violations } = await axe(page).include('[role="dialog"]').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const widths = await adapters.dialog.evaluate((dialog) => [dialog.scrollWidth, dialog.clientWidth]);
      expect(widths[0]).toBe(widths[1]);
    }
  };
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const adapters = await openPage(page, 'adapters-attached');
  await adapters.open();
  await adapters.newButton.click();
  await adapters.importFile('adapter_model.bin');
  await adapters.row('Pirate speech').getByRole('button', { name: 'Delete' }).click();
  await expect(adapters.checkpoints).toHaveCount(2);
  await check();
  await adapters.fineTuneTab.click();
  await adapters.loadExampleButton.click();
  await adapters.dialog.getByText('Advanced').click();
  await adapters.field('Steps').fill('3');
  await adapters.startButton.click();
  await adapters.waitUntilComplete();
  await adapters.chart.waitFor();
  await adapters.estimateButton.click();
  await expect(adapters.dialog).toContainText('besides the model');
  await adapters.compareButton.click();
  await expect(adapters.answer(/^With “Pirate speech”/)).toContainText('hearty');
  await check();
  await adapters.close();
  // At phone width the page itself.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await expect(adapters.chip).toBeInViewport({ ratio: 1 });
});
