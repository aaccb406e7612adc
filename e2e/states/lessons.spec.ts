/** The sheet of a lesson on the scripted engine: keyboard, looks, what is kept. */
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { LessonPage } from '../pages/lesson-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';
import { RunsPage } from '../pages/runs-page.ts';

test('by keyboard alone: to the control and back, a question, folded, kept over a reload', async ({ page }) => {
  await page.goto('/?engine=scripted');
  const lesson = new LessonPage(page);
  const panel = new AsyncReasoningPage(page);
  await page.getByRole('link', { name: 'Lesson: What a KV cache is' }).press('Enter');
  await expect(lesson.heading).toBeFocused();
  await expect(lesson.sheet).toContainText('This browser computes without a GPU');
  await lesson.sheet.getByRole('radio', { name: 'Recorded' }).press('ArrowLeft');
  await expect(lesson.sheet).toContainText('On your machine');
  await lesson.next.press('Enter');
  await expect(lesson.heading).toHaveText('Give it something to do');

  await page.keyboard.press('F6');
  await expect(panel.input).toBeFocused();
  await page.keyboard.type('Why do leaves change colour?');
  await page.keyboard.press('Enter');
  await expect(lesson.sheet.getByText('Done.', { exact: true })).toBeVisible();
  await page.keyboard.press('F6');
  await expect(lesson.heading).toBeFocused();
  for (let step = 0; step < 3; step++) await lesson.next.press('Enter');
  await expect(lesson.kind).toHaveText('Question');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(lesson.sheet.locator('.lesson-question__feedback')).toContainText('They may matter a great deal');

  await page.keyboard.press('Escape');
  const fold = lesson.button('What a KV cache is');
  await expect(fold).toBeFocused();
  await expect(lesson.heading).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(lesson.heading).toBeFocused();

  await page.reload();
  await expect(lesson.heading).toHaveText('Check: why can they be kept?');
  await expect(lesson.choices.nth(1)).toBeChecked();
  await lesson.button('Close the lesson').press('Enter');
  await expect(lesson.sheet).toBeHidden();
  await lesson.start('What a KV cache is');
  await expect(lesson.heading).toHaveText('Check: why can they be kept?');
});

test('a step of the other way is kept: the lesson is shown at the one in front of it', async ({ page }) => {
  await page.goto('/?engine=scripted#/thinking?lesson=rotation');
  const lesson = new LessonPage(page);
  await expect(lesson.heading).toHaveText('How a model knows the order');
  // As it was kept where a model was ready; here a recording fits, which lacks this step.
  const kept = { stepId: 'open-check', seen: ['ask'], answers: { written: 1 }, isFinished: false, way: null };
  await page.evaluate(
    (text) => localStorage.setItem('duet-lessons', text),
    JSON.stringify({ openId: 'rotation', isFolded: false, progress: { rotation: kept } }),
  );
  await page.reload();
  await expect(lesson.sheet).toContainText('Recorded run');
  await expect(lesson.heading).toHaveText('Check: the thoughts grow');
  await lesson.chooseWay('Live');
  await expect(lesson.heading).toHaveText('Have it recomputed');
});

test('folded it goes on: the recording is held where the step says so', async ({ page }) => {
  await page.goto('/?engine=scripted#/thinking?lesson=kv-cache');
  const lesson = new LessonPage(page);
  const { playButton } = new RunsPage(page);
  await expect(lesson.heading).toBeFocused();
  await lesson.next.click();
  await lesson.button('Do it for me').click();
  const fold = lesson.button('What a KV cache is');
  await fold.click();
  await expect(playButton).toHaveAccessibleName('Hold');
  await expect(playButton).toHaveAccessibleName('Play');
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await playButton.focus();
  await page.keyboard.press('Shift+F6');
  await expect(playButton).toBeFocused();
  await page.keyboard.press('F6');
  await expect(fold).toBeFocused();
  await page.keyboard.press('F6');
  await expect(playButton).toBeFocused();
  await fold.click();
  await expect(lesson.heading).toBeFocused();
  await expect(lesson.sheet.getByText('Done.', { exact: true })).toBeVisible();
});

