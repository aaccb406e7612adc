import type { Locator, Page } from '@playwright/test';

type ChooserTab = 'Catalogue' | 'Hugging Face' | 'Your files' | 'web-llm' | 'Storage';

/** What a file is like that is dropped on the page. */
interface DroppedFile {
  readonly name: string;
  readonly bytes: readonly number[];
}

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
  readonly lookButton: Locator;
  readonly measureButton: Locator;
  readonly chosenFiles: Locator;
  readonly unloadButton: Locator;
  readonly deviceReport: Locator;
  readonly gpuMemory: Locator;
  /** What is kept for use without a network, in the storage tab. */
  readonly offline: Locator;
  readonly updateNotice: Locator;

  constructor(page: Page) {
    this.page = page;
    this.modelChip = page.getByRole('button', { name: /^Model: / });
    this.gpuChip = page.getByRole('button', { name: /^GPU / });
    this.loadProgress = page.getByTestId('load-progress');
    this.cancelButton = page.getByRole('button', { name: 'Cancel loading' });
    this.chooser = page.getByRole('dialog', { name: 'Model' });
    this.fileInput = this.chooser.getByLabel('Model files');
    this.addressInput = this.chooser.getByLabel('Repository or address');
    this.loadAddressButton = this.chooser.getByRole('button', { name: 'Load address' });
    this.lookButton = this.chooser.getByRole('button', { name: 'Look', exact: true });
    this.measureButton = this.chooser.getByRole('button', { name: /^Measure / });
    this.chosenFiles = this.chooser.getByRole('region', { name: 'Chosen files' });
    this.unloadButton = this.chooser.getByRole('button', { name: /^Unload and/ });
    this.deviceReport = page.getByRole('dialog', { name: 'Device' });
    this.offline = this.chooser.getByRole('region', { name: 'Without a network' });
    this.updateNotice = page.getByRole('region', { name: 'Newer version' });
    this.gpuMemory = this.deviceReport.getByRole('region', { name: 'GPU memory' });
  }

  /** Opens it where the files are, unless another source is asked for. */
  async openChooser(tab: ChooserTab = 'Your files'): Promise<void> {
    await this.modelChip.click();
    await this.chooser.waitFor();
    await this.showTab(tab);
  }

  async showTab(tab: ChooserTab): Promise<void> {
    await this.chooser.getByRole('tab', { name: tab }).click();
  }

  /** Context, cache and quantisation. */
  field(label: string): Locator {
    return this.chooser.getByRole('region', { name: 'Memory' }).getByLabel(label, { exact: true });
  }

  /** By the form of the Hugging Face tab, which must be open. */
  async loadAddress(address: string): Promise<void> {
    await this.addressInput.fill(address);
    await this.loadAddressButton.click();
  }

  /** @param name as the list has it: no, 8 bits, 4 bits */
  async quantiseTo(name: string): Promise<void> {
    await this.field('Quantise').click();
    await this.page.getByRole('option', { name }).click();
  }

  /** As a file manager does it, in the middle of the page. */
  async drop(files: readonly DroppedFile[]): Promise<void> {
    await this.#drag(files, ['dragenter', 'dragover', 'drop']);
  }

  /** The files hang over the page. */
  async dragOver(files: readonly DroppedFile[]): Promise<void> {
    await this.#drag(files, ['dragenter', 'dragover']);
  }

  async #drag(files: readonly DroppedFile[], events: readonly string[]): Promise<void> {
    await this.page.evaluate(
      ({ dragged, types }) => {
        const data = new DataTransfer();
        for (const { name, bytes } of dragged) data.items.add(new File([new Uint8Array(bytes)], name));
        for (const type of types) {
          const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body;
          target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }
      },
      { dragged: files, types: events },
    );
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

  /** A file of a repository, a build of web-llm, or a kept model. */
  row(name: string): Locator {
    return this.chooser.getByRole('listitem', { name });
  }
}
