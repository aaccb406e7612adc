/** What was done in the panels is saved as scenarios, and the runner repeats them. A tiny model: its words do not matter. */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { duet, expect, test } from './fixtures.ts';
import { AdaptersPage } from './pages/adapters-page.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ChatPage } from './pages/chat-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { NegotiationPage } from './pages/negotiation-page.ts';
import { SharingPage } from './pages/sharing-page.ts';
import { useShortPrompts as importShortPrompts } from './use-short-prompts.ts';

const TINY = '?model=/models/tiny-llama/tiny-llama-Q8_0.gguf&kernels=threadPerRows';

const STATE = {
  reasoningChanges: { budget: 24, onEdit: 'rewind', temperature: 0.7, seed: 4 },
  negotiationChanges: { groupSize: 2, maxTurns: 1, maxUtteranceTokens: 6, maxCompletionTokens: 6, seed: 3 },
  chatChanges: { maxTokens: 8 },
} as const;

interface SavedScenario {
  readonly panel: string;
  readonly inputs: { readonly kind?: string; readonly drafts?: readonly { readonly step: number }[] };
  readonly expect: { readonly tokenIds?: Record<string, number[]> };
}

async function saved(page: Page, button: Locator): Promise<string> {
  const download = page.waitForEvent('download');
  await button.click();
  return readFile(await (await download).path(), 'utf8');
}

/** The page stays, and with it the model. */
async function openPanel(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name }).click();
}

/** "Share" hands on the same scenario that is saved, short enough for a link. */
async function sharesAsLink(page: Page, file: string): Promise<void> {
  const sharing = new SharingPage(page);
  await sharing.open();
  await sharing.dialog.getByRole('radio', { name: /^A scenario/ }).check();
  await expect(sharing.link).toHaveValue(/share=/);
  await expect(sharing.dialog).toContainText('4 streams with these token ids');
  const shared = await (await duet(page)).evaluate((d, link) => d.share.read(link), await sharing.link.inputValue());
  expect(shared).toMatchObject({ kind: 'scenario', scenario: JSON.parse(file) as object });
  await sharing.close();
}

/** Types, thinks better of it, asks, asks on, and stops in the second answer. */
async function thinkAloud(page: Page): Promise<string> {
  const thinking = new AsyncReasoningPage(page);
  await thinking.input.pressSequentially('Why is it blue today', { delay: 30 });
  await expect(thinking.thoughts).not.toBeEmpty();
  for (let i = 0; i < 'blue today'.length; i++) await thinking.input.press('Backspace');
  await thinking.input.pressSequentially('red?', { delay: 30 });
  await thinking.input.press('Enter');
  await expect(thinking.followUp).toBeVisible();
  await thinking.input.pressSequentially('And then?', { delay: 30 });
  await thinking.input.press('Enter');
  await expect(thinking.turns).toHaveCount(1);
  await thinking.stopButton.click();
  await expect(thinking.state).toContainText('You stopped the run.');
  const file = await saved(page, page.getByRole('button', { name: 'Save as scenario' }).first());
  await sharesAsLink(page, file);
  return file;
}

async function negotiate(page: Page): Promise<string> {
  const negotiation = new NegotiationPage(page);
  await openPanel(page, 'Negotiation');
  await importShortPrompts(page);
  await negotiation.start();
  await negotiation.waitUntilOver();
  return saved(page, negotiation.button('Save as scenario'));
}

async function chatTwice(page: Page): Promise<string> {
  const chat = new ChatPage(page);
  await openPanel(page, 'Chat');
  await chat.askAndWait('Hi');
  await chat.askAndWait('And then?');
  return chat.exported('Hi', 'Save what is shown as scenario');
}

async function fineTune(page: Page): Promise<string> {
  const adapters = new AdaptersPage(page);
  await adapters.open();
  await adapters.newButton.click();
  await adapters.createButton.click();
  await expect(adapters.rows).toHaveCount(1);
  await adapters.fineTuneTab.click();
  await adapters.examples.fill('the thing in the end');
  await adapters.field('Steps').fill('2');
  await adapters.startButton.click();
  await adapters.waitUntilComplete();
  const file = await saved(page, adapters.dialog.getByRole('button', { name: 'Save as scenario' }));
  await adapters.close();
  return file;
}

