import type { Page } from '@playwright/test';
import { duet, expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { recordScripted, serveRecordings } from '../negotiation-recording.ts';
import { ModelPage } from '../pages/model-page.ts';
import { SettingsPage } from '../pages/settings-page.ts';

async function openPanel(page: Page, state = 'negotiation-fast'): Promise<void> {
  await page.goto(`/?engine=scripted&state=${state}#/negotiation`);
}

test('presets, search and refusals of the negotiation’s settings; what is set survives a reload', async ({ page }) => {
  await openPanel(page);
  await new ModelPage(page).waitUntilReady();
  const settings = new SettingsPage(page);
  await settings.open();
  await expect(settings.preset('Standard')).toHaveAttribute('aria-pressed', 'true');
  await settings.preset('Thinking negotiators').click();
  await expect(settings.group('Thinking while listening')).toContainText('2 changed');
  await settings.undoButton.click();
  await expect(settings.preset('Standard')).toHaveAttribute('aria-pressed', 'true');

  const size = await settings.field('Group size');
  await size.fill('65');
  await expect(settings.drawer).toContainText('65 is out of range: 1 to 64 dialogues. It stays 4.');
  await size.fill('2');
  await expect(settings.drawer).toContainText('counts from the next run');
  await settings.loadButton.click();
  await settings.json.fill('{"maxTurns": 5, "thinking": "all"}');
  await settings.drawer.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(settings.drawer).toContainText('Who thinks while listening (thinking) is "all", but has to be one of');
  await page.reload();
  await settings.open();
  await expect(await settings.field('Group size')).toHaveValue('2 dialogues');
  await expect(await settings.field('Turns at most')).toHaveValue('3 turns');
  await settings.reset('Turns at most').waitFor({ state: 'hidden' });
});

test('the settings drawer: nothing is cut off, and no accessibility rule is broken', async ({ page }) => {
  await openPanel(page);
  await new ModelPage(page).waitUntilReady();
  const settings = new SettingsPage(page);
  await settings.open();
  for (const group of ['Group and turns', 'Context', 'Choice of tokens', 'Agreement', 'Judge and answer', 'Adapter'])
    await settings.group(group).click();
  await settings.drawer.getByLabel('Group size', { exact: true }).fill('65');
  await looksWell(page, 'settings');
});

test('a recording plays, is held, and jumps to its end; a hostile file is refused by its field', async ({ page }) => {
  await openPanel(page);
  await new ModelPage(page).waitUntilReady();
  const recording = await recordScripted(await duet(page), { groupSize: 2, maxTurns: 2 });
  const hostile = { ...recording, name: 'Hostile', device: { ...recording.device, vendor: '<img src=x>'.repeat(99) } };
  await serveRecordings(page, { 'scripted.json': recording, 'hostile.json': hostile });
  await page.reload();
  const state = page.getByTestId('negotiation-state');
  const controls = page.getByRole('group', { name: 'Recorded negotiation' });
  await page.getByRole('button', { name: 'Watch a recorded one' }).click();
  await page.getByRole('menuitem', { name: 'Two about a friend' }).click();
  await expect(state).toContainText('Recorded: ');
  await expect(page.getByText('What you see was recorded; nothing runs here now.')).toContainText(
    'the verdict cannot be',
  );
  await expect(page.getByText('judged by the model itself')).toContainText('google swiftshader (software adapter)');
  await controls.getByRole('button', { name: 'Hold' }).click();
  await expect(state).toContainText('Recorded: paused');
  await controls.getByLabel('Speed').selectOption('4×');
  await controls.getByRole('button', { name: 'Play', exact: true }).click();
  await controls.getByRole('button', { name: 'To end' }).click();
  await expect(state).toContainText('Recorded: done');
  await expect(controls.getByRole('button', { name: 'Play again' })).toBeVisible();

  await page.getByRole('button', { name: 'Another recording' }).click();
  await page.getByRole('menuitem', { name: 'Hostile' }).click();
  await expect(page.getByRole('alert')).toContainText('The recording: device.vendor: ');
  await expect(state).toContainText('Recorded: done');
});

test('without WebGPU a recording plays at once; nothing is cut off, and no accessibility rule is broken', async ({
  page,
}) => {
  await openPanel(page);
  await new ModelPage(page).waitUntilReady();
  const recording = await recordScripted(await duet(page), { groupSize: 2, maxTurns: 2 });
  await serveRecordings(page, { 'scripted.json': recording });
  await openPanel(page, 'no-webgpu');
  await expect(page.getByTestId('negotiation-state')).toContainText('Recorded: ');
  await page.getByRole('button', { name: 'To end' }).click();
  await expect(page.getByRole('button', { name: 'Play again' })).toBeVisible();
  await looksWell(page, 'recording');
});
