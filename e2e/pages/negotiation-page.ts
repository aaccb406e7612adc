import type { Locator, Page } from '@playwright/test';

/** The Negotiation panel: the dilemma, the group, and the dialogue that is open. */
export class NegotiationPage {
  readonly page: Page;
  readonly state: Locator;
  readonly startButton: Locator;
  readonly rows: Locator;
  readonly conversation: Locator;
  readonly bubbles: Locator;
  readonly answer: Locator;
  readonly dilemma: Locator;
  readonly goalsSwitch: Locator;
  readonly yourTurn: Locator;
  readonly alert: Locator;

  constructor(page: Page) {
    this.page = page;
    const panel = page.getByRole('main', { name: 'Negotiation' });
    this.state = panel.getByTestId('negotiation-state');
    this.startButton = panel.getByRole('button', { name: 'Start', exact: true });
    this.rows = panel.getByRole('listbox', { name: 'Dialogues of the group' }).getByRole('option');
    this.conversation = panel.getByRole('group', { name: 'Conversation' });
    this.bubbles = this.conversation.locator('article');
    this.answer = this.bubbles.filter({ hasText: 'written by Persona 1' });
    this.dilemma = panel.getByRole('region', { name: 'Dilemma', exact: true });
    this.goalsSwitch = panel.getByRole('switch', { name: 'Show the private goals' });
    this.yourTurn = panel.getByRole('form', { name: 'Your turn' });
    this.alert = panel.getByRole('alert');
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`${query}#/negotiation`);
    await this.dilemma.waitFor();
  }

  /** Begins a group as soon as the model is there. */
  async start(): Promise<void> {
    await this.startButton.click();
    await this.rows.first().waitFor();
  }

  async waitUntilOver(): Promise<void> {
    await this.state.getByText(/^(Done|Stopped|Failed)$/).waitFor();
  }

  row(name: RegExp): Locator {
    return this.rows.and(this.page.getByRole('option', { name }));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('main', { name: 'Negotiation' }).getByRole('button', { name });
  }

  /** So many pixels of the page are out of sight, to the right and at the bottom. */
  overflow(): Promise<{ readonly x: number; readonly y: number }> {
    return this.page.evaluate(() => ({
      x: document.documentElement.scrollWidth - window.innerWidth,
      y: document.documentElement.scrollHeight - window.innerHeight,
    }));
  }
}
