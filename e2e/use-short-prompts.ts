import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { MaterialPage } from './pages/material-page.ts';
import { SHORT_TEMPLATES } from './short-templates.ts';

/** On the Negotiation panel: imports them as a person does. */
export async function useShortPrompts(page: Page): Promise<void> {
  const entries = Object.entries(SHORT_TEMPLATES).map(([id, text]) => [id, { ourVersion: 1, text }]);
  const file = { format: 'duet-templates-1', templates: Object.fromEntries(entries) as unknown };
  const material = new MaterialPage(page);
  await material.openDialog();
  await material.openTab('Prompts');
  await material.importFile('File of prompts', JSON.stringify(file));
  await material.button(`Change ${entries.length} prompts`).click();
  await expect(material.button(`Export ${entries.length} edited`)).toBeEnabled();
  await material.dialog.getByRole('button', { name: 'Close', exact: true }).click();
}
