import { expect, type Locator, type Page } from '@playwright/test';

/** The line that names the judge, the dialogs behind it, scores, and the rubric for a person. */
export class JudgesPage {
  readonly page: Page;
  readonly line: Locator;
  readonly dialog: Locator;
  readonly useButton: Locator;
  readonly testButton: Locator;
  readonly testResult: Locator;
  readonly key: Locator;
  readonly rubric: Locator;
  readonly calibration: Locator;
  readonly compareButton: Locator;
  readonly startButton: Locator;
  readonly state: Locator;
  readonly details: Locator;

  constructor(page: Page) {
    this.page = page;
    this.line = page.getByRole('button', { name: /^Judge: / });
    this.dialog = page.getByRole('dialog', { name: 'Judge', exact: true });
    this.useButton = this.dialog.getByRole('button', { name: 'Use this judge' });
    this.testButton = this.dialog.getByRole('button', { name: 'Test', exact: true });
    this.testResult = this.dialog.getByRole('region', { name: 'Test' });
    this.key = this.dialog.getByLabel('Key', { exact: true });
    this.rubric = page.getByRole('region', { name: 'Your score for an answer' });
    this.calibration = page.getByRole('dialog', { name: 'Compare two judges' });
    this.compareButton = this.calibration.getByRole('button', { name: 'Compare', exact: true });
    this.startButton = page.getByRole('button', { name: 'Start', exact: true });
    this.state = page.getByTestId('negotiation-state');
    this.details = page.locator('.score-details');
  }

  async load(state = 'negotiation-fast'): Promise<void> {
    await this.page.goto(`/?engine=scripted&state=${state}#/negotiation`);
    await this.waitUntilReady();
  }

  async waitUntilReady(): Promise<void> {
    await expect(this.page.getByRole('button', { name: /ready 98\.4 MB/ })).toBeVisible();
  }

  async open(): Promise<void> {
    await this.line.click();
    await this.dialog.waitFor();
  }

  async choose(kind: string): Promise<void> {
    await this.dialog.getByRole('radio', { name: kind, exact: true }).check();
  }

  field(name: string): Locator {
    return this.dialog.getByRole('textbox', { name });
  }

  async openCalibration(): Promise<void> {
    await this.open();
    await this.dialog.getByRole('button', { name: 'Compare two judges' }).click();
    await this.calibration.waitFor();
  }

  /** A group of the scripted engine, to its end. */
  async negotiate(): Promise<void> {
    await this.startButton.click();
    await expect(this.state).toContainText('Done');
  }

  /** The badge of the dialogue that is open. */
  score(name: RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  async openScore(name: RegExp): Promise<void> {
    await this.score(name).click();
    await this.details.waitFor();
  }
}
