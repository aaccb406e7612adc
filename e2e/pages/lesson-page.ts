import type { Locator, Page } from '@playwright/test';
import { expect } from '../fixtures.ts';

/** A lesson in its sheet. */
export class LessonPage {
  readonly page: Page;
  readonly sheet: Locator;
  readonly heading: Locator;
  readonly kind: Locator;
  readonly next: Locator;
  readonly back: Locator;
  readonly marked: Locator;
  /** Of a question. */
  readonly choices: Locator;

  constructor(page: Page) {
    this.page = page;
    this.sheet = page.getByRole('complementary', { name: /^Lesson: / });
    this.heading = this.sheet.getByRole('heading', { level: 2 });
    this.kind = this.sheet.locator('.lesson-step__kind');
    this.next = this.sheet.getByRole('button', { name: /^(Next|Skip)$/ });
    this.back = this.sheet.getByRole('button', { name: 'Back' });
    this.choices = this.sheet.locator('.lesson-question').getByRole('radio');
    this.marked = page.locator('[data-lesson-mark]');
  }

  button(name: string): Locator {
    return this.sheet.getByRole('button', { name, exact: true });
  }

  /** From the list of all lessons, on the page that is open. */
  async start(title: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: 'Lessons' }).click();
    const card = this.page.getByRole('article').filter({ has: this.page.getByRole('heading', { name: title }) });
    await card.getByRole('link', { name: /^(Start|Go on)$/ }).click();
    await expect(this.sheet).toHaveAccessibleName(`Lesson: ${title}`);
    await expect(this.heading).toBeFocused();
  }

  async chooseWay(way: 'Live' | 'Recorded'): Promise<void> {
    await this.sheet.getByText(way, { exact: true }).click();
    await expect(this.sheet.getByRole('radio', { name: way })).toBeChecked();
    await expect(this.heading).toBeFocused();
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.heading.textContent()) === 'The end of the lesson';
  }

  /** Does what the step asks for, and goes on. What it points at has to be on the screen. */
  async takeStep(): Promise<void> {
    const title = (await this.heading.textContent()) ?? '';
    const kind = await this.kind.textContent();
    await expect(this.sheet.getByText('It is not on the screen now'), title).toHaveCount(0);
    if (kind === 'Look' || kind === 'Do') await expect(this.marked, title).toBeVisible();
    if (kind === 'Do') await this.doStep(title);
    if (kind === 'Question') await this.answerRightly();
    await this.button('Next').click();
    await expect(this.heading).not.toHaveText(title);
  }

  private async doStep(title: string): Promise<void> {
    const doIt = this.button('Do it for me');
    if (await doIt.isVisible()) await doIt.click();
    await expect(this.sheet.getByText('Done.', { exact: true }), title).toBeVisible();
  }

  /** Each wrong one says why, and so does the right one, which is chosen last. */
  async answerRightly(): Promise<void> {
    const { choices } = this;
    const feedback = this.sheet.locator('.lesson-question__feedback');
    let last = '';
    let right = -1;
    for (let index = (await choices.count()) - 1; index >= 0; index--) {
      await choices.nth(index).check();
      await expect(feedback).not.toHaveText(last);
      last = (await feedback.textContent()) ?? '';
      if ((await feedback.getAttribute('data-right')) === 'true') right = index;
    }
    await choices.nth(right).check();
    await expect(feedback).toHaveAttribute('data-right', 'true');
  }

  /** To its end. @param look  called in front of each step with its number */
  async walk(look: (step: number) => Promise<void> = () => Promise.resolve()): Promise<number> {
    let numSteps = 0;
    while (!(await this.isAtEnd())) {
      await look(numSteps);
      await this.takeStep();
      numSteps++;
    }
    return numSteps;
  }
}
