import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

/** The dialog that shares a page, and the one that shows what was shared. */
export class SharingPage {
  readonly page: Page;
  readonly shareButton: Locator;
  readonly dialog: Locator;
  readonly link: Locator;
  readonly code: Locator;
  /** What a link or a file holds, before it is used. */
  readonly card: Locator;
  readonly facts: Locator;
  readonly useButton: Locator;
  readonly leaveButton: Locator;
  /** Says what was put in place. */
  readonly inPlace: Locator;
  readonly undoButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.shareButton = page.getByRole('button', { name: 'Share', exact: true });
    this.dialog = page.getByRole('dialog', { name: 'Share', exact: true });
    this.link = this.dialog.getByRole('textbox', { name: 'Link' });
    this.code = this.dialog.getByRole('img', { name: 'QR code of the link' });
    this.card = page.getByRole('dialog', { name: 'Shared with you' });
    this.facts = this.card.getByRole('region', { name: 'What is inside' });
    this.useButton = this.card.getByRole('button', { name: 'Use it' });
    this.leaveButton = this.card.getByRole('button', { name: 'Leave it' });
    this.inPlace = page.getByRole('status').filter({ hasText: 'In place:' });
    this.undoButton = this.inPlace.getByRole('button', { name: 'Undo' });
  }

  /** Of the panel that is shown. */
  async open(): Promise<void> {
    await this.shareButton.click();
    await this.dialog.waitFor();
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.dialog).toBeHidden();
  }

  /** The link of the panel that is shown, as the dialog makes it at first. */
  async linkOfPanel(): Promise<string> {
    await this.open();
    const link = await this.link.inputValue();
    await this.close();
    return link;
  }

  /** What "Save as file" gives. */
  async saved(): Promise<{ readonly name: string; readonly text: string }> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.dialog.getByRole('button', { name: 'Save as file' }).click(),
    ]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  }

  /** Opens a link as somebody else would; `query` goes in front of `#`. */
  async openLink(link: string, query: string): Promise<void> {
    const { hash } = new URL(link);
    await this.page.goto(`/${query}${hash}`);
    await this.card.waitFor();
  }

  async openFile(name: string, text: string): Promise<void> {
    await this.open();
    await this.dialog
      .getByLabel('Shared file')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
    await this.card.waitFor();
  }
}