test('a lesson stays while another page is looked at, and shows the way back', async ({ page }) => {
  await page.goto('/?engine=scripted#/negotiation/training?lesson=grpo');
  const lesson = new LessonPage(page);
  await expect(lesson.sheet).toHaveAccessibleName('Lesson: What GRPO changes, token by token');
  await page.getByRole('link', { name: 'Chat', exact: true }).click();
  await expect(lesson.sheet).toContainText('This step is on another page.');
  await lesson.sheet.getByRole('link', { name: 'Go there' }).click();
  await expect(page).toHaveURL(/#\/negotiation\/training\?lesson=grpo$/);
  await expect(lesson.sheet).not.toContainText('This step is on another page.');
  await lesson.button('Close the lesson').click();
  await expect(page).toHaveURL(/#\/negotiation\/training$/);
});

test('broken storage begins anew, and a step that is not there is the first', async ({ page }) => {
  const kept = { openId: 'kv-cache', isFolded: 3, progress: { 'kv-cache': { stepId: 7 }, typing: null } };
  await page.addInitScript((text) => localStorage.setItem('duet-lessons', text), JSON.stringify(kept));
  await page.goto('/?engine=scripted');
  await expect(new LessonPage(page).heading).toHaveText('One token at a time');
});

test('a link with something shared opens no lesson by itself, and the progress stays', async ({ page }) => {
  await page.goto('/?engine=scripted#/thinking?lesson=kv-cache');
  const lesson = new LessonPage(page);
  await expect(lesson.heading).toBeFocused();
  await lesson.next.click();
  await expect(lesson.heading).toHaveText('Let it run');
  await page.goto('about:blank');
  await page.goto('/?engine=scripted#/thinking?share=broken');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(lesson.sheet).toHaveCount(0);
  await page.keyboard.press('Escape');
  await lesson.start('What a KV cache is');
  await expect(lesson.heading).toHaveText('Let it run');
});

test('what lies over the page stands clear of the sheet', async ({ page }) => {
  await page.goto('/?engine=scripted#/thinking?lesson=kv-cache');
  const lesson = new LessonPage(page);
  await expect(lesson.heading).toBeFocused();
  // Both bars as their features style them; what brings them is the matter of their own tests.
  await page.evaluate(() => {
    for (const name of ['update-notice', 'in-place']) {
      const bar = document.body.appendChild(document.createElement('div'));
      bar.className = name;
      bar.textContent = 'A bar that is as long as the name of something that somebody has shared';
    }
  });
  const boxOf = (selector: string): Promise<{ left: number; top: number; right: number; bottom: number }> =>
    page.locator(selector).evaluate((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return { left, top, right, bottom };
    });
  const fold = lesson.button('What a KV cache is');
  for (const size of [
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(size);
    for (const isOpen of [true, false]) {
      if ((await fold.getAttribute('aria-expanded')) !== String(isOpen)) await fold.click();
      await expect(fold).toHaveAttribute('aria-expanded', String(isOpen));
      const sheet = await boxOf('.lesson-sheet');
      for (const bar of ['.update-notice', '.in-place']) {
        const { right, bottom } = await boxOf(bar);
        const what = `${bar}, ${size.width} wide, ${isOpen ? 'open' : 'folded'}`;
        expect(right <= sheet.left || bottom <= sheet.top, what).toBe(true);
      }
    }
  }
});

test('where a group negotiates, the recording is not put in its place', async ({ page }) => {
  const negotiation = new NegotiationPage(page);
  await negotiation.open('?engine=scripted&state=negotiation');
  await negotiation.start();
  const lesson = new LessonPage(page);
  await lesson.start('How two personas negotiate');
  // Recorded by itself: the scripted engine says that it computes without a GPU.
  await expect(lesson.sheet.getByRole('alert')).toContainText('a group negotiates');
  await expect(negotiation.state).not.toContainText('Recorded');
});

test('looks: all lessons, a step with its control, a question with its answer', async ({ page }) => {
  await page.goto('/?engine=scripted');
  const lesson = new LessonPage(page);
  await page.getByRole('link', { name: 'Lessons', exact: true }).click();
  await expect(page.getByRole('article')).toHaveCount(6);
  await looksWell(page, 'lessons');
  await lesson.start('Why rotating the query is enough');
  await lesson.next.click();
  await lesson.answerRightly();
  await looksWell(page, 'lesson-question');
  await lesson.next.click();
  await lesson.next.click();
  await expect(lesson.marked).toBeVisible();
  await looksWell(page, 'lesson-step');
});
