/**
 * The recorded negotiations that come with the page: real groups of the embedded model in real Chromium.
 * Run: npm run record:negotiations [-- --out public/recordings/negotiations] [--only name,name]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { withBuiltPage } from './built-page.mjs';
import { ROOT } from './setup.mjs';

const MADE_BY = 'scripts/record-negotiations.mjs';
const MODEL = 'smollm2-135m-instruct';
const JUDGE = 'the model itself, adapter off: the expected value over 0 to 5';
/** Room for four dialogues with their judges. A named kernel shape, so that nothing is measured at load. */
const LOAD = /** @type {const} */ ({ contextLength: 8192, kvType: 'f32', kernelShape: 'threadPerRows' });
const MAX_BYTES = 250_000;

/**
 * A group of the embedded model on a software adapter takes minutes; long utterances of a model so small add little.
 *
 * @type {readonly { file: string, name: string, note: string, request: import('../src/protocol/negotiation-api.ts').RolloutRequest }[]}
 */
const GROUPS = [
  {
    file: 'four-about-a-thermostat.json',
    name: 'Four about a thermostat',
    note: 'One dilemma, one pair of goals, four dialogues at once: see where they part, and what the judge makes of them.',
    request: {
      dilemma: 'shared-thermostat',
      pair: 'logic-feelings',
      settings: {
        groupSize: 4,
        maxTurns: 2,
        maxUtteranceTokens: 48,
        maxCompletionTokens: 72,
        completeOnFailure: true,
        // A model so small rambles less when it takes fewer chances.
        utteranceTemperature: 0.4,
        seed: 7,
      },
    },
  },
  {
    file: 'thinking-while-listening.json',
    name: 'Thinking while listening',
    note: 'Both sides think in private while the other one speaks. The other side never sees these thoughts.',
    request: {
      dilemma: 'friend-dull-novel',
      pair: 'caution-boldness',
      settings: {
        groupSize: 2,
        maxTurns: 2,
        maxUtteranceTokens: 48,
        maxCompletionTokens: 72,
        maxThoughtTokens: 48,
        thinking: 'both',
        completeOnFailure: true,
      },
    },
  },
];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'public/recordings/negotiations' },
    only: { type: 'string', default: '' },
  },
});
const out = path.join(ROOT, values.out);
await mkdir(out, { recursive: true });

/** @type {<Module>(file: string) => Promise<Module>} */
async function importSource(file) {
  const alias = { '@': path.join(ROOT, 'src') };
  const { module } = await runnerImport(path.join(ROOT, file), { root: ROOT, resolve: { alias }, logLevel: 'error' });
  return module;
}

/** @type {typeof import('../src/protocol/negotiation-recording.ts')} */
const { recordingFile } = await importSource('src/protocol/negotiation-recording.ts');
/** @type {typeof import('../src/state/read-negotiation-recording.ts')} */
const { readNegotiationRecording } = await importSource('src/state/read-negotiation-recording.ts');

/** @type {(browser: import('playwright').Browser, url: string, group: typeof GROUPS[number]) => Promise<void>} */
async function record(browser, url, { file, name, note, request }) {
  // A page of its own, so that no setting and no group of another recording is left.
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.goto(`${url}?model=none#/negotiation`);
  await page.waitForFunction(() => window.duet);
  const made = await page.evaluate(
    async ({ model, load, asked }) => {
      const { duet } = window;
      if (duet === undefined) throw new Error('The page has no interface.');
      const { id, name: modelName, sha256 } = await duet.loadModel(model, load);
      const { vendor, architecture, isSoftware } = await duet.device();
      /** @type {import('../src/protocol/negotiation-recording.ts').TimedRolloutEvent[]} */
      const events = [];
      const begun = performance.now();
      const group = await duet.negotiation.rollout(asked, (event) =>
        events.push({ atMs: performance.now() - begun, event }),
      );
      return {
        model: { id, name: modelName, sha256 },
        device: { vendor, architecture, isSoftware },
        group,
        events,
      };
    },
    { model: MODEL, load: LOAD, asked: request },
  );
  await context.close();
  const { model, device, group, events } = made;
  const createdAt = new Date().toISOString();
  const id = file.replace(/\.json$/, '');
  const text = `${JSON.stringify(
    recordingFile({ id, name, note, createdAt, madeBy: MADE_BY, model, device, judge: JUDGE }, group, events),
  )}\n`;
  if (text.length > MAX_BYTES) throw new Error(`${file} has ${text.length} bytes; ${MAX_BYTES} are allowed.`);
  readNegotiationRecording(text);
  await writeFile(path.join(out, file), text);
  const seconds = Math.round((events.at(-1)?.atMs ?? 0) / 1000);
  const outcomes = group.dialogues.map(({ outcome }) => outcome).join(', ');
  console.log(`${file}: ${outcomes}; ${seconds} s, ${Math.round(text.length / 1000)} kB`);
}

async function writeIndex() {
  const index = [];
  for (const { file } of GROUPS) {
    const { name, note, createdAt, model } = readNegotiationRecording(await readFile(path.join(out, file), 'utf8'));
    index.push({ file, name, note, createdAt, model: model.name, madeBy: MADE_BY });
  }
  await writeFile(path.join(out, 'index.json'), `${JSON.stringify(index, null, 2)}\n`);
}

const wanted = values.only.split(',').filter(Boolean);
await withBuiltPage(async (browser, url) => {
  for (const group of GROUPS) {
    if (wanted.length === 0 || wanted.includes(group.file.replace(/\.json$/, ''))) await record(browser, url, group);
  }
});
await writeIndex();
