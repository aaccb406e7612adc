import type { Locator, Page, Response } from '@playwright/test';

/** The documents beside the page. */
export class DocumentsPage {
  readonly #page: Page;
  readonly text: Locator;
  readonly navigation: Locator;
  readonly contents: Locator;
  readonly title: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.text = page.getByRole('article');
    this.navigation = page.getByRole('navigation', { name: 'Documents' });
    this.contents = page.getByRole('navigation', { name: 'On this page' });
    this.title = page.getByRole('heading', { level: 1 });
  }

  open(name = ''): Promise<Response | null> {
    return this.#page.goto(`docs/${name}`);
  }

  async follow(name: string): Promise<void> {
    await this.navigation.getByRole('link', { name, exact: true }).click();
  }

  /** On A4, as the browser prints. Chromium without a window only. */
  async countPrintedPages(): Promise<number> {
    const pdf = await this.#page.pdf({ format: 'A4' });
    return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  }

  /** Loads every picture of the text, seen or not. @returns how many have not arrived, or are none */
  async countMissingPictures(): Promise<number> {
    return this.text.locator('img').evaluateAll(async (images) => {
      const arrivals = images.map((image) => {
        const picture = image as HTMLImageElement;
        picture.loading = 'eager';
        return picture.decode();
      });
      const outcomes = await Promise.allSettled(arrivals);
      return outcomes.filter(({ status }) => status === 'rejected').length;
    });
  }
}
