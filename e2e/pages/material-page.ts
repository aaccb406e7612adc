import type { Download, Locator, Page } from '@playwright/test';

/** The Negotiation panel's material: dilemmas, persona pairs, the generator, prompts. */
export class MaterialPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly chooseButton: Locator;
  /** Of the tab that is open; so are the next ones. */
  readonly search: Locator;
  readonly list: Locator;
  readonly count: Locator;
  readonly selected: Locator;
  readonly outcome: Locator;
  readonly form: Locator;
  readonly review: Locator;
  readonly promptText: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'Material' });
    this.chooseButton = page
      .getByRole('region', { name: 'Dilemma', exact: true })
      .getByRole('button', { name: 'Choose', exact: true });
    this.search = this.dialog.getByRole('searchbox', { name: 'Search' });
    this.list = this.dialog.getByRole('listbox');
    this.count = this.dialog
      .getByRole('status')
      .filter({ hasText: /^[\d,]+ (?:of [\d,]+ )?(?:dilemmas|persona pairs)$/ });
    this.selected = this.list.getByRole('option', { selected: true });
    this.outcome = this.dialog.getByRole('tabpanel').locator('.material__outcome');
    this.form = this.dialog.getByRole('tabpanel').getByRole('form');
    this.review = this.dialog.getByRole('list', { name: 'Generated dilemmas' }).locator('> li');
    this.promptText = this.dialog.getByRole('textbox', { name: /^Text of/ });
  }

  async open(query = '?engine=scripted'): Promise<void> {
    await this.page.goto(`/${query}#/negotiation`);
    await this.openDialog();
  }

  async openDialog(): Promise<void> {
    await this.chooseButton.click();
    await this.dialog.waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.openDialog();
  }

  async openTab(name: string | RegExp): Promise<void> {
    await this.dialog.getByRole('tab', { name }).click();
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole('button', { name, exact: true });
  }

  field(name: string): Locator {
    return this.form.getByRole('textbox', { name });
  }

  async writeDilemma(goal: string, prompt: string): Promise<void> {
    await this.button('New dilemma').click();
    await this.field('Goal').fill(goal);
    await this.field('Prompt').fill(prompt);
  }

  async importFile(input: string, text: string): Promise<void> {
    const buffer = Buffer.from(text);
    await this.dialog.getByLabel(input).setInputFiles({ name: 'mine.jsonl', mimeType: 'text/plain', buffer });
  }

  async download(button: Locator): Promise<Download> {
    const [file] = await Promise.all([this.page.waitForEvent('download'), button.click()]);
    return file;
  }
}
