/**
 * The recorded runs that come with the page: real runs of the embedded model, typed into the page in real Chromium.
 * Run: npm run record [-- --out public/recordings] [--only name,name]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EMBEDDED_MODEL, modelReady, stepsOf, until, WAIT_MS, withBuiltPage } from './built-page.mjs';
import { ROOT } from './setup.mjs';

const MADE_BY = 'scripts/record-runs.mjs';
const KEY_DELAY_MS = 120;
const MAX_BYTES = 500_000;

/**
 * @typedef {{
 *   type: (text: string) => Promise<void>,
 *   erase: (characters: number) => Promise<void>,
 *   rest: (milliseconds: number) => Promise<void>,
 *   enter: () => Promise<void>,
 *   untilSteps: (steps: number) => Promise<void>,
 *   untilAnswered: (characters: number) => Promise<void>,
 *   untilOver: (steps: number) => Promise<void>,
 * }} Person  `untilOver`: the answer is complete, or so many steps were made
 */

/** @type {readonly { file: string, name: string, play: (person: Person) => Promise<void> }[]} */
const RUNS = [
  {
    file: 'thinking-while-typing.json',
    name: 'Thinking while typing',
    async play({ type, rest, enter, untilOver }) {
      await type('What is the capital of ');
      await rest(2500);
      await type('France?');
      await rest(600);
      await enter();
      await untilOver(80);
    },
  },
  {
    file: 'change-of-mind.json',
    name: 'A change of mind',
    async play({ type, erase, untilSteps, enter, untilOver }) {
      await type('What is the capital of France and why ');
      await untilSteps(14);
      await erase('France and why '.length);
      await type('Italy?');
      await enter();
      await untilOver(80);
    },
  },
  {
    file: 'remark-in-the-middle.json',
    name: 'A remark midway',
    async play({ type, enter, untilAnswered, untilOver }) {
      await type('Why is the sky blue?');
      await enter();
      await untilAnswered(40);
      await type('In one sentence, please.');
      await enter();
      await untilOver(80);
    },
  },
  {
    file: 'sum-in-the-typing.json',
    name: 'A sum, piece by piece',
    async play({ type, rest, enter, untilOver }) {
      await type('A farmer has 17 sheep, ');
      await rest(1500);
      await type('buys 25 and sells 9. ');
      await rest(1500);
      await type('How many are left?');
      await rest(600);
      await enter();
      await untilOver(90);
    },
  },
  {
    file: 'three-tips.json',
    name: 'Three tips, and no wait',
    async play({ type, rest, enter, untilOver }) {
      await type('Give me three tips ');
      await rest(2000);
      await type('for sleeping well.');
      await rest(1500);
      await enter();
      await untilOver(90);
    },
  },
];

const { values } = parseArgs({
  options: { out: { type: 'string', default: 'public/recordings' }, only: { type: 'string', default: '' } },
});
const out = path.join(ROOT, values.out);
await mkdir(out, { recursive: true });

/** @type {(page: import('playwright').Page) => Person} */
function personAt(page) {
  const input = page.getByRole('region', { name: 'You' }).getByRole('textbox');
  const state = page.getByTestId('run-state');
  return {
    type: (text) => input.pressSequentially(text, { delay: KEY_DELAY_MS }),
    async erase(characters) {
      for (let count = 0; count < characters; count++) await input.press('Backspace', { delay: KEY_DELAY_MS / 2 });
    },
    rest: (milliseconds) => page.waitForTimeout(milliseconds),
    enter: () => input.press('Enter'),
    untilSteps: (wanted) => until(page, async () => (await stepsOf(page)) >= wanted),
    untilAnswered: (characters) =>
      until(page, async () => (await page.getByTestId('answer').innerText()).trim().length >= characters),
    untilOver: (most) =>
      until(page, async () => (await stepsOf(page)) >= most || /Answered|Stopped/.test(await state.innerText())),
  };
}

/** @type {(browser: import('playwright').Browser, url: string, run: typeof RUNS[number]) => Promise<void>} */
async function record(browser, url, { file, name, play }) {
  // A page of its own, so that no setting and no draft of another run is left.
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  await page.goto(`${url}${EMBEDDED_MODEL}`);
  await modelReady(page);
  await play(personAt(page));
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  await stop.click();
  await page.getByTestId('run-state').getByText('You stopped the run.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save trace' }).click(),
  ]);
  const run = JSON.parse(await readFile(await download.path(), 'utf8'));
  Object.assign(run.recording, { id: file.replace(/\.json$/, ''), name, madeBy: MADE_BY });
  const text = `${JSON.stringify(run)}\n`;
  if (text.length > MAX_BYTES) throw new Error(`${file} has ${text.length} bytes; ${MAX_BYTES} are allowed.`);
  await writeFile(path.join(out, file), text);
  console.log(`${file}: ${run.result.steps.length} steps, ${Math.round(text.length / 1000)} kB`);
  await context.close();
}

async function writeIndex() {
  const index = [];
  for (const { file } of RUNS) {
    const { recording, result } = JSON.parse(await readFile(path.join(out, file), 'utf8'));
    const { name, createdAt, model, device } = recording;
    const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ');
    index.push({
      file,
      name,
      createdAt,
      model: model.name,
      device: device.isSoftware === true ? `${adapter} (software)` : adapter,
      numSteps: result.steps.length,
      madeBy: MADE_BY,
    });
  }
  await writeFile(path.join(out, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
}

const wanted = values.only.split(',').filter(Boolean);
await withBuiltPage(async (browser, url) => {
  for (const run of RUNS) {
    if (wanted.length === 0 || wanted.includes(run.file.replace(/\.json$/, ''))) await record(browser, url, run);
  }
});
await writeIndex();
