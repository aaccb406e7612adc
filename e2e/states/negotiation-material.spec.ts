/** The material of the Negotiation panel on the scripted engine: lists, files, the generator's page, prompts. */
import { readFile } from 'node:fs/promises';
import { expect, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { MaterialPage } from '../pages/material-page.ts';
import { ModelPage } from '../pages/model-page.ts';

const LADDER = {
  category: 'everyday',
  goal: 'Return the lent ladder',
  prompt: 'Your neighbour lent you his ladder in spring and forgot it. Do you bring it back unasked?',
};

test('dilemmas are found, chosen, copied, written and deleted; all of it survives a reload', async ({ page }) => {
  const material = new MaterialPage(page);
  await material.open();
  await expect(material.count).toHaveText('100 dilemmas');
  await material.dialog.getByRole('combobox', { name: 'Category' }).selectOption('interpersonal');
  await material.dialog.getByRole('combobox', { name: 'Split' }).selectOption('test');
  await expect(material.count).toHaveText('8 of 100 dilemmas');
  await expect(material.dialog.getByRole('article')).toContainText('Held out: training never touches these');
  await material.button('Show all').click();
  await material.search.fill('weaver scarf');
  await expect(material.selected).toContainText('Bargain with a market seller');

  // Of ours a copy is edited, which stays near to it.
  await material.button('Edit a copy').click();
  await material.field('Goal').fill('Scarf');
  await expect(material.form).toContainText('The goal has 1 word; it should have 3 to 5.');
  await expect(material.form).toContainText('It is close to "market-scarf-bargain"');
  await material.field('Goal').fill('');
  await expect(material.form).toContainText('This must not be empty.');
  await expect(material.button('Save')).toBeDisabled();
  await material.field('Goal').fill('Bargain for a scarf');
  await material.button('Save').click();
  await expect(material.count).toHaveText('2 of 101 dilemmas');
  await expect(material.selected).toContainText('own');

  // What is not saved is asked for.
  await material.writeDilemma(LADDER.goal, LADDER.prompt);
  await material.list.getByRole('option').last().click();
  await expect(material.dialog).toContainText('What you wrote in this dilemma is not saved.');
  await page.keyboard.press('Enter');
  await material.button('Save').click();
  await expect(material.selected).toContainText(LADDER.goal);
  await material.button('Delete').click();
  await expect(material.count).toHaveText('101 dilemmas');
  await material.button('Undo').click();
  await expect(material.selected).toContainText(LADDER.goal);
  await material.button('Negotiate this').click();
  await expect(material.dialog).toBeHidden();
  await expect(page.getByRole('region', { name: 'Dilemma', exact: true })).toContainText(LADDER.prompt);

  await material.reload();
  await expect(material.count).toHaveText('102 dilemmas');
  await expect(material.list.getByRole('option').filter({ hasText: 'chosen' })).toContainText(LADDER.goal);
  await material.search.fill(LADDER.goal);
  await material.button('Delete').click();
  await expect(material.count).toHaveText('0 of 101 dilemmas');
  await material.button('Show all').click();
  await expect(material.list.getByRole('option').filter({ hasText: 'chosen' })).toContainText(
    'Interpret a blunt diagnosis',
  );
});

test('a file is looked through before anything changes; what is near to a held-out one is held out', async ({
  page,
}) => {
  const material = new MaterialPage(page);
  await material.open();
  await material.button('Export').click();
  const held = (await readFile(await (await material.download(material.button('All: 100'))).path(), 'utf8'))
    .split('\n')
    .find((line) => line.includes('"test"'));
  const { category, goal, prompt } = JSON.parse(held ?? '') as typeof LADDER;
  const retold = { category, goal, prompt: `Tonight ${prompt}` };
  const lines = [LADDER, 'nonsense', retold, { ...LADDER, prompt: 'Short.', goal: 'Short' }, JSON.parse(held ?? '')];
  await material.importFile('File of dilemmas', lines.map((line) => JSON.stringify(line)).join('\n'));
  const preview = material.dialog.getByRole('region', { name: 'What “mine.jsonl” holds' });
  await expect(preview).toContainText(
    '3 new, 1 of them held out; 1 there already; 1 left out. Nothing has changed yet.',
  );
  await expect(preview).toContainText('Line 2');
  await expect(preview).toContainText('It is taken as a test dilemma');
  await expect(material.count).toHaveText('100 dilemmas');
  await preview.getByRole('button', { name: 'Add 3 dilemmas' }).click();
  await expect(material.count).toHaveText('103 dilemmas');
  await material.dialog.getByRole('combobox', { name: 'Split' }).selectOption('test');
  await expect(material.count).toHaveText('21 of 103 dilemmas');
  await material.button('Undo').click();
  await expect(material.count).toHaveText('20 of 100 dilemmas');
});

test('generated dilemmas are watched, stopped, looked through and added', async ({ page }) => {
  const material = new MaterialPage(page);
  await material.open();
  await new ModelPage(page).waitUntilReady();
  await material.openTab('Generate');
  await expect(material.dialog).toContainText('A model of 135 million parameters hardly keeps the rules');
  await material.form.getByRole('textbox', { name: 'Dilemmas' }).fill('0');
  await expect(material.button('Generate')).toBeDisabled();
  await material.form.getByRole('textbox', { name: 'Dilemmas' }).fill('50');
  await material.button('Generate').click();
  await expect(material.review).toHaveCount(2);
  await expect(material.dialog.getByRole('list', { name: /^What the model answered/ })).toContainText('Rejected');
  await material.button('Stop').click();
  await expect(material.dialog).toContainText(/Stopped: \d of 50 accepted\. They are kept\./);
  const numKept = await material.review.count();
  await material.review.first().getByRole('button', { name: 'Drop' }).click();
  await material.review.nth(1).getByRole('button', { name: 'Edit' }).click();
  await material.review.nth(1).getByRole('textbox', { name: 'Goal' }).fill('Say it to her');
  await material.review.nth(1).getByRole('button', { name: 'Save' }).click();
  await material.reload();
  await material.openTab('Generate');
  await expect(material.review).toHaveCount(numKept);
  await material.button(/^Add \d dilemmas?$/).click();
  await expect(material.review).toHaveCount(0);
  await material.openTab('Dilemmas');
  await expect(material.count).toHaveText(`${99 + numKept} dilemmas`);
  await material.dialog.getByRole('combobox', { name: 'Origin' }).selectOption('generated');
  await expect(material.list).toContainText('Say it to her');
});

test('a prompt is edited by its slots, checked, compared, restored and found again', async ({ page }) => {
  const material = new MaterialPage(page);
  await material.open();
  await material.openTab('Prompts');
  await material.dialog.getByRole('button', { name: 'First turn (user)' }).click();
  await material.promptText.fill('Speak now, {nobody}');
  await expect(material.dialog).toContainText('There is no slot {nobody}.');
  await expect(material.button('Save')).toBeDisabled();
  await material.promptText.fill('Speak now, ');
  await material.dialog.getByRole('button', { name: /^Insert \{name\}/ }).click();
  await expect(material.promptText).toHaveValue('Speak now, {name}');
  await material.button('Save').click();
  await expect(material.dialog.getByRole('button', { name: 'First turn (user) edited' })).toBeVisible();
  await material.reload();
  await material.openTab('Prompts');
  await material.dialog.getByRole('button', { name: 'First turn (user) edited' }).click();
  await expect(material.promptText).toHaveValue('Speak now, {name}');
  await material.dialog.getByText('Compare with ours').click();
  await expect(material.dialog.locator('ins').first()).toContainText('Speak');
  const file = await material.download(material.button('Export 1 edited'));
  await material.button('Restore ours').click();
  await material.dialog.getByText('Earlier versions of yours: 1').click();
  await expect(material.button('Use again')).toBeEnabled();
  await material.importFile('File of prompts', await readFile(await file.path(), 'utf8'));
  await material.button('Change 1 prompt').click();
  await expect(material.button('Export 1 edited')).toBeEnabled();
  await material.dialog.getByRole('button', { name: 'Judge of Collective Agency', exact: true }).click();
  await expect(material.dialog).toContainText('CC BY 4.0');
  await material.dialog.getByText('Slots and quotes').click();
  await expect(material.dialog.locator('q').first()).toHaveText('The expansion of perception and understanding.');
});

test('without storage the page says so and works on: dilemmas and persona pairs are written and chosen', async ({
  page,
}) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new Error('Storage is forbidden.');
    };
  });
  const material = new MaterialPage(page);
  await material.open();
  await expect(material.dialog.getByRole('alert')).toContainText('The browser keeps nothing');
  await material.writeDilemma(LADDER.goal, LADDER.prompt);
  await material.button('Save').click();
  await expect(material.count).toHaveText('101 dilemmas');
  await material.openTab('Persona pairs');
  await expect(material.count).toHaveText('25 persona pairs');
  await material.button('New persona pair').click();
  await material.field('Theme').fill('Loud against quiet');
  await material.field('Persona 1').fill('Say everything as loudly as you can.');
  await material.field('Persona 2').fill('Say everything as loudly as you can.');
  await expect(material.form).toContainText('Both personas are the same.');
  await material.field('Persona 2').fill('Whisper. Always.');
  await expect(material.form).toContainText('Persona 2 has 2 sentences; it should be one plain sentence.');
  await material.field('Persona 2').fill('Whisper, and leave long silences.');
  await material.button('Save').click();
  await expect(material.selected).toContainText('Loud against quiet');
  await material.button('Negotiate with this pair').click();
  await expect(page.getByRole('region', { name: 'Dilemma', exact: true })).toContainText('leave long silences');
});

test('every tab can be read and reached, in both colours', async ({ page }) => {
  const material = new MaterialPage(page);
  await material.open();
  await new ModelPage(page).waitUntilReady();
  await material.writeDilemma('Ladder', '');
  for (const tab of ['Dilemmas', 'Persona pairs', 'Generate', 'Prompts']) {
    await material.openTab(tab);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await transitionsOver(page);
      const { violations } = await axe(page).include('[role=dialog]').analyze();
      expect(violations).toEqual([]);
    }
  }
});
