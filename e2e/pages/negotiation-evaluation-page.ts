import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

/** The page that compares adapters on held-out dilemmas. */
export class NegotiationEvaluationPage {
  readonly page: Page;
  readonly view: Locator;
  readonly numDilemmas: Locator;
  readonly startButton: Locator;
  readonly stopButton: Locator;
  readonly continueButton: Locator;
  readonly newButton: Locator;
  readonly status: Locator;
  readonly progress: Locator;
  readonly picture: Locator;
  readonly dilemmas: Locator;
  readonly fileInput: Locator;

  constructor(page: Page) {
    this.page = page;
    this.view = page.locator('.contest');
    this.numDilemmas = this.view.getByRole('textbox', { name: 'Dilemmas' });
    this.startButton = this.view.getByRole('button', { name: 'Start', exact: true });
    this.stopButton = this.view.getByRole('button', { name: 'Stop', exact: true });
    this.continueButton = this.view.getByRole('button', { name: 'Continue' });
    this.newButton = this.view.getByRole('button', { name: 'New evaluation' });
    this.status = this.view.getByRole('status');
    this.progress = this.view.getByRole('progressbar', { name: 'Evaluation' });
    this.picture = this.view.getByRole('figure', { name: 'Win rates' });
    this.dilemmas = this.view.getByRole('list', { name: 'Dilemmas and answers' }).locator('> li');
    this.fileInput = this.view.getByLabel('Saved report');
  }

  async open(state: string): Promise<void> {
    await this.page.goto(`?engine=scripted&state=${state}#/negotiation/evaluation`);
    await this.view.waitFor();
  }

  check(name: string): Promise<void> {
    return this.view.getByRole('checkbox', { name, exact: true }).check();
  }

  table(name: string): Locator {
    return this.view.getByRole('table', { name });
  }

  /** The texts of a row's cells. @param name  what the row begins with */
  async row(table: string, name: RegExp): Promise<readonly string[]> {
    const texts = await this.table(table).getByRole('row', { name }).getByRole('cell').allInnerTexts();
    return texts.map((text) => text.replace(/\s+/g, ' ').trim());
  }

  /** What a button saves. */
  async saved(button: string): Promise<string> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      this.view.getByRole('button', { name: button }).click(),
    ]);
    return readFile(await file.path(), 'utf8');
  }

  async openFile(name: string, text: string): Promise<void> {
    await this.fileInput.setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  }

  async waitUntilComplete(): Promise<void> {
    await expect(this.status).toContainText(/Complete: \d+ parts\./);
  }
}
