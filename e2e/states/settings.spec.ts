import { expect, LOOKS, test, transitionsOver } from '../fixtures.ts';
import { axe } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { SettingsPage } from '../pages/settings-page.ts';

let settings: SettingsPage;

test.beforeEach(async ({ page }) => {
  await new AsyncReasoningPage(page).open('?engine=scripted');
  await new ModelPage(page).waitUntilReady();
  settings = new SettingsPage(page);
  await settings.open();
});

test('a preset is marked when all that it fixes holds; choosing one can be taken back', async () => {
  await expect(settings.preset('Later solver')).toHaveAttribute('aria-pressed', 'true');
  await settings.preset('Q-Pause').click();
  await expect(settings.preset('Q-Pause')).toHaveAttribute('aria-pressed', 'true');
  await expect(settings.group('Probe')).toContainText('2 changed');

  await settings.undoButton.click();
  await expect(settings.preset('Later solver')).toHaveAttribute('aria-pressed', 'true');

  await (await settings.field('Temperature')).fill('0.5');
  await settings.search.fill('');
  await expect(settings.preset('Later solver')).toHaveAttribute('aria-pressed', 'true');
  await (await settings.field('Probe question')).fill('Go on?');
  await settings.search.fill('');
  await expect(settings.presets).toContainText('None of them holds');
});

test('a value out of range is refused with the range, and the setting keeps its own', async ({ page }) => {
  const interval = await settings.field('Probe interval');
  await interval.fill('5000');
  await expect(settings.drawer).toContainText('5000 is out of range: 1 to 1000 steps. It stays 10.');
  await expect(interval).toHaveAttribute('aria-invalid', 'true');
  await page.reload();
  await settings.open();
  await expect(await settings.field('Probe interval')).toHaveValue('10 steps');
  await (await settings.field('Probe interval')).fill('12');
  await page.reload();
  await settings.open();
  await expect(await settings.field('Probe interval')).toHaveValue('12 steps');
});

test('search looks into label, name, help and source, and says when nothing is found', async ({ page }) => {
  await settings.search.fill('minWriterSteps');
  await expect(settings.found).toHaveText(/^1 of \d+ settings$/);
  await expect(settings.drawer.getByLabel('Shortest burst', { exact: true })).toBeVisible();
  await settings.search.fill('chat template');
  await expect(settings.drawer.getByLabel('Earlier thoughts', { exact: true })).toBeVisible();
  await settings.search.fill('no such thing');
  await expect(settings.found).toContainText('No setting has “no such thing”');
  await page.keyboard.press('Escape');
  await expect(settings.search).toHaveValue('');
  await expect(settings.group('Method')).toHaveAttribute('aria-expanded', 'false');
});

test('every kind of setting can be changed and reset, and says where it comes from and when it counts', async ({
  page,
}) => {
  await settings.group('Probe').click();
  await expect(settings.drawer).toContainText("Source: the authors' code: 20; a later version 30");
  await expect(settings.drawer).toContainText('1 to 1000 steps · default 10 steps · counts at once');
  const atParagraphs = settings.drawer.getByRole('switch', { name: 'Probe at paragraph ends' });
  await atParagraphs.uncheck({ force: true });
  await expect(settings.group('Probe')).toContainText('1 changed');
  await settings.reset('Probe at paragraph ends').click();
  await expect(atParagraphs).toBeChecked();
  await expect(atParagraphs).toBeFocused();

  await settings.drawer.getByRole('combobox', { name: 'What yes means' }).click();
  await page.getByRole('option', { name: 'yes: pause' }).click();
  await expect(settings.reset('What yes means')).toBeVisible();

  const question = settings.drawer.getByLabel('Probe question', { exact: true });
  await question.fill('Ready?\n\nSay yes: ');
  await expect(settings.drawer).toContainText('Ready?↵↵Say yes:');
  await question.fill('x'.repeat(501));
  await expect(settings.drawer).toContainText('Too long: at most 500 characters, this has 501.');

  const words = settings.drawer.getByRole('combobox', { name: 'Words for yes' });
  await words.fill('YES');
  await words.press('Enter');
  await expect(settings.reset('Words for yes')).toBeVisible();
  for (let count = 0; count < 3; count++) await words.press('Backspace');
  await expect(settings.drawer).toContainText('At least one word is needed. It stays yes.');
});

test('all settings can be reset at once, and that can be taken back', async () => {
  await (await settings.field('Budget')).fill('96');
  await (await settings.field('Seed')).fill('7');
  await settings.resetAllButton.click();
  await expect(await settings.field('Budget')).toHaveValue('512 steps');
  await expect(settings.resetAllButton).toBeDisabled();
  await settings.undoButton.click();
  await expect(await settings.field('Budget')).toHaveValue('96 steps');
  await expect(await settings.field('Seed')).toHaveValue('7');
});

test('settings are copied and loaded as JSON; one fault changes nothing and is named', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await (await settings.field('Budget')).fill('96');
  await settings.copyButton.click();
  await expect(settings.copyButton).toHaveText('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied)).toMatchObject({ budget: 96, design: 'B' });

  await settings.loadButton.click();
  await settings.json.fill('{"budget": 200, "topP": 7}');
  await settings.drawer.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(settings.drawer).toContainText('Top p (topP) is 7, but has to be a number from 0.01 to 1.');
  await expect(await settings.field('Budget')).toHaveValue('96 steps');

  const buffer = Buffer.from('{"budget": 200, "topP": 0.7}');
  await settings.fileInput.setInputFiles({ name: 'settings.json', mimeType: 'application/json', buffer });
  await expect(settings.drawer).toContainText('2 settings were loaded.');
  await expect(await settings.field('Budget')).toHaveValue('200 steps');
});

for (const { colorScheme, ...size } of LOOKS) {
  test(`no accessibility rule is broken in ${colorScheme} colours at ${size.width} x ${size.height}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    for (const group of ['Method', 'Probe', 'Typing', 'Speech', 'Choice of tokens'])
      await settings.group(group).click();
    await settings.drawer.getByLabel('Probe interval', { exact: true }).fill('5000');
    await settings.preset('Q-Pause').click();
    await transitionsOver(page);
    const { violations } = await axe(page).include('.settings-drawer').analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const [scrolled, shown] = await settings.drawer.evaluate((drawer) => [drawer.scrollWidth, drawer.clientWidth]);
    expect(scrolled).toBe(shown);
    const width = Math.min(448, size.width);
    expect(await settings.drawer.boundingBox()).toEqual({ x: size.width - width, y: 0, width, height: size.height });
    const head = await settings.search.boundingBox();
    await settings.search.fill('seed');
    const found = await settings.found.boundingBox();
    expect(found?.y).toBeGreaterThan((head?.y ?? 0) + (head?.height ?? 0));
  });
}
