import type { Locator, Page } from '@playwright/test';

/** The Thinking panel, by roles and labels; the two streams and the state by test id. */
export class AsyncReasoningPage {
  readonly page: Page;
  readonly question: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  readonly newQuestionButton: Locator;
  readonly settingsButton: Locator;
  readonly saveTraceButton: Locator;
  readonly answer: Locator;
  readonly thoughts: Locator;
  readonly state: Locator;
  readonly timeline: Locator;
  readonly timelineCaption: Locator;
  readonly blocks: Locator;
  readonly probeSum: Locator;
  readonly yesBias: Locator;
  readonly firstQuestions: Locator;

  constructor(page: Page) {
    this.page = page;
    this.question = page.getByRole('textbox', { name: 'Your question' });
    this.sendButton = page.getByRole('button', { name: /^Sen[dt]$/ });
    this.stopButton = page.getByRole('button', { name: 'Stop', exact: true });
    this.newQuestionButton = page.getByRole('button', { name: 'New question' });
    this.settingsButton = page.getByRole('button', { name: 'Settings' });
    this.saveTraceButton = page.getByRole('button', { name: 'Save trace' });
    this.answer = page.getByTestId('answer');
    this.thoughts = page.getByTestId('thoughts');
    this.state = page.getByTestId('run-state');
    this.timeline = page.getByRole('slider', { name: 'Steps of the run' });
    this.timelineCaption = page.getByTestId('timeline-caption');
    this.blocks = page.getByRole('table', { name: 'Blocks and rotary offsets' });
    this.probeSum = page.getByTestId('probe-sum');
    this.yesBias = page.getByRole('slider', { name: /^Yes bias/ });
    this.firstQuestions = page.getByRole('region', { name: 'Answer' }).getByRole('listitem').getByRole('button');
  }

  /** @param query  `?model=none` keeps the embedded model from loading; see docs/automation.md */
  async open(query = ''): Promise<void> {
    await this.page.goto(`/${query}#/thinking`);
  }

  /** Types as a person does: key by key, without Enter. */
  async type(text: string, delayMs = 40): Promise<void> {
    await this.question.pressSequentially(text, { delay: delayMs });
  }

  async send(): Promise<void> {
    await this.question.press('Enter');
  }

  /** A number that stands in a section's head, such as `numberOf('Thoughts', 'tokens')`; null for a dash. */
  async numberOf(section: 'You' | 'Answer' | 'Thoughts', unit: string): Promise<number | null> {
    const fact = this.page.getByRole('region', { name: section }).locator('.fact').filter({ hasText: unit });
    const value = Number.parseFloat((await fact.first().innerText()).trim());
    return Number.isNaN(value) ? null : value;
  }

  setting(label: 'Budget' | 'Probe interval' | 'Yes bias' | 'Keep thoughts from' | 'Write before Enter'): Locator {
    return this.page.getByRole('dialog', { name: 'Settings' }).getByLabel(label, { exact: true });
  }
}
