/** The presenter view on the scripted engine: states of the page, and recordings of a real model. */
import { LOOKS, expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';
import { PresenterPage } from '../pages/presenter-page.ts';

const SCRIPTED = '?engine=scripted';
const WITHOUT_MODEL = '?engine=scripted&model=none';

/** The browser's own lock leaves no trace that a page could read. */
function countScreenLocks(): void {
  const counts = { asked: 0, released: 0 };
  const lock = { release: () => Promise.resolve(void counts.released++) };
  const request = (): Promise<typeof lock> => Promise.resolve(lock).finally(() => void counts.asked++);
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  Object.assign(window, { screenLocks: counts });
}

test('keys: space types the preset and stops, R empties, N goes on, digits open tabs; text is typed in peace', async ({
  page,
}) => {
  const presenter = new PresenterPage(page);
  const panel = new AsyncReasoningPage(page);
  await panel.open(SCRIPTED);
  await new ModelPage(page).waitUntilReady();
  await presenter.presentLink.click();
  await expect(page).toHaveURL(/#\/thinking\?view=presenter&preset=thinking-while-typing$/);
  await expect(presenter.notes).toContainText('Start runs it live.');
  await expect(panel.settingsButton).toBeHidden();
  await expect(page.getByRole('button', { name: /^Model: / })).toBeHidden();

  await presenter.press(' ');
  await expect(presenter.textBox).toHaveValue('What is the capital of ');
  await expect(panel.thoughts).not.toBeEmpty();
  await expect(panel.answer).toContainText('Paris');
  expect(await panel.answer.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))).toBe(28);
  await presenter.press(' ');
  await expect(presenter.state).toContainText('Stopped');
  await presenter.press('r');
  await expect(panel.answer).toBeEmpty();
  await expect(presenter.state).toContainText('Idle');

  await presenter.press('2');
  await expect(page.getByRole('tab', { name: 'Blocks' })).toHaveAttribute('aria-selected', 'true');
  await presenter.press('n');
  await expect(presenter.notes).toContainText('A change of mind 2 of 5');
  await presenter.press('Shift+N');
  await expect(presenter.notes).toContainText('1 of 5');
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true');

  await presenter.press('t');
  await page.keyboard.type('n R 2 p?');
  await expect(presenter.textBox).toHaveValue('n R 2 p?');
  await expect(presenter.notes).toContainText('1 of 5');
  await presenter.press('Escape');
  await expect(presenter.textBox).not.toBeFocused();
  await presenter.press('r');
  await expect(presenter.textBox).toHaveValue('');

  // A button that was clicked is not pressed again by Space.
  await presenter.button('Next').click();
  await expect(presenter.notes).toContainText('2 of 5');
  await presenter.press(' ');
  await expect(presenter.button('Stop')).toBeVisible();
  await expect(presenter.notes).toContainText('2 of 5');
  await presenter.press('Escape');
  await expect(presenter.dock).toBeHidden();
  await expect(presenter.presentLink).toBeFocused();
});

test('a group that R or N takes from the screen while it runs is among the earlier ones', async ({ page }) => {
  const presenter = new PresenterPage(page);
  const negotiation = new NegotiationPage(page);
  await presenter.open('negotiation', { query: SCRIPTED });
  await expect(presenter.notes).toContainText('Start runs it live.');
  for (const key of ['r', 'n']) {
    await presenter.press(' ');
    // The first side has said all of its own.
    await negotiation.bubbles.nth(1).waitFor();
    await presenter.press(key);
    await expect(negotiation.bubbles).toHaveCount(0);
  }
  await presenter.press('p');
  await negotiation.button('Earlier groups (2)').click();
  await page
    .getByRole('menuitem', { name: /0 of 4 agreed/ })
    .first()
    .click();
  await expect(negotiation.state).toContainText('Stopped');
  await expect(negotiation.bubbles.first()).not.toBeEmpty();
});

