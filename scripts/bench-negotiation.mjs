/**
 * A group of dialogues against the same dialogues one by one, on the built page on this machine: npm run bench:negotiation.
 * A real Chromium lets the embedded model negotiate through `window.duet`. All ratios come from one run; times mean nothing
 * on another adapter, the counts are exact. DUET_ADAPTER=gpu lets the browser choose the adapter.
 */
import util from 'node:util';
import { runMain, withDuet } from './built-page.mjs';
import { requireNode } from './setup.mjs';

const HELP = `Usage: npm run bench:negotiation -- [options]

  --rows N      dialogues of the group (default 8)
  --tokens N    most tokens of an utterance (default 16)
  --help        this text`;

/**
 * @typedef {import('../src/client/duet-api.ts').DuetApi} DuetApi
 * @typedef {{ rows: number, tokens: number }} Sizes
 * @typedef {{ ms: number, forwards: number, generated: number, read: number, shared: number, rowsByForward: number[] }} Cost
 */

function readOptions() {
  const { values } = util.parseArgs({
    options: {
      rows: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '16' },
      help: { type: 'boolean', default: false },
    },
  });
  const sizes = { rows: Number(values.rows), tokens: Number(values.tokens) };
  if (!Object.values(sizes).every((size) => Number.isInteger(size) && size >= 1 && size <= 64))
    throw new Error(`--rows and --tokens are counts from 1 to 64.\n\n${HELP}`);
  return { ...sizes, help: values.help };
}

/**
 * Everything that is measured inside the page; runs there, so it may use nothing from outside.
 *
 * @param {DuetApi} duet
 * @param {Sizes} sizes
 */
async function measureInPage(duet, { rows, tokens }) {
  const info = await duet.loadModel('smollm2-135m-instruct');
  const request = {
    dilemma: 'neighbour-girl-sweets',
    pair: 'openness-vagueness',
    judge: null,
    // Some rows agree in the first turn and leave the batch.
    settings: { groupSize: rows, maxTurns: 2, maxUtteranceTokens: tokens, maxCompletionTokens: tokens, seed: 1 },
  };
  /** @type {(starts: { row: number }[]) => Promise<Cost & { texts: string[] }>} */
  const run = async (starts) => {
    const cost = { ms: 0, forwards: 0, generated: 0, read: 0, shared: 0, rowsByForward: /** @type {number[]} */ ([]) };
    const begun = performance.now();
    const group = await duet.negotiation.rollout({ ...request, starts }, (event) => {
      if (event.kind === 'stepped') {
        cost.forwards++;
        cost.generated += event.tokens.length;
        cost.rowsByForward.push(event.tokens.length);
      }
      if (event.kind === 'utteranceStarted') {
        cost.read += event.numPromptTokens - event.numSharedTokens;
        cost.shared += event.numSharedTokens;
      }
    });
    cost.ms = performance.now() - begun;
    return { ...cost, texts: group.dialogues.map(({ utterances }) => utterances.map(({ text }) => text).join(' | ')) };
  };
  // Kernels are compiled in front of the clock.
  await run([{ row: 0 }]);
  const group = await run(Array.from({ length: rows }, (_, row) => ({ row })));
  const singles = [];
  for (let row = 0; row < rows; row++) singles.push(await run([{ row }]));
  return { info, device: await duet.device(), group, singles };
}

/** @type {(costs: readonly Cost[], key: 'ms' | 'forwards' | 'generated' | 'read' | 'shared') => number} */
const sumOf = (costs, key) => costs.reduce((sum, cost) => sum + cost[key], 0);

/** @param {Awaited<ReturnType<typeof measureInPage>>} measured */
function print({ info, device, group, singles }) {
  const rows = singles.length;
  const same = singles.filter(({ texts }, row) => texts[0] === group.texts[row]).length;
  const most = Math.max(...group.rowsByForward);
  const full = group.rowsByForward.filter((count) => count === most).length;
  const ratio = sumOf(singles, 'ms') / group.ms;
  /** @type {[string, string][]} */
  const lines = [
    ['adapter', `${device.vendor} ${device.architecture} ${device.description}`.trim()],
    ['model', info.id],
    [`group of ${rows}`, `${(group.ms / 1000).toFixed(1)} s`],
    [`${rows} single runs`, `${(sumOf(singles, 'ms') / 1000).toFixed(1)} s, ${ratio.toFixed(2)} times the group's`],
    ['forwards that generate', `${group.forwards} against ${sumOf(singles, 'forwards')}`],
    ['tokens generated', `${group.generated} against ${sumOf(singles, 'generated')}`],
    ['prompt tokens taken from shared blocks', `${group.shared} against ${sumOf(singles, 'shared')}`],
    ['prompt tokens read per row', `${group.read} against ${sumOf(singles, 'read')}`],
    ['forwards with all rows', `${full} of ${group.forwards}; in the others rows had ended`],
    ['dialogues with the same words', `${same} of ${rows} (sums of other batches may round otherwise)`],
  ];
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  for (const [label, value] of lines) console.log(`${label.padEnd(width)}${value}`);
}

async function main() {
  const { help, ...sizes } = readOptions();
  if (help) {
    console.log(HELP);
    return;
  }
  await withDuet(async (duet) => {
    print(await duet.evaluate(measureInPage, sizes));
  });
}

requireNode();
await runMain(main);
