import type { Locator, Page } from '@playwright/test';

/** The training page of the negotiation panel. */
export class TrainingPage {
  readonly page: Page;
  readonly form: Locator;
  readonly startButton: Locator;
  readonly state: Locator;

  constructor(page: Page) {
    this.page = page;
    this.form = page.getByRole('form', { name: 'New training' });
    this.startButton = this.form.getByRole('button', { name: 'Start training' });
    this.state = page.getByTestId('training-state');
  }

  async open(query: string): Promise<void> {
    await this.page.goto(`/${query}#/negotiation/training`);
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async tab(name: string | RegExp): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
  }

  row(run: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name: run }) });
  }

  /** An entry of the menu of a run. */
  async more(run: string, entry: string): Promise<void> {
    await this.button(`More for “${run}”`).click();
    await this.page.getByRole('menuitem', { name: entry }).click();
  }
}