test('without a model the recordings play and say so; notes, list of keys, full screen and address', async ({
  page,
}) => {
  const presenter = new PresenterPage(page);
  await presenter.open('negotiation', { query: WITHOUT_MODEL, preset: 'thinking-while-listening' });
  await expect(presenter.notes).toContainText('Start plays a recording: no model is loaded.');
  await presenter.press(' ');
  await expect(presenter.origin).toContainText('Recorded SmolLM2 135M Instruct');
  await expect(presenter.state).toContainText('Negotiating');
  await presenter.press(' ');
  await expect(presenter.state).toContainText('Paused');
  await presenter.press('s');
  await expect(presenter.notes).toBeHidden();
  await presenter.press('?');
  await expect(presenter.keyList).toContainText('Next preset');
  await presenter.press('Escape');
  await expect(presenter.keyList).toBeHidden();
  const isFull = (): Promise<boolean> => page.evaluate(() => document.fullscreenElement === document.documentElement);
  await presenter.press('f');
  await expect.poll(isFull).toBe(true);
  await presenter.press('f');
  await expect.poll(isFull).toBe(false);
  await page.evaluate(() => {
    document.documentElement.requestFullscreen = () => Promise.reject(new TypeError('Not here.'));
  });
  await presenter.press('f');
  await expect(presenter.problem).toContainText('Use its own key, often F11.');
  await presenter.press('n');
  await expect(page).toHaveURL(/#\/negotiation\/training\?view=presenter&preset=training-charts$/);
  await presenter.press(' ');
  await expect(presenter.origin).toContainText('Recorded SmolLM2 135M Instruct');
  await expect(page.getByRole('img', { name: /^Collective Agency/ })).toBeVisible();
  await page.reload();
  await expect(presenter.notes).toContainText('A training in charts 3 of 4');
});

test('what the visitor has set comes back, after a reload too', async ({ page }) => {
  const presenter = new PresenterPage(page);
  const panel = new AsyncReasoningPage(page);
  await panel.open(WITHOUT_MODEL);
  await panel.openPicture('Check');
  await presenter.presentLink.click();
  await presenter.press('3');
  await expect(page.getByRole('tab', { name: 'What it read' })).toHaveAttribute('aria-selected', 'true');
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true');
  await presenter.press('p');
  await expect(page.getByRole('tab', { name: 'Check' })).toHaveAttribute('aria-selected', 'true');
});

test('the auto demo shows both panels in two minutes, begins again, and ends with any key', async ({ page }) => {
  const presenter = new PresenterPage(page);
  await page.addInitScript(countScreenLocks);
  const locks = (): Promise<unknown> => page.evaluate(() => Reflect.get(window, 'screenLocks') as unknown);
  await page.clock.install();
  await presenter.open('thinking', { query: WITHOUT_MODEL });
  await presenter.press('d');
  await page.clock.runFor(1000);
  await expect(presenter.subtitles).toContainText('Watch the thoughts');
  await expect(presenter.origin).toContainText('Recorded');
  expect(await locks()).toEqual({ asked: 1, released: 0 });
  const panels: string[] = [];
  for (let seconds = 0; seconds < 120; seconds += 12) {
    await page.clock.runFor(12_000);
    panels.push(new URL(page.url()).hash.replace(/^.*preset=/, ''));
  }
  expect([...new Set(panels)]).toEqual([
    'thinking-while-typing',
    'change-of-mind',
    'remark-in-the-middle',
    'four-about-a-thermostat',
    'training-charts',
  ]);
  expect(panels.at(-1)).toBe('thinking-while-typing');
  await presenter.press('x');
  await expect(presenter.subtitles).toBeHidden();
  await expect(presenter.notes).toBeVisible();
  expect(await locks()).toEqual({ asked: 1, released: 1 });
});

test('the notes follow in a window of their own, and pass keys on', async ({ page, context }) => {
  const presenter = new PresenterPage(page);
  await presenter.open('thinking', { query: WITHOUT_MODEL });
  const [notes] = await Promise.all([context.waitForEvent('page'), presenter.press('w')]);
  await expect(notes.getByRole('heading', { level: 1 })).toHaveText('Thinking while typing');
  await presenter.press('n');
  await expect(notes.getByRole('heading', { level: 1 })).toHaveText('A change of mind');
  await notes.keyboard.press('n');
  await expect(presenter.notes).toContainText('A remark while it writes');
  await expect(notes.getByText('Next: A sum, piece by piece')).toBeVisible();
  await looksWell(notes, 'presenter-notes');

  await notes.keyboard.press('d');
  await expect(presenter.subtitles).toBeVisible();
  await expect(notes.getByText('The auto demo runs')).toBeVisible();
  await notes.keyboard.press('x');
  await expect(presenter.subtitles).toBeHidden();
  await presenter.press('p');
  await expect(notes.getByText('No presenter view is open in this browser.')).toBeVisible();
});

test('nothing is cut off on a screen, a projector or a phone, and no accessibility rule is broken', async ({
  page,
}) => {
  const presenter = new PresenterPage(page);
  await presenter.open('thinking', { query: WITHOUT_MODEL, preset: 'remark-in-the-middle' });
  for (const [path, title] of [
    ['thinking', 'A remark while it writes'],
    ['negotiation', 'Two views of one thermostat'],
    ['training', 'A training in charts'],
  ] as const) {
    await expect(presenter.notes).toContainText(title);
    await presenter.press(' ');
    await expect(presenter.origin).toContainText('Recorded');
    for (const [width, height] of [
      [1920, 1080],
      [1024, 768],
    ] as const) {
      await page.setViewportSize({ width, height });
      const size = await page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return [scrollWidth, scrollHeight];
      });
      expect(size, `${path} at ${width}`).toEqual([width, height]);
      const folder = process.env['DUET_LOOK'];
      if (folder !== undefined) await page.screenshot({ path: `${folder}/presenter-${path}-${width}.png` });
    }
    await looksWell(page, `presenter-${path}`);
    await page.setViewportSize(LOOKS[0]);
    if (path === 'thinking') await page.getByRole('link', { name: 'Negotiation' }).click();
    if (path === 'negotiation') {
      await presenter.press('n');
      await presenter.press('n');
    }
  }
});
