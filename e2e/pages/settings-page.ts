import type { Locator, Page } from '@playwright/test';

/** The settings drawer. Groups are closed at first; `field` brings a setting up by searching for it. */
export class SettingsPage {
  readonly page: Page;
  readonly openButton: Locator;
  readonly drawer: Locator;
  readonly search: Locator;
  readonly found: Locator;
  readonly presets: Locator;
  readonly resetAllButton: Locator;
  readonly undoButton: Locator;
  readonly copyButton: Locator;
  readonly loadButton: Locator;
  readonly json: Locator;
  readonly fileInput: Locator;

  constructor(page: Page) {
    this.page = page;
    this.openButton = page.getByRole('button', { name: 'Settings' });
    this.drawer = page.getByRole('dialog', { name: 'Settings' });
    this.search = this.drawer.getByLabel('Search settings');
    this.found = this.drawer.getByRole('status').first();
    this.presets = this.drawer.getByRole('region', { name: 'Presets' });
    this.resetAllButton = this.drawer.getByRole('button', { name: 'Reset all' });
    this.undoButton = this.drawer.getByRole('button', { name: 'Undo' });
    this.copyButton = this.drawer.getByRole('button', { name: /^Cop(y as JSON|ied)$/ });
    this.loadButton = this.drawer.getByRole('button', { name: 'Load from JSON' });
    this.json = this.drawer.getByLabel('Settings as JSON');
    this.fileInput = this.drawer.getByLabel('Settings file');
  }

  async open(): Promise<void> {
    await this.openButton.click();
    await this.drawer.waitFor();
  }

  async close(): Promise<void> {
    await this.drawer.getByRole('button', { name: 'Close', exact: true }).first().click();
    await this.drawer.waitFor({ state: 'hidden' });
  }

  preset(name: string): Locator {
    return this.presets.getByRole('button', { name: new RegExp(`^${name.replace('+', '\\+')} `) });
  }

  group(name: string): Locator {
    return this.drawer.getByRole('button', { name: new RegExp(`^${name}.* settings`) });
  }

  /** The input of a setting, searched for by its label. */
  async field(label: string): Promise<Locator> {
    await this.search.fill(label);
    const field = this.drawer.getByLabel(label, { exact: true });
    await field.waitFor();
    return field;
  }

  reset(label: string): Locator {
    return this.drawer.getByRole('button', { name: new RegExp(`^Reset ${label} to `) });
  }
}
