import { expect, type Locator, type Page } from '@playwright/test';

/** The Thinking panel, by roles and labels; the two streams and the state by test id. */
export class AsyncReasoningPage {
  readonly page: Page;
  /** The text box, whatever it is for; `question`, `remark` and `followUp` are the same box by its name. */
  readonly input: Locator;
  readonly question: Locator;
  readonly remark: Locator;
  readonly followUp: Locator;
  readonly sendButton: Locator;
  readonly editQuestionButton: Locator;
  readonly pauseButton: Locator;
  readonly resumeButton: Locator;
  readonly stopButton: Locator;
  readonly newQuestionButton: Locator;
  readonly settingsButton: Locator;
  readonly saveTraceButton: Locator;
  readonly answer: Locator;
  /** Finished turns above the answer. */
  readonly turns: Locator;
  readonly thoughts: Locator;
  /** Parts of the thoughts that were formed on text since changed, and what became of them. */
  readonly staleThoughts: Locator;
  readonly affectedNote: Locator;
  readonly state: Locator;
  readonly reading: Locator;
  /** What the user waited, and what think-then-answer would have. */
  readonly waits: Locator;
  readonly readAloud: Locator;
  readonly timeline: Locator;
  readonly timelineCaption: Locator;
  readonly blocks: Locator;
  readonly probeSum: Locator;
  readonly probeStrip: Locator;
  readonly yesBias: Locator;
  readonly marginThreshold: Locator;
  readonly firstQuestions: Locator;

  constructor(page: Page) {
    this.page = page;
    const you = page.getByRole('region', { name: 'You' });
    const answer = page.getByRole('region', { name: 'Answer' });
    const thoughts = page.getByRole('region', { name: 'Thoughts' });
    this.input = you.getByRole('textbox');
    this.question = you.getByRole('textbox', { name: 'Your question' });
    this.remark = you.getByRole('textbox', { name: 'Add a remark' });
    this.followUp = you.getByRole('textbox', { name: 'Ask a follow-up' });
    this.sendButton = you.getByRole('button', { name: /^(Send|Add)$/ });
    this.editQuestionButton = you.getByRole('button', { name: 'Edit question' });
    this.pauseButton = page.getByRole('button', { name: 'Pause', exact: true });
    this.resumeButton = page.getByRole('button', { name: 'Resume', exact: true });
    this.stopButton = page.getByRole('button', { name: 'Stop', exact: true });
    this.newQuestionButton = page.getByRole('button', { name: 'New question' });
    this.settingsButton = page.getByRole('button', { name: 'Settings' });
    this.saveTraceButton = page.getByRole('button', { name: 'Save trace' });
    this.answer = page.getByTestId('answer');
    this.turns = answer.getByRole('article', { name: /^Turn / });
    this.thoughts = page.getByTestId('thoughts');
    this.staleThoughts = this.thoughts.locator('s');
    this.affectedNote = thoughts.getByRole('status');
    this.state = page.getByTestId('run-state');
    this.reading = you.getByRole('progressbar', { name: 'Reading your text' });
    this.waits = answer.getByRole('group', { name: 'Waiting, compared' });
    this.readAloud = answer.getByRole('switch', { name: 'Read aloud' });
    this.timeline = page.getByRole('slider', { name: 'Steps of the run' });
    this.timelineCaption = page.getByTestId('timeline-caption');
    this.blocks = page.getByRole('figure', { name: 'Blocks' });
    this.probeSum = page.getByTestId('probe-sum');
    this.probeStrip = page.getByRole('img', { name: /probes/ });
    this.yesBias = page.getByRole('slider', { name: /^Yes bias/ });
    this.marginThreshold = page.getByRole('slider', { name: /^Margin threshold/ });
    this.firstQuestions = answer.getByRole('listitem').getByRole('button');
  }

  /** @param query  `?model=none` keeps the embedded model from loading; see docs/automation.md */
  async open(query = ''): Promise<void> {
    await this.page.goto(`/${query}#/thinking`);
  }

  /** Opens one of the pictures under the answer. */
  async openPicture(name: 'Timeline' | 'Blocks' | 'What it read' | 'Rotary dial' | 'Check'): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
  }

  /** Saves the open picture, or shows it in another way. */
  async exportPicture(item: string): Promise<void> {
    await this.page.getByRole('button', { name: /^Export/ }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Types as a person does: key by key, without Enter. */
  async type(text: string, delayMs = 40): Promise<void> {
    await this.input.pressSequentially(text, { delay: delayMs });
  }

  async send(): Promise<void> {
    await this.input.press('Enter');
  }

  /** A number that stands in a section's head, such as `numberOf('Thoughts', 'tokens')`; null for a dash. */
  async numberOf(section: 'You' | 'Answer' | 'Thoughts', unit: string): Promise<number | null> {
    const fact = this.page.getByRole('region', { name: section }).locator('.fact').filter({ hasText: unit });
    return numberIn(await fact.first().innerText());
  }

  /** Waits until so many tokens of the draft are read, and some thoughts were formed on them. */
  async untilThoughtAbout(draftTokens: number): Promise<void> {
    await expect.poll(() => this.numberOf('You', 'tokens live')).toBe(draftTokens);
    const before = (await this.numberOf('Thoughts', 'tokens')) ?? 0;
    await expect.poll(() => this.numberOf('Thoughts', 'tokens')).toBeGreaterThan(before + 6);
  }

  /** Seconds from Enter to the first answer token, and those of think-then-answer; null for a dash. */
  async waitSeconds(): Promise<{ waited: number | null; thinkThenAnswer: number | null }> {
    const [waited = '', thinkThenAnswer = ''] = await this.waits.locator('.fact').allInnerTexts();
    return { waited: numberIn(waited), thinkThenAnswer: numberIn(thinkThenAnswer) };
  }
}

function numberIn(text: string): number | null {
  const value = Number.parseFloat(text.trim().replaceAll(',', ''));
  return Number.isNaN(value) ? null : value;
}
