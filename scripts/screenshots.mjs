/**
 * Pictures for the documentation, taken from real runs of the embedded model in real Chromium; those of the Negotiation
 * panel from the recorded groups that come with the page, and marked as recorded.
 * Run: node scripts/screenshots.mjs [--out docs/images] [--only PARTS]; the parts, with commas between them, are models,
 * chat, training, negotiation, lessons, presenter, share, adapters, thinking and comparison.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EMBEDDED_MODEL, modelReady, until, WAIT_MS, wantedParts, withBuiltPage } from './built-page.mjs';
import { ROOT } from './setup.mjs';

const DESKTOP = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };
const KEY_DELAY_MS = 250;

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'docs/images' }, only: { type: 'string' } },
});
const wanted = wantedParts(values.only, [
  'models',
  'chat',
  'training',
  'negotiation',
  'lessons',
  'presenter',
  'share',
  'adapters',
  'thinking',
  'comparison',
]);

await withBuiltPage(async (browser, url) => {
  const page = await browser.newPage({ viewport: DESKTOP, colorScheme: 'light', reducedMotion: 'reduce' });
  page.setDefaultTimeout(WAIT_MS);
  /** @type {(name: string, options?: { keepsPointer?: boolean }) => Promise<void>} */
  const shoot = async (name, { keepsPointer = false } = {}) => {
    const file = path.join(ROOT, values.out, `${name}.png`);
    // No tooltip of what was clicked last.
    if (!keepsPointer) await page.mouse.move(0, 0);
    await page.screenshot({ path: file });
    console.log(path.relative(ROOT, file));
  };
  const state = page.getByTestId('run-state');
  /** Or until the answer is complete, which may be sooner. @type {(testId: string, length: number) => Promise<void>} */
  const waitForText = (testId, length) =>
    until(page, async () => {
      const text = (await page.getByTestId(testId).textContent()) ?? '';
      return text.length > length || /Answered/.test(await state.innerText());
    });
  /** A question that is changed while it is typed, its answer and a follow-up. */
  const shootThinking = async () => {
    await page.goto(`${url}${EMBEDDED_MODEL}`);
    // What was trained is not in these pictures.
    await page.reload();
    await modelReady(page);
    await shoot('thinking-empty');
    const input = page.getByRole('region', { name: 'You' }).getByRole('textbox');
    await input.pressSequentially('What is the capital of France and ', { delay: KEY_DELAY_MS });
    // A sentence of thought is enough to see that thinking has begun.
    await waitForText('thoughts', 40);
    await shoot('thinking-typing');
    for (const _ of 'France and ') await input.press('Backspace');
    await input.pressSequentially('Italy?', { delay: KEY_DELAY_MS });
    await page.getByText('formed on text you have changed').waitFor();
    // The note comes with the edit, the cut with the step behind it.
    await page.waitForFunction(
      () => !(document.querySelector('[data-testid="thoughts"]')?.textContent ?? '').includes('France'),
    );
    await shoot('thinking-edit');
    await input.press('Enter');
    await waitForText('answer', 50);
    await shoot('thinking-desktop-light');
    await input.fill('And of Spain?');
    await input.press('Enter');
    await until(page, async () => !/Answered/.test(await state.innerText()));
    await waitForText('thoughts', 100);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForTimeout(400);
    await shoot('thinking-desktop-dark');
    await page.setViewportSize(PHONE);
    await shoot('thinking-phone-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForTimeout(400);
    await shoot('thinking-phone-light');
    await page.setViewportSize(DESKTOP);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('thinking-settings');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^GPU / }).click();
    await page.getByRole('dialog', { name: 'Device' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('device-report');
    await page.keyboard.press('Escape');
  };
  const shootComparison = async () => {
    await page.goto(`${url}${EMBEDDED_MODEL}`);
    await page.reload();
    await modelReady(page);
    // Enough for every way to answer, and minutes less on a software adapter.
    await page.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByLabel('Search settings').fill('Budget');
    await settings.getByLabel('Budget', { exact: true }).fill('40');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Studies' }).click();
    await page.getByRole('menuitem', { name: 'Compare' }).click();
    const dialog = page.getByRole('dialog', { name: /Compar/ });
    await dialog.getByRole('textbox', { name: 'Question' }).fill('Why is the sky blue?');
    await dialog.getByRole('button', { name: 'Run comparison' }).click();
    await dialog.getByRole('button', { name: /CSV/ }).waitFor();
    await page.waitForTimeout(600);
    await shoot('thinking-comparison');
    await page.keyboard.press('Escape');
  };
  /** Training is real too: six short steps on the page's own example. */
  const shootAdapters = async () => {
    await page.goto(`${url}${EMBEDDED_MODEL}`);
    await modelReady(page);
    await page.getByRole('button', { name: /^Adapter: / }).click();
    const dialog = page.getByRole('dialog', { name: 'Adapters' });
    await dialog.getByRole('tab', { name: 'Fine-tune' }).click();
    await dialog.getByRole('button', { name: 'Make one' }).click();
    await dialog.getByRole('button', { name: 'Load an example' }).click();
    await dialog.getByRole('textbox', { name: 'Steps', exact: true }).fill('6');
    await dialog.getByRole('textbox', { name: 'Examples per step' }).fill('1');
    await dialog.getByRole('button', { name: 'Start training' }).click();
    await dialog.getByText('Complete.').waitFor({ timeout: 3 * WAIT_MS });
    await dialog.getByRole('button', { name: 'Compare' }).click();
    await dialog.getByRole('button', { name: 'Stop' }).waitFor();
    await dialog.getByRole('button', { name: 'Compare' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('fine-tune');
    await dialog.getByRole('tab', { name: 'Adapters' }).click();
    await dialog.getByRole('list', { name: 'Checkpoints' }).getByRole('listitem').first().waitFor();
    await page.waitForTimeout(600);
    await shoot('adapters-dialog');
    await page.keyboard.press('Escape');
  };
  const shootNegotiation = async () => {
    await page.goto(`${url}?model=none#/negotiation`);
    /** @type {(index: number) => Promise<void>} */
    const watch = async (index) => {
      await page.getByRole('button', { name: /^(Watch a recorded one|Another recording)$/ }).click();
      await page.getByRole('menuitem').nth(index).click();
      await page.getByRole('button', { name: 'To end' }).click();
      await page.waitForTimeout(600);
    };
    await watch(0);
    await shoot('negotiation-group');
    await page.emulateMedia({ colorScheme: 'dark' });
    await watch(1);
    await shoot('negotiation-thinking-dark');
    await page.setViewportSize(PHONE);
    await page.waitForTimeout(400);
    await shoot('negotiation-phone-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(DESKTOP);
    await page.getByRole('region', { name: 'Dilemma' }).getByRole('button', { name: 'Choose' }).click();
    await page.getByRole('dialog', { name: 'Material' }).waitFor();
    await page.waitForTimeout(800);
    await shoot('negotiation-material');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Judge: / }).click();
    await page.getByRole('dialog', { name: 'Judge' }).waitFor();
    await page.waitForTimeout(800);
    await shoot('negotiation-judge');
    await page.keyboard.press('Escape');
  };
  /** The recorded training: no model is needed to look at it. */
  const shootTraining = async () => {
    await page.goto(`${url}?model=none#/negotiation/training`);
    await page.getByRole('button', { name: 'Look at a recorded training' }).click();
    await page.getByRole('menuitem').first().click();
    await page.getByRole('tab', { name: 'Charts' }).click();
    await page.waitForTimeout(1500);
    await shoot('training-charts');
    await page.getByRole('tab', { name: 'Tokens' }).click();
    await page.waitForTimeout(600);
    await shoot('training-tokens');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(PHONE);
    await page.waitForTimeout(600);
    await shoot('training-phone-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(DESKTOP);
  };
  /** The list of lessons, and a step of one that plays a recorded run. */
  const shootLessons = async () => {
    await page.goto(`${url}?model=none#/lessons`);
    await page.getByRole('article').first().waitFor();
    await shoot('lessons');
    await page.goto(`${url}?model=none#/thinking?lesson=kv-cache`);
    const sheet = page.getByRole('complementary', { name: /^Lesson: / });
    const next = sheet.getByRole('button', { name: 'Next', exact: true });
    await next.click();
    await sheet.getByRole('button', { name: 'Do it for me' }).click();
    await sheet.getByText('Done.', { exact: true }).waitFor();
    await next.click();
    await sheet.getByRole('heading', { name: 'Thoughts grow token by token' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('lesson-step');
    // An open one would come back with its recording in the parts behind this one.
    await sheet.getByRole('button', { name: 'Close the lesson' }).click();
  };
  /** The recorded run of the first preset, at its end. */
  const shootPresenter = async () => {
    await page.goto(`${url}?model=none#/thinking?view=presenter`);
    // Said once it is known that no model will run.
    await page.getByText('Start plays a recording: no model is loaded.').waitFor();
    await page.keyboard.press('Space');
    await page.getByTestId('presenter-state').filter({ hasText: 'Replay ended' }).waitFor();
    await shoot('presenter');
  };
  const shootShare = async () => {
    await page.goto(`${url}?model=none#/thinking`);
    // Without what another part has left in the panel.
    await page.reload();
    await page.getByRole('region', { name: 'You' }).getByRole('textbox').fill('Why is the sky blue?');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share', exact: true });
    await dialog.getByRole('textbox', { name: 'Link' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('share');
    await page.keyboard.press('Escape');
  };
  /** Nothing is asked of a network: Hugging Face's answer is this one. */
  const HUB_FILES = [
    { type: 'file', path: 'README.md', size: 4210, oid: '0' },
    {
      type: 'file',
      path: 'Qwen3-0.6B-Q8_0.gguf',
      size: 639_446_688,
      oid: '0',
      lfs: { oid: 'a'.repeat(64), size: 639_446_688, pointerSize: 134 },
    },
  ];
  const shootModels = async () => {
    await page.route(/https:\/\/huggingface\.co\/api\//, (route) => route.fulfill({ json: HUB_FILES }));
    await page.goto(`${url}${EMBEDDED_MODEL}`);
    await modelReady(page);
    await page.getByRole('button', { name: /^Model: / }).click();
    const dialog = page.getByRole('dialog', { name: 'Model' });
    await dialog.getByRole('button', { name: 'Measure memory' }).click();
    await dialog.getByRole('button', { name: 'Measure again' }).waitFor();
    await page.waitForTimeout(600);
    await shoot('model-catalogue');
    await dialog.getByRole('tab', { name: 'Hugging Face' }).click();
    await dialog.getByLabel('Repository or address').fill('Qwen/Qwen3-0.6B-GGUF');
    await dialog.getByRole('button', { name: 'Look', exact: true }).click();
    await dialog.getByRole('listitem').first().waitFor();
    await shoot('model-hugging-face');
    await dialog.getByRole('tab', { name: 'Storage' }).click();
    await dialog
      .getByRole('listitem', { name: 'SmolLM2 135M Instruct' })
      .getByRole('button', { name: 'Check' })
      .click();
    await dialog.getByText('Intact.').waitFor();
    await shoot('model-storage');
    await page.keyboard.press('Escape');
  };
  /** Greedy, so that the answers are the same each time; a second question for an answer with more doubt in it. */
  const shootChat = async () => {
    await page.goto(`${url}?kernels=threadPerRows#/chat`);
    await modelReady(page);
    const panel = page.getByRole('main', { name: 'Chat' });
    await panel.getByRole('button', { name: 'Settings' }).click();
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByRole('button', { name: /^Exact/ }).click();
    await settings.getByRole('button', { name: /^Length/ }).click();
    await settings.getByRole('textbox', { name: 'Answer at most' }).fill('48');
    await page.keyboard.press('Escape');
    await settings.waitFor({ state: 'hidden' });
    await panel.getByRole('switch', { name: 'Token probabilities' }).check({ force: true });
    const input = panel.getByRole('textbox', { name: 'Your message' });
    for (const question of ['What is the capital of France?', 'Why is the sky blue?']) {
      await input.fill(question);
      await input.press('Enter');
      const answers = panel.getByRole('article', { name: /^Answer by / });
      await until(page, async () => (await answers.last().getByRole('button', { name: 'Regenerate' }).count()) > 0);
    }
    await page.getByTestId('chat-answer').locator('[data-token]').nth(9).hover();
    await page.getByTestId('token-popover').waitFor();
    await page.waitForTimeout(600);
    await shoot('chat', { keepsPointer: true });
  };
  /** @type {Readonly<Record<(typeof wanted)[number], () => Promise<void>>>} */
  const parts = {
    models: shootModels,
    chat: shootChat,
    training: shootTraining,
    negotiation: shootNegotiation,
    lessons: shootLessons,
    presenter: shootPresenter,
    share: shootShare,
    adapters: shootAdapters,
    thinking: shootThinking,
    comparison: shootComparison,
  };
  for (const part of wanted) await parts[part]();
});