interface RunnerResult {
  readonly code: number | null;
  readonly output: string;
}

/** The shipped scenario with its remark four steps later, beside its picture. */
async function remarkLater(folder: string): Promise<string> {
  const shipped = path.join(import.meta.dirname, '../scenarios/thinking-remark');
  const file = path.join(folder, 'thinking-remark.json');
  await writeFile(file, (await readFile(`${shipped}.json`, 'utf8')).replace('"step": 10', '"step": 14'));
  await copyFile(`${shipped}.writer-lane.png`, path.join(folder, 'thinking-remark.writer-lane.png'));
  return file;
}

/** As from a terminal. */
function runner(...args: readonly string[]): Promise<RunnerResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['scripts/scenario.mjs', ...args], {
      cwd: path.join(import.meta.dirname, '..'),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    child.once('close', (code) => resolve({ code, output }));
  });
}

test('what was done in the panels is saved as scenarios, which the runner repeats token by token', async ({
  page,
  baseURL,
}) => {
  const url = baseURL ?? '';
  await page.addInitScript((state) => {
    if (localStorage.getItem('duet') !== null) return;
    localStorage.setItem('duet', JSON.stringify({ state, version: 2 }));
  }, STATE);
  await page.goto(`${TINY}#/thinking`);
  await new ModelPage(page).waitUntilReady();
  await duet(page);
  const folder = await mkdtemp(path.join(tmpdir(), 'duet-saved-'));
  try {
    const files = {
      'thinking.json': await thinkAloud(page),
      'negotiation.json': await negotiate(page),
      'chat.json': await chatTwice(page),
      'training.json': await fineTune(page),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    const thinking = JSON.parse(files['thinking.json']) as SavedScenario;
    expect(thinking.inputs.kind).toBe('question');
    expect(Object.keys(thinking.expect.tokenIds ?? {})).toEqual([
      'turn1.thinker',
      'turn1.writer',
      'turn2.thinker',
      'turn2.writer',
    ]);

    // An adapter is attached now, which the run was made without: the file says the same as before.
    await openPanel(page, 'Thinking');
    const button = page.getByRole('button', { name: 'Save as scenario' }).first();
    expect(await saved(page, button)).toBe(files['thinking.json']);

    const all = await runner(folder, '--url', url, '--report', 'json,junit', '--out', path.join(folder, 'out'));
    expect(all.output).toContain('4 passed, 0 failed');
    expect(all.code).toBe(0);

    const ids = thinking.expect.tokenIds?.['turn1.thinker'] ?? [];
    ids[ids.length - 1] = (ids.at(-1) ?? 0) === 65 ? 66 : 65;
    const changedFiles = [path.join(folder, 'thinking.json'), await remarkLater(folder)];
    await writeFile(path.join(folder, 'thinking.json'), JSON.stringify(thinking));
    const changed = await runner(...changedFiles, '--url', url, '--out', path.join(folder, 'out'));
    expect(changed.code).toBe(1);
    expect(changed.output).toMatch(/turn1\.thinker differs first at token \d+ \(step \d+\): expected 65 “A”, got \d+/);
    // At a temperature; which of the two, rests on the steps at which the drafts were read.
    expect(changed.output).toMatch(/led the second best.* \(top-2 margin of the logits\)|was drawn; .* was likelier/);
    expect(await readFile(path.join(folder, 'out', 'index.html'), 'utf8')).toContain('2 of 2 scenarios failed');
    // Of the timeline: the writer is held at another step than in the stored picture.
    expect(changed.output).toMatch(
      /picture writer-lane\s+expected: at most 2\.00 % of the pixels differ\s+found: +[1-9]/,
    );

    await writeFile(path.join(folder, 'chat.json'), files['chat.json'].replace('"questions"', '"question"'));
    const refused = await runner(path.join(folder, 'chat.json'), '--url', url);
    expect(refused.code).toBe(2);
    expect(refused.output).toMatch(/chat\.json: The field inputs\.questions: /);
  } finally {
    await rm(folder, { recursive: true });
  }
});
