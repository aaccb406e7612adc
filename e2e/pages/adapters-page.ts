import { expect, type Download, type Locator, type Page } from '@playwright/test';

/** The adapter chip and the dialog that it opens: the list of adapters, and fine-tuning. */
export class AdaptersPage {
  readonly page: Page;
  readonly chip: Locator;
  readonly dialog: Locator;
  readonly adaptersTab: Locator;
  readonly fineTuneTab: Locator;
  readonly rows: Locator;
  readonly newButton: Locator;
  readonly form: Locator;
  readonly createButton: Locator;
  readonly fileInput: Locator;
  readonly alert: Locator;
  readonly blend: Locator;
  readonly checkpoints: Locator;
  readonly examples: Locator;
  readonly loadExampleButton: Locator;
  readonly startButton: Locator;
  readonly estimateButton: Locator;
  readonly stopButton: Locator;
  readonly progress: Locator;
  readonly chart: Locator;
  readonly prompt: Locator;
  readonly compareButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.chip = page.getByRole('button', { name: /^Adapter: / });
    this.dialog = page.getByRole('dialog', { name: 'Adapters' });
    this.adaptersTab = this.dialog.getByRole('tab', { name: 'Adapters' });
    this.fineTuneTab = this.dialog.getByRole('tab', { name: 'Fine-tune' });
    this.rows = this.dialog.getByRole('list', { name: 'Adapters' }).locator('> li');
    this.newButton = this.dialog.getByRole('button', { name: 'New adapter' });
    this.form = this.dialog.getByRole('form', { name: 'New adapter' });
    this.createButton = this.form.getByRole('button', { name: 'Create and attach' });
    this.fileInput = this.dialog.getByLabel('Adapter files');
    this.alert = this.dialog.getByRole('alert');
    this.blend = this.dialog.getByRole('slider', { name: 'Blend' });
    this.checkpoints = this.dialog.getByRole('list', { name: 'Checkpoints' }).locator('> li');
    this.examples = this.dialog.getByRole('textbox', { name: 'Examples', exact: true });
    this.loadExampleButton = this.dialog.getByRole('button', { name: 'Load an example' });
    this.startButton = this.dialog.getByRole('button', { name: 'Start training' });
    this.estimateButton = this.dialog.getByRole('button', { name: 'Estimate' });
    this.stopButton = this.dialog.getByRole('button', { name: 'Stop' });
    this.progress = this.dialog.getByRole('progressbar', { name: 'All steps' });
    this.chart = this.dialog.getByRole('img', { name: /^Lines of loss/ });
    this.prompt = this.dialog.getByRole('textbox', { name: 'Prompt' });
    this.compareButton = this.dialog.getByRole('button', { name: 'Compare' });
  }

  async open(): Promise<void> {
    await this.chip.click();
    await this.dialog.waitFor();
  }

  async close(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await this.dialog.waitFor({ state: 'hidden' });
  }

  async openFineTune(): Promise<void> {
    await this.open();
    await this.fineTuneTab.click();
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.page.getByText(name, { exact: true }) });
  }

  attachSwitch(name: string): Locator {
    return this.dialog.getByRole('switch', { name: `Attach “${name}”` });
  }

  field(name: string): Locator {
    return this.dialog.getByRole('textbox', { name, exact: true });
  }

  async importFile(name: string): Promise<void> {
    await this.fileInput.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from('PK') });
  }

  async download(row: string, button: string): Promise<Download> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      this.row(row).getByRole('button', { name: button }).click(),
    ]);
    return file;
  }

  /** The text below a heading of the comparison without and with the adapter. */
  answer(title: string | RegExp): Locator {
    return this.dialog.getByRole('region', { name: title });
  }

  async waitUntilComplete(): Promise<void> {
    await expect(this.dialog.getByText(/^Complete\. /)).toBeVisible();
  }
}
