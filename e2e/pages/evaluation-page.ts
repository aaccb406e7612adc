import { expect, type Download, type Locator, type Page } from '@playwright/test';
import { openStudy } from './open-study.ts';

/** The dialog that runs a set of questions through several configurations. */
export class EvaluationPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly numItems: Locator;
  readonly seed: Locator;
  readonly configurations: Locator;
  readonly addButton: Locator;
  readonly runButton: Locator;
  readonly cancelButton: Locator;
  readonly resumeButton: Locator;
  readonly anewButton: Locator;
  readonly newButton: Locator;
  readonly progress: Locator;
  readonly table: Locator;
  readonly chart: Locator;
  readonly pairs: Locator;
  readonly items: Locator;
  readonly context: Locator;
  readonly fileInput: Locator;
  readonly dropZone: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'Evaluate configurations' });
    this.numItems = this.dialog.getByRole('textbox', { name: 'Number of questions' });
    this.seed = this.dialog.getByRole('textbox', { name: 'Seed' });
    this.configurations = this.dialog.getByRole('group', { name: /^Configuration \d+$/ });
    this.addButton = this.dialog.getByRole('button', { name: 'Add a configuration' });
    this.runButton = this.dialog.getByRole('button', { name: 'Run evaluation' });
    this.cancelButton = this.dialog.getByRole('button', { name: 'Cancel' });
    this.resumeButton = this.dialog.getByRole('button', { name: 'Go on' });
    this.anewButton = this.dialog.getByRole('button', { name: 'Begin anew' });
    this.newButton = this.dialog.getByRole('button', { name: 'New evaluation' });
    this.progress = this.dialog.getByRole('progressbar', { name: 'Evaluation' });
    this.table = this.dialog.getByRole('table', { name: 'Results' });
    this.chart = this.dialog.getByRole('img', { name: /^Accuracy over/ });
    this.pairs = this.dialog.getByRole('table', { name: 'Differences on the same questions' });
    this.items = this.dialog.getByRole('list', { name: 'Questions and answers' }).locator('> li');
    this.context = this.dialog.getByRole('region', { name: 'Measured with' });
    this.fileInput = this.dialog.getByLabel('Question file');
    this.dropZone = this.dialog.locator('.import__drop');
  }

  async open(): Promise<void> {
    await openStudy(this.page, 'Evaluate');
    await this.dialog.waitFor();
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  async chooseSet(name: string): Promise<void> {
    await this.dialog.getByRole('radio', { name }).check();
  }

  name(number: number): Locator {
    return this.dialog.getByRole('textbox', { name: `Name of configuration ${number}` });
  }

  way(number: number): Locator {
    return this.dialog.getByRole('combobox', { name: `Way of answering of configuration ${number}` });
  }

  settings(number: number): Locator {
    return this.dialog.getByRole('combobox', { name: `Settings of configuration ${number}` });
  }

  /** Offers a text as a file of questions. */
  async importText(name: string, text: string): Promise<void> {
    await this.fileInput.setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  }

  /** The cells of a configuration's row, in the order of the columns. */
  async row(configuration: string): Promise<readonly string[]> {
    const row = this.table.getByRole('row', { name: new RegExp(`^${configuration}`) });
    const texts = await row.getByRole('cell').allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  async download(button: string): Promise<Download> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      this.dialog.getByRole('button', { name: button }).click(),
    ]);
    return file;
  }

  /** Waits until every configuration has answered every question. */
  async waitUntilComplete(timeoutMs?: number): Promise<void> {
    const complete = this.dialog.getByText(/^Complete: \d+ answers\./);
    await expect(complete).toBeVisible(timeoutMs === undefined ? {} : { timeout: timeoutMs });
  }
}
