/**
 * Speed of the built page on this machine: npm run bench. A real Chromium loads the embedded model through
 * `window.duet` and prints a table. Numbers depend on the adapter, so its name stands on top.
 * DUET_ADAPTER=gpu lets the browser choose the adapter; otherwise it is the software adapter.
 */
import util from 'node:util';
import { runMain, withDuet } from './built-page.mjs';
import { requireNode } from './setup.mjs';

const HELP = `Usage: npm run bench -- [options]

  --model ID|URL   model to load (default smollm2-135m-instruct)
  --prompt N       prompt tokens of the prefill (default 64)
  --steps N        decode steps that are timed (default 16)
  --json           print the numbers as JSON
  --help           this text`;

/**
 * @typedef {import('../src/client/duet-api.ts').DuetApi} DuetApi
 * @typedef {import('../src/protocol/generation.ts').ProfileReport} ProfileReport
 * @typedef {{ label: string, value: number | string, unit: string }} Row
 */

function readOptions() {
  const { values } = util.parseArgs({
    options: {
      model: { type: 'string', default: 'smollm2-135m-instruct' },
      prompt: { type: 'string', default: '64' },
      steps: { type: 'string', default: '16' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [promptTokens, decodeSteps] = [Number(values.prompt), Number(values.steps)];
  if (!(promptTokens >= 1 && decodeSteps >= 1)) throw new Error(`--prompt and --steps are counts from 1.\n\n${HELP}`);
  return { ...values, promptTokens, decodeSteps };
}

/**
 * Everything that is measured inside the page; runs there, so it may use nothing from outside.
 *
 * @param {DuetApi} duet
 * @param {{ model: string, promptTokens: number, decodeSteps: number }} options
 */
async function measureInPage(duet, { model, promptTokens, decodeSteps }) {
  const loadStartMs = performance.now();
  const info = await duet.loadModel(model);
  const loadMs = performance.now() - loadStartMs;
  // Again from the verified copy on disk, with the kernel shapes already measured.
  await duet.unload();
  const reloadStartMs = performance.now();
  await duet.loadModel(model);
  const reloadMs = performance.now() - reloadStartMs;

  // Ids from the middle of the vocabulary: timing does not depend on which tokens they are.
  const tokenIds = Array.from({ length: promptTokens }, (_, index) => 1000 + index);
  const request = { tokenIds, maxNewTokens: decodeSteps + 1, stopTokenIds: [] };
  const first = await duet.generate({ ...request, maxNewTokens: 1 });
  const generated = await duet.generate(request);

  const oneRow = await duet.profile({ promptTokens, decodeSteps, rows: 1 });
  const twoRows = await duet.profile({ promptTokens, decodeSteps, rows: 2 });
  // The probe's question has 24 tokens in design B; an edit of three words cuts and reads about 4.
  const shapes = [[1], [1, 1], [24], [1, 24], [1, 1, 24], [4], [16]];
  // The writer's row is the last one.
  const readForwards = [[1], [1, 1]];
  const { forwards } = await duet.profile({ promptTokens, decodeSteps, rows: 1, forwards: shapes, readForwards });
  const [device, memory] = [await duet.device(), await duet.memory()];
  return {
    device,
    info,
    memory,
    loadMs,
    reloadMs,
    first: first.timing,
    timing: generated.timing,
    oneRow,
    twoRows,
    forwards,
  };
}

/** @type {(values: readonly number[]) => number} */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/**
 * @param {Awaited<ReturnType<typeof measureInPage>>} measured
 * @returns {Row[]}
 */
function tableOf({ device, info, memory, loadMs, reloadMs, first, timing, oneRow, twoRows, forwards }) {
  const [oneRowMs, twoRowsMs] = [median(oneRow.stepMs), median(twoRows.stepMs)];
  const counts = oneRow.stepCounts;
  const stepGigaflops = (oneRow.stepLinears.gigaflopsPerSecond * oneRow.stepLinears.ms) / 1000;
  const stepAtProductRateMs = (1000 * stepGigaflops) / oneRow.matvec.gigaflopsPerSecond;
  return [
    { label: 'adapter', value: `${device.vendor} ${device.architecture} ${device.description}`.trim(), unit: '' },
    { label: 'model', value: info.id, unit: '' },
    { label: 'kernel shape', value: info.kernelShape, unit: '' },
    { label: 'first load (download, measurement)', value: loadMs / 1000, unit: 's' },
    { label: 'load from the verified copy', value: reloadMs / 1000, unit: 's' },
    { label: 'first token after load', value: first.timeToFirstTokenMs, unit: 'ms' },
    {
      label: `prefill of ${oneRow.promptTokens} tokens`,
      value: (1000 * oneRow.promptTokens) / oneRow.prefillMs,
      unit: 'tokens/s',
    },
    { label: 'decode', value: timing.tokensPerSecond, unit: 'tokens/s' },
    { label: 'step with one row', value: oneRowMs, unit: 'ms' },
    { label: 'step with two rows', value: twoRowsMs, unit: 'ms' },
    { label: 'two rows / one row', value: twoRowsMs / oneRowMs, unit: '' },
    { label: 'token, four a readback', value: oneRow.burstTokenMs ?? 'not measured', unit: 'ms' },
    { label: 'all products of a step, alone', value: oneRow.stepLinears.ms, unit: 'ms' },
    { label: 'step at the rate of the q4 product', value: stepAtProductRateMs, unit: 'ms' },
    { label: 'share of that rate in a decode step', value: stepAtProductRateMs / oneRowMs, unit: '' },
    { label: 'q4 product, one token', value: oneRow.matvec.gigaflopsPerSecond, unit: 'GFLOP/s' },
    { label: 'q4 weights read', value: oneRow.matvec.gigabytesPerSecond, unit: 'GB/s' },
    { label: 'prefill / its products alone', value: oneRow.prefillMs / oneRow.prefillLinears.ms, unit: '' },
    { label: 'products of the prefill', value: oneRow.prefillLinears.gigaflopsPerSecond, unit: 'GFLOP/s' },
    { label: 'dispatches per token', value: counts.dispatches, unit: `(${oneRow.dispatchesPerLayer} per layer)` },
    { label: 'bind groups per token', value: counts.bindGroupsCreated, unit: '' },
    { label: 'submits per token', value: counts.submits, unit: '' },
    { label: 'readbacks per token', value: counts.readbacks, unit: '' },
    { label: 'bytes read back per token', value: counts.readbackBytes, unit: '' },
    ...forwardRows(forwards),
    { label: 'GPU memory', value: memory.total / 1e6, unit: 'MB' },
  ];
}

/**
 * What the method adds to a plain decode step, in units of that step.
 *
 * @param {ProfileReport['forwards']} forwards
 * @returns {Row[]}
 */
function forwardRows(forwards) {
  const [plain = 1, second, probe, beside, besideBoth, edit4, edit16, read, readBoth] = forwards.map(({ ms }) =>
    median(ms),
  );
  /** @type {(label: string, ms: number | undefined, less?: number) => Row} */
  const ratio = (label, ms, less = 0) => ({ label, value: ((ms ?? Number.NaN) - less) / plain, unit: 'plain steps' });
  return [
    { label: 'plain step, one row', value: plain, unit: 'ms' },
    ratio('step with both streams', second),
    ratio('probe between two steps', probe),
    ratio('probe beside a step of the thinker, extra', beside, plain),
    ratio('probe beside a step of both, extra', besideBoth, second),
    ratio('edit that reads 4 tokens', edit4),
    ratio('edit that reads 16 tokens', edit16),
    ratio('step of the writer with its attention read', read),
    ratio('step of both with the writer’s attention read', readBoth),
    {
      label: 'dispatches and bytes read back, plain',
      value: `${forwards[0]?.counts.dispatches} and ${forwards[0]?.counts.readbackBytes}`,
      unit: '',
    },
    {
      label: 'dispatches and bytes read back, attention read',
      value: `${forwards[7]?.counts.dispatches} and ${forwards[7]?.counts.readbackBytes}`,
      unit: '',
    },
    { label: 'dispatches of a probe', value: forwards[2]?.counts.dispatches ?? 'not measured', unit: '' },
    {
      label: 'submits and readbacks of a step with a probe beside it',
      value: `${forwards[3]?.counts.submits} and ${forwards[3]?.counts.readbacks}`,
      unit: '',
    },
  ];
}

/** @type {(rows: readonly Row[]) => void} */
function printTable(rows) {
  const width = Math.max(...rows.map((row) => row.label.length)) + 2;
  for (const { label, value, unit } of rows) {
    const text = typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : value;
    console.log(`${label.padEnd(width)}${text} ${unit}`.trimEnd());
  }
}

/** @type {(report: ProfileReport, title: string) => void} */
function printKernels(report, title) {
  if (report.kernels.length === 0) {
    console.log(`\n${title}: this adapter has no timestamp queries.`);
    return;
  }
  console.log(`\n${title}`);
  for (const { label, dispatches, gpuMs } of report.kernels.toSorted((a, b) => b.gpuMs - a.gpuMs))
    console.log(
      `  ${label.padEnd(32)}${gpuMs.toFixed(2).padStart(10)} ms  ${String(dispatches).padStart(6)} dispatches`,
    );
}

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return;
  }
  await withDuet(async (duet, browser) => {
    const { model, promptTokens, decodeSteps } = options;
    const measured = await duet.evaluate(measureInPage, { model, promptTokens, decodeSteps });
    if (options.json) {
      console.log(JSON.stringify({ browser: browser.version(), ...measured }, undefined, 2));
      return;
    }
    printTable(tableOf(measured));
    printKernels(measured.oneRow, 'GPU time of a step with one row');
    printKernels(measured.twoRows, 'GPU time of a step with two rows');
  });
}

requireNode();
await runMain(main);
