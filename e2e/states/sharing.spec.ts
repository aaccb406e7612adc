/** Links and files: made on one page, opened in a browser that knows nothing of it. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';
import type { WrittenScenario } from '../../src/protocol/scenario/scenario.ts';
import type { SharedContentInput } from '../../src/protocol/shared-content.ts';
import { duet, expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { EvaluationPage } from '../pages/evaluation-page.ts';
import { ModelPage } from '../pages/model-page.ts';
import { NegotiationPage } from '../pages/negotiation-page.ts';
import { SettingsPage } from '../pages/settings-page.ts';
import { SharingPage } from '../pages/sharing-page.ts';

/** The address also asks for a model; with something shared behind it, it is not loaded. */
const QUERY = '?engine=scripted&model=smollm2-135m-instruct';
const QUESTION = 'A farmer has 17 sheep and buys 25 more. How many?';

/** Another visitor: nothing is stored, and what goes wrong on the page fails the test. */
async function asSomebodyElse(
  browser: Browser,
  baseURL: string | undefined,
  visit: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) });
  const page = await context.newPage();
  const wrong: string[] = [];
  context.on('request', (request) => {
    if (request.url().includes('/models/')) wrong.push(`fetched ${request.url()}`);
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  await visit(page);
  expect(wrong).toEqual([]);
  await context.close();
}

/** Nothing was loaded, and the page is as it was: the visitor has not chosen yet. */
async function expectNothingBegun(page: Page): Promise<void> {
  await expect(new ModelPage(page).modelChip).toContainText('no model');
  const api = await duet(page);
  expect((await api.evaluate((d) => d.memory())).total).toBe(0);
}

async function scenarioOf(name: string): Promise<WrittenScenario> {
  const text = await readFile(new URL(`../../scenarios/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as WrittenScenario;
}

async function linkOf(page: Page, content: SharedContentInput): Promise<string> {
  const api = await duet(page);
  const { link } = await api.evaluate((d, shared) => d.share.make(shared), content);
  return link ?? '';
}

test('a set-up of the Thinking panel: shared, opened, used, taken back, and still there after a reload', async ({
  page,
  browser,
  baseURL,
}) => {
  const panel = new AsyncReasoningPage(page);
  const sharing = new SharingPage(page);
  await panel.open('?engine=scripted&model=none');
  const settings = new SettingsPage(page);
  await settings.open();
  await (await settings.field('Budget')).fill('96');
  await page.keyboard.press('Tab');
  await settings.close();
  await panel.input.fill(QUESTION);
  await sharing.open();
  await sharing.dialog.getByLabel('Title').fill('Sheep');
  await expect(sharing.dialog).toContainText('Budget: 96 steps');
  await expect(sharing.dialog).toContainText('Nothing is uploaded');
  await expect(sharing.code).toBeVisible();
  await looksWell(page, 'share');
  const link = await sharing.link.inputValue();
  await expect(sharing.dialog).toContainText(`${link.length} of 8,000 characters`);
  // As on a LAN without a certificate, where there is no clipboard.
  await page.evaluate(() => Reflect.deleteProperty(Navigator.prototype, 'clipboard'));
  await sharing.dialog.getByRole('button', { name: 'Copy link' }).click();
  await expect(sharing.dialog.getByText('Press Ctrl+C')).toBeVisible();
  await expect(sharing.link).toBeFocused();
  expect(await sharing.link.evaluate((field: HTMLTextAreaElement) => field.selectionEnd - field.selectionStart)).toBe(
    link.length,
  );
  await sharing.dialog.getByRole('checkbox', { name: 'Question' }).uncheck();
  expect((await sharing.saved()).text).not.toContain('sheep');

  await asSomebodyElse(browser, baseURL, async (other) => {
    const theirs = new SharingPage(other);
    const thinking = new AsyncReasoningPage(other);
    await theirs.openLink(link, QUERY);
    await expect(theirs.facts).toContainText(QUESTION);
    await expect(theirs.facts).toContainText('Budget: 96 steps');
    await expectNothingBegun(other);
    await looksWell(other, 'shared-with-you');
    await theirs.useButton.click();
    await expect(thinking.input).toHaveValue(QUESTION);
    await expect(thinking.state).toContainText('Idle');
    await expect(theirs.inPlace).toContainText('Sheep');
    await theirs.undoButton.click();
    await expect(thinking.input).toHaveValue('');
    expect(new URL(other.url()).hash).toBe('#/thinking');

    // The same tab, the link once more: what is used stays, and a reload does not ask again.
    await theirs.openLink(link, QUERY);
    await theirs.useButton.click();
    await expect(thinking.input).toHaveValue(QUESTION);
    await expectNothingBegun(other);
    await other.goto(`/?engine=scripted&model=none${new URL(other.url()).hash}`);
    await expect(thinking.input).toHaveValue(QUESTION);
    await expect(theirs.card).toBeHidden();
  });
});

test('links of every other page are shown in their words and put in place, and nothing starts', async ({
  page,
  browser,
  baseURL,
}) => {
  await page.goto('/?engine=scripted&model=none#/negotiation');
  const sharing = new SharingPage(page);
  const own = { id: 'a-kitchen', category: 'interpersonal', split: 'train', origin: 'own' } as const;
  const links = {
    negotiation: await linkOf(page, {
      kind: 'negotiation',
      rules: {
        settings: { groupSize: 3 },
        dilemma: { ...own, goal: 'Share a kitchen', prompt: 'Who washes up?' },
        judge: { kind: 'rule', rule: { kind: 'word', word: 'together' } },
      },
    }),
    training: await linkOf(page, { kind: 'training', plan: { steps: 7, name: 'Fair' }, rules: {} }),
    evaluation: await linkOf(page, { kind: 'evaluation', form: { numDilemmas: 9 }, rules: {} }),
    chat: await linkOf(page, {
      kind: 'chat',
      settings: { systemPrompt: 'You are a pirate.' },
      question: 'Ahoy?',
      chatModel: { kind: 'endpoint', url: 'http://server.example/v1', model: 'big' },
    }),
    fineTune: await linkOf(page, { kind: 'fineTune', form: { steps: 7, data: 'Ahoy.' } }),
    thinkingEvaluation: await linkOf(page, {
      kind: 'thinkingEvaluation',
      form: {
        set: 'commonsense',
        numItems: 6,
        configurations: [{ name: 'Short', mode: 'asynchronous', basis: { kind: 'preset', preset: 'safety' } }],
      },
    }),
    scenario: await linkOf(page, { kind: 'scenario', scenario: await scenarioOf('thinking-remark') }),
    models: await linkOf(page, { kind: 'scenario', scenario: await scenarioOf('model-loads') }),
  };
  // The pages' own buttons make links of the same kinds.
  for (const [kind, path] of [
    ['negotiation', 'negotiation'],
    ['training', 'negotiation/training'],
    ['evaluation', 'negotiation/evaluation'],
    ['chat', 'chat'],
  ] as const) {
    await page.evaluate((to) => (location.hash = `#/${to}`), path);
    const link = await sharing.linkOfPanel();
    expect(await (await duet(page)).evaluate((d, made) => d.share.read(made).kind, link)).toBe(kind);
  }

  await asSomebodyElse(browser, baseURL, async (other) => {
    const theirs = new SharingPage(other);
    const use = async (link: string, fact: string): Promise<void> => {
      // A fresh page: the address of an open one may change too, see the next test.
      await other.goto('about:blank');
      await theirs.openLink(link, QUERY);
      await expect(theirs.facts).toContainText(fact);
      await theirs.useButton.click();
      await expect(theirs.card).toBeHidden();
      await expectNothingBegun(other);
    };
    await use(links.negotiation, 'a rule: the word “together”');
    const negotiation = new NegotiationPage(other);
    await expect(negotiation.dilemma).toContainText('Share a kitchen');
    await expect(negotiation.state).toContainText('Idle');
    await use(links.training, 'Groups a step: ');
    await expect(other.getByRole('textbox', { name: 'Steps', exact: true })).toHaveValue('7');
    await use(links.evaluation, 'Held-out dilemmas: 9');
    await expect(other.getByRole('textbox', { name: 'Dilemmas' })).toHaveValue('9');
    await use(links.chat, 'What you write will be sent there.');
    await expect(new ChatPage(other).input).toHaveValue('Ahoy?');
    await expect(other.getByRole('main', { name: 'Chat' })).toContainText('You are a pirate.');
    await use(links.fineTune, 'Examples: Ahoy.');
    const forms = await (
      await duet(other)
    ).evaluate((d) => ({
      fineTune: d.share.current('fineTune'),
      before: d.share.current('thinkingEvaluation'),
    }));
    // Its examples are there, and are not handed on by themselves.
    expect(forms).toMatchObject({ fineTune: { form: { steps: 7 } }, before: { form: {} } });
    expect(JSON.stringify(forms)).not.toContain('Ahoy');
    await use(links.thinkingEvaluation, 'Short (asynchronous, preset “');
    const evaluation = new EvaluationPage(other);
    await evaluation.open();
    await expect(evaluation.numItems).toHaveValue('6');
    await expect(evaluation.configurations).toHaveCount(1);
    await evaluation.dialog.getByRole('button', { name: 'Share' }).click();
    await expect(evaluation.dialog).toBeHidden();
    await expect(theirs.dialog).toContainText('Number: 6');
    await looksWell(other, 'share-evaluation');
    await theirs.close();

    await use(links.scenario, '1 remark');
    await expect(new AsyncReasoningPage(other).input).toHaveValue('Why?');
    // The file is the scenario itself, and what no panel can be put to can only be saved.
    await theirs.openLink(links.models, QUERY);
    await expect(theirs.useButton).toBeHidden();
    await looksWell(other, 'shared-scenario-of-models');
    const [download] = await Promise.all([
      other.waitForEvent('download'),
      theirs.card.getByRole('button', { name: 'Save the file' }).click(),
    ]);
    expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toEqual(await scenarioOf('model-loads'));
    await theirs.leaveButton.click();
    // What is used is kept as if it had been typed.
    await other.goto('/?engine=scripted&model=none#/negotiation/evaluation');
    await expect(other.getByRole('textbox', { name: 'Dilemmas' })).toHaveValue('9');
  });
});

test('recordings open paused: one of the page by its name, a long one as a file by button and by drop', async ({
  page,
  browser,
  baseURL,
}) => {
  const sharing = new SharingPage(page);
  const panel = new AsyncReasoningPage(page);
  await panel.open('?engine=scripted&model=none');
  await page.getByRole('button', { name: 'A change of mind' }).click();
  await expect(panel.state).toContainText('Replaying');
  await sharing.open();
  await sharing.dialog.getByRole('radio', { name: /run that is shown/ }).check();
  await expect(sharing.link).toHaveValue(/share=/);
  const shipped = await sharing.link.inputValue();
  await sharing.close();
  const run = await readFile(new URL('../../public/recordings/thinking-while-typing.json', import.meta.url), 'utf8');
  const text = JSON.stringify({
    format: 'duet-share-1',
    kind: 'replay',
    title: 'My run',
    replay: { of: 'thinking', run: JSON.parse(run) },
  });

  await asSomebodyElse(browser, baseURL, async (other) => {
    const theirs = new SharingPage(other);
    const thinking = new AsyncReasoningPage(other);
    await theirs.openLink(shipped, QUERY);
    await expect(theirs.facts).toContainText('change of mind');
    await theirs.useButton.click();
    await expect(thinking.state).toContainText('Replay held');
    await expect(other.getByText('Before the first step')).toBeVisible();
    await expectNothingBegun(other);
    await theirs.undoButton.click();
    await expect(thinking.state).toContainText('Idle');

    await theirs.openFile('my-run.duet.json', text);
    await expect(theirs.facts).toContainText('47 steps');
    await theirs.leaveButton.click();
    await expect(thinking.state).toContainText('Idle');
    await new ModelPage(other).drop([{ name: 'my-run.duet (1).json', bytes: [...Buffer.from(text)] }]);
    await theirs.useButton.click();
    await expect(thinking.state).toContainText('Replay held');
    await expect(theirs.inPlace).toContainText('My run');
    // It is no model, and it is kept among the runs.
    await expect(new ModelPage(other).chooser).toBeHidden();
    await other.getByRole('button', { name: 'Runs', exact: true }).click();
    await expect(other.getByRole('dialog', { name: 'Runs' })).toContainText('Thinking while typing');
  });
});

test('a broken link and a broken file say what is wrong and change nothing; a run is never disturbed', async ({
  page,
}) => {
  const panel = new AsyncReasoningPage(page);
  const sharing = new SharingPage(page);
  await panel.open('?engine=scripted');
  await new ModelPage(page).waitUntilReady();
  const link = await linkOf(page, { kind: 'thinking', question: 'Theirs' });
  await panel.firstQuestions.first().click();
  await expect(panel.state).toContainText('Answered');
  await sharing.open();
  await sharing.dialog.getByRole('radio', { name: /^A scenario/ }).check();
  // The scripted engine reads nothing; on the real one, `scenario.spec.ts` shares what it saves.
  await expect(sharing.dialog).toContainText('This cannot be sharedNothing was read in this run.');
  await sharing.close();

  // Pasted into the address of the open page.
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await expect(sharing.card).toContainText('Something runs there. Stop it first');
  await expect(sharing.useButton).toBeDisabled();
  await sharing.leaveButton.click();
  await expect(panel.state).toContainText('Answered');
  expect(new URL(page.url()).hash).toBe('#/thinking');

  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash.slice(0, -4));
  await expect(sharing.card).toContainText('This link cannot be opened');
  await expect(sharing.card).toContainText('Copy it again, from its beginning to its end. Nothing was changed.');
  await page.keyboard.press('Escape');
  await expect(sharing.card).toBeHidden();
  await sharing.openFile('x.duet.json', '{"format":"duet-share-1","kind":"thinking","settings":{"budget":-5}}');
  await expect(sharing.card).toContainText('settings.budget');
  await sharing.card.getByRole('button', { name: 'Close' }).last().click();
  await expect(panel.state).toContainText('Answered');

  // Closed without a choice, it comes back once the run is stopped.
  await page.evaluate((hash) => (location.hash = hash), new URL(link).hash);
  await expect(sharing.useButton).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(sharing.card).toBeHidden();
  await panel.stopButton.click();
  await expect(sharing.useButton).toBeEnabled();
  await sharing.useButton.click();
  await expect(panel.input).toHaveValue('Theirs');
});
