import { expect, type Locator, type Page } from '@playwright/test';

/** The dialog of kept runs, and the bar that plays one. */
export class RunsPage {
  readonly page: Page;
  readonly button: Locator;
  readonly dialog: Locator;
  readonly nameInput: Locator;
  readonly saveButton: Locator;
  readonly fileInput: Locator;
  readonly compareButton: Locator;
  readonly outcome: Locator;
  readonly undoButton: Locator;
  /** What is shown instead of now. */
  readonly playback: Locator;
  /** What the recorded run is. */
  readonly label: Locator;
  readonly slider: Locator;
  readonly playButton: Locator;
  readonly speed: Locator;
  readonly backToNow: Locator;
  readonly askButton: Locator;
  readonly closeButton: Locator;
  readonly watchLinks: Locator;

  constructor(page: Page) {
    this.page = page;
    this.button = page.getByRole('button', { name: 'Runs', exact: true });
    this.dialog = page.getByRole('dialog', { name: 'Runs' });
    this.nameInput = this.dialog.getByLabel('Save your run as');
    this.saveButton = this.dialog.locator('form').getByRole('button', { name: 'Save' });
    this.fileInput = this.dialog.getByLabel('Run file');
    this.compareButton = this.dialog.getByRole('button', { name: 'Compare two runs' });
    this.outcome = this.dialog.getByRole('status');
    this.undoButton = this.dialog.getByRole('button', { name: 'Undo' });
    this.playback = page.getByRole('group', { name: /^(Looking back|Recorded run)$/ });
    this.label = page.locator('.playback__label');
    this.slider = page.getByRole('slider', { name: 'Step that is shown' });
    this.playButton = this.playback.getByRole('button', { name: /^(Hold|Play|Play again)$/ });
    this.speed = this.playback.getByLabel('Speed');
    this.backToNow = page.getByRole('button', { name: 'Back to now' });
    this.askButton = page.getByRole('button', { name: 'Ask this yourself' });
    this.closeButton = page.getByRole('button', { name: 'Close replay' });
    this.watchLinks = page.locator('.watch').getByRole('button');
  }

  async open(): Promise<void> {
    await this.button.click();
    await this.dialog.waitFor();
  }

  /** Shows the moment behind `step` of the page's own run. */
  async lookBackTo(step: number): Promise<void> {
    await this.page.getByRole('button', { name: 'Look back', exact: true }).click();
    await expect(this.slider).toBeVisible();
    await this.slider.fill(String(step));
  }

  row(name: string): Locator {
    return this.dialog.getByRole('listitem', { name, exact: true });
  }

  async importText(name: string, text: string): Promise<void> {
    await this.fileInput.setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  }
}
