import type { Locator, Page } from '@playwright/test';
import { openStudy } from './open-study.ts';

/** The dialog that compares ways of answering. */
export class ComparisonPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly question: Locator;
  readonly typingSpeed: Locator;
  readonly runButton: Locator;
  readonly cancelButton: Locator;
  readonly progress: Locator;
  readonly lanes: Locator;
  readonly table: Locator;
  readonly chart: Locator;
  readonly context: Locator;
  readonly saveJsonButton: Locator;
  readonly saveCsvButton: Locator;
  readonly lastButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'Compare ways of answering' });
    this.question = this.dialog.getByRole('textbox', { name: 'Question' });
    this.typingSpeed = this.dialog.getByLabel('Typing speed');
    this.runButton = this.dialog.getByRole('button', { name: 'Run comparison' });
    this.cancelButton = this.dialog.getByRole('button', { name: 'Cancel' });
    this.progress = this.dialog.getByRole('progressbar', { name: 'Comparison' });
    this.lanes = this.dialog.getByRole('img', { name: /^Lanes over seconds since Enter/ });
    this.table = this.dialog.getByRole('table', { name: 'Figures' });
    this.chart = this.dialog.getByRole('img', { name: /^Bars of first token/ });
    this.context = this.dialog.getByRole('region', { name: 'Measured with' });
    this.saveJsonButton = this.dialog.getByRole('button', { name: 'Save as JSON' });
    this.saveCsvButton = this.dialog.getByRole('button', { name: 'Save table as CSV' });
    this.lastButton = this.dialog.getByRole('button', { name: 'Show the last complete comparison' });
  }

  async open(): Promise<void> {
    await openStudy(this.page, 'Compare');
    await this.dialog.waitFor();
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  way(name: string): Locator {
    return this.dialog.getByRole('checkbox', { name });
  }

  /** Adds a model that a server has; the address is left as it is where none is given. */
  async addServer(model: string, url?: string): Promise<void> {
    await this.way('A model on a server').check();
    if (url !== undefined) await this.dialog.getByRole('textbox', { name: 'Address' }).fill(url);
    await this.dialog.getByRole('textbox', { name: 'Model' }).fill(model);
  }

  /** What a way wrote, and how it ended. */
  answer(name: string): Locator {
    return this.dialog.getByRole('region', { name: 'Answers' }).getByRole('group').filter({ hasText: name }).first();
  }

  /** The values of a row of the table, in the order of its columns; the best one begins with 'best: '. */
  async figures(label: string): Promise<readonly string[]> {
    const row = this.table.getByRole('row', { name: new RegExp(`^${label}`) });
    const texts = await row.getByRole('cell').allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  /** Waits until all ways have been run. */
  async waitUntilComplete(timeoutMs?: number): Promise<void> {
    await this.saveJsonButton.waitFor(timeoutMs === undefined ? {} : { timeout: timeoutMs });
  }
}

/** The dialog that calibrates the probe. */
export class CalibrationPage {
  readonly page: Page;
  readonly openButton: Locator;
  readonly dialog: Locator;
  readonly questions: Locator;
  readonly runButton: Locator;
  readonly cancelButton: Locator;
  readonly strips: Locator;
  readonly useButton: Locator;
  readonly leaveButton: Locator;
  readonly undoButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.openButton = page.getByRole('button', { name: 'Calibrate' });
    this.dialog = page.getByRole('dialog', { name: 'Calibrate the probe' });
    this.questions = this.dialog.getByLabel(/^Question \d+$/);
    this.runButton = this.dialog.getByRole('button', { name: 'Run calibration' });
    this.cancelButton = this.dialog.getByRole('button', { name: 'Cancel' });
    this.strips = this.dialog.getByRole('img', { name: /probes, margin and bias together/ });
    this.useButton = this.dialog.getByRole('button', { name: 'Use this threshold' });
    this.leaveButton = this.dialog.getByRole('button', { name: 'Leave as it is' });
    this.undoButton = this.dialog.getByRole('button', { name: 'Undo' });
  }

  async open(): Promise<void> {
    await this.openButton.click();
    await this.dialog.waitFor();
  }
}
