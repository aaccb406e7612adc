import type { Locator, Page } from '@playwright/test';

/** The header's chips, the model chooser and the device report. */
export class ModelPage {
  readonly page: Page;
  readonly modelChip: Locator;
  readonly gpuChip: Locator;
  readonly loadProgress: Locator;
  readonly cancelButton: Locator;
  readonly chooser: Locator;
  readonly fileInput: Locator;
  readonly addressInput: Locator;
  readonly loadAddressButton: Locator;
  readonly unloadButton: Locator;
  readonly deviceReport: Locator;
  readonly gpuMemory: Locator;

  constructor(page: Page) {
    this.page = page;
    this.modelChip = page.getByRole('button', { name: /^Model: / });
    this.gpuChip = page.getByRole('button', { name: /^GPU / });
    this.loadProgress = page.getByTestId('load-progress');
    this.cancelButton = page.getByRole('button', { name: 'Cancel loading' });
    this.chooser = page.getByRole('dialog', { name: 'Model' });
    this.fileInput = this.chooser.getByLabel('GGUF file');
    this.addressInput = this.chooser.getByLabel('An address');
    this.loadAddressButton = this.chooser.getByRole('button', { name: 'Load address' });
    this.unloadButton = this.chooser.getByRole('button', { name: /^Unload/ });
    this.deviceReport = page.getByRole('dialog', { name: 'Device' });
    this.gpuMemory = this.deviceReport.getByRole('region', { name: 'GPU memory' });
  }

  async openChooser(): Promise<void> {
    await this.modelChip.click();
    await this.chooser.waitFor();
  }

  async openDeviceReport(): Promise<void> {
    await this.gpuChip.click();
    await this.deviceReport.waitFor();
  }

  /** The model that the header names is loaded. */
  async waitUntilReady(timeoutMs?: number): Promise<void> {
    const ready = this.page.getByRole('button', { name: /^Model: .*ready/ });
    await ready.waitFor(timeoutMs === undefined ? {} : { timeout: timeoutMs });
  }

  catalogueEntry(name: string): Locator {
    return this.chooser.getByRole('article', { name });
  }
}
