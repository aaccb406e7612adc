import type { Locator, Page } from '@playwright/test';

/** The presenter view: the panel without what sets it, notes and keys below. */
export class PresenterPage {
  readonly page: Page;
  readonly dock: Locator;
  readonly notes: Locator;
  readonly subtitles: Locator;
  readonly keyList: Locator;
  readonly problem: Locator;
  readonly state: Locator;
  /** What shows the run: the model, or the recording. */
  readonly origin: Locator;
  readonly textBox: Locator;
  readonly presentLink: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dock = page.getByRole('region', { name: 'Presenter', exact: true });
    this.notes = this.dock.getByRole('group', { name: 'What to say' });
    this.subtitles = this.dock.getByRole('group', { name: 'Auto demo' });
    this.keyList = this.dock.getByLabel('Keys', { exact: true });
    this.problem = this.dock.getByRole('alert');
    this.state = page.getByTestId('presenter-state');
    this.origin = page.getByTestId('presenter-origin');
    this.textBox = page.getByRole('region', { name: 'You' }).getByRole('textbox');
    this.presentLink = page.getByRole('link', { name: 'Present' });
  }

  /** @param path  such as 'thinking' or 'negotiation/training' */
  async open(path: string, { query = '', preset = '' } = {}): Promise<void> {
    const named = preset === '' ? '' : `&preset=${preset}`;
    await this.page.goto(`/${query}#/${path}?view=presenter${named}`);
    await this.dock.waitFor();
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  button(name: string): Locator {
    return this.dock.getByRole('button', { name, exact: true });
  }
}
