/**
 * Cost of a training step of the built page on this machine: npm run bench:training. A real Chromium trains an adapter of
 * the embedded model through `window.duet`. All ratios come from one run; times mean nothing on another adapter.
 * DUET_ADAPTER=gpu lets the browser choose the adapter. DUET_PYTHON names a Python that has torch, transformers and peft:
 * then the same step is timed in PyTorch on the CPU, for comparison only.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import util from 'node:util';
import { runMain, withDuet } from './built-page.mjs';
import { requireNode, ROOT } from './setup.mjs';

const HELP = `Usage: npm run bench:training -- [options]

  --rows N      rows of the batch (default 2)
  --tokens N    tokens of a row, all of them trained (default 48)
  --repeats N   times that everything is measured; the least counts (default 2)
  --help        this text`;

/** What a step is to cost at most, in forwards of the same tokens. */
const AIMS = { withCheckpoints: 3.2, without: 2.4 };

/**
 * @typedef {import('../src/client/duet-api.ts').DuetApi} DuetApi
 * @typedef {{ rows: number, tokens: number, repeats: number }} Sizes
 */

function readOptions() {
  const { values } = util.parseArgs({
    options: {
      rows: { type: 'string', default: '2' },
      tokens: { type: 'string', default: '48' },
      repeats: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  const sizes = { rows: Number(values.rows), tokens: Number(values.tokens), repeats: Number(values.repeats) };
  if (!Object.values(sizes).every((size) => Number.isInteger(size) && size >= 1))
    throw new Error(`--rows, --tokens and --repeats are counts from 1.\n\n${HELP}`);
  return { ...sizes, help: values.help };
}

/**
 * Everything that is measured inside the page; runs there, so it may use nothing from outside.
 *
 * @param {DuetApi} duet
 * @param {Sizes} sizes
 */
async function measureInPage(duet, { rows, tokens, repeats }) {
  const { training } = duet;
  const info = await duet.loadModel('smollm2-135m-instruct');
  const { id } = await training.createAdapter({ name: 'Bench' });
  // Different ids in every row: prompts that rows share would be encoded once.
  const batch = {
    rows: Array.from({ length: rows }, (_, row) => ({
      promptIds: [1000 + row],
      completionIds: Array.from({ length: tokens }, (_each, index) => 1100 + 131 * row + 7 * index),
      lossMask: Array.from({ length: tokens }, () => 1),
      advantage: row % 2 === 0 ? 1 : -1,
    })),
  };
  /** @type {(run: () => Promise<unknown>) => Promise<number>} */
  const time = async (run) => {
    const begun = performance.now();
    await run();
    return performance.now() - begun;
  };
  const ms = { forward: [Infinity], withCheckpoints: [Infinity], without: [Infinity] };
  const peakBytes = { withCheckpoints: 0, without: 0 };
  // Kernels are compiled in front of the clock.
  await training.trainStep(batch, { learningRate: 0 });
  for (let repeat = 0; repeat < repeats; repeat++) {
    ms.forward.push(await time(() => training.logProbs(batch, { adapter: 'off' })));
    for (const gradientCheckpointing of [true, false]) {
      const kind = gradientCheckpointing ? 'withCheckpoints' : 'without';
      const settings = { learningRate: 0, gradientCheckpointing };
      if (repeat === 0) await training.trainStep(batch, settings);
      ms[kind].push(await time(() => training.trainStep(batch, settings)));
      peakBytes[kind] = (await duet.memory()).training;
    }
  }
  const estimates = {
    withCheckpoints: await training.estimate(batch, { gradientCheckpointing: true }),
    without: await training.estimate(batch, { gradientCheckpointing: false }),
  };
  await training.deleteAdapter(id);
  const group = await duet.profile({ promptTokens: 32, decodeSteps: 4, rows: 8 });
  const single = await duet.profile({ promptTokens: 32, decodeSteps: 4, rows: 1 });
  return {
    info,
    device: await duet.device(),
    ms,
    peakBytes,
    estimates,
    groupMs: group.stepMs,
    singleMs: single.stepMs,
  };
}

/** @typedef {Awaited<ReturnType<typeof measureInPage>>} Measured */

/**
 * Smallest activation memory in f32, by the closed form of the reference data: what a layer keeps, and with checkpoints
 * the layers' inputs, one live layer and the head's chunk.
 *
 * @param {Measured['info']} info
 * @param {number} numTokens
 */
function closedFormBytes(info, numTokens) {
  const { hiddenSize: d, intermediateSize: f, numHiddenLayers: layers, vocabSize } = info;
  const [q, k] = [info.numAttentionHeads * info.headDim, info.numKeyValueHeads * info.headDim];
  const layer = numTokens * (3 * d + q + 2 * k + info.numAttentionHeads + 2 * f + 2 + 7 * 8) * 4;
  const head = Math.min(64, numTokens) * vocabSize * 4;
  return { without: layers * layer + head, withCheckpoints: numTokens * layers * d * 4 + layer + head };
}

/** @type {(sizes: Sizes) => string} */
function pytorchLine({ rows, tokens }) {
  const python = process.env['DUET_PYTHON'];
  if (python === undefined) return 'not measured: DUET_PYTHON names no Python with torch, transformers and peft';
  const script = path.join(ROOT, 'scripts/torch-step.py');
  const run = spawnSync(python, [script, String(rows), String(tokens)], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : `not measured: ${run.stderr.trim().split('\n').at(-1)}`;
}

/** @type {(values: readonly number[]) => number} */
const least = (values) => Math.min(...values);

/**
 * @param {Measured} measured
 * @param {Sizes} sizes
 */
function print({ info, device, ms, peakBytes, estimates, groupMs, singleMs }, sizes) {
  const forward = least(ms.forward);
  const closed = closedFormBytes(info, sizes.rows * sizes.tokens);
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  const stateBytes = estimates.without.bytes.total - estimates.without.bytes.activations;
  /** @type {[string, string][]} */
  const lines = [
    ['adapter', `${device.vendor} ${device.architecture} ${device.description}`.trim()],
    ['model', info.id],
    ['batch', `${sizes.rows} rows of ${sizes.tokens} trained tokens, rank 8 on all linear layers`],
    ['forward without the adapter', `${forward.toFixed(0)} ms`],
  ];
  for (const kind of /** @type {const} */ (['withCheckpoints', 'without'])) {
    const name = kind === 'without' ? 'step that keeps all activations' : 'step with gradient checkpointing';
    const ratio = least(ms[kind]) / forward;
    const verdict = ratio <= AIMS[kind] ? 'met' : 'missed';
    lines.push(
      [name, `${ratio.toFixed(2)} forwards (aim ${AIMS[kind]}: ${verdict}), ${least(ms[kind]).toFixed(0)} ms`],
      ['  memory held', `${mb(peakBytes[kind])}, of which ${mb(stateBytes)} adapter, gradients and moments`],
      ['  estimate before the step', mb(estimates[kind].bytes.total)],
      ['  closed form of the activations', mb(closed[kind])],
      ['  time estimated by the probe', `${(estimates[kind].secondsPerStep * 1000).toFixed(0)} ms`],
    );
  }
  const [group, single] = [least(groupMs), least(singleMs)];
  lines.push(
    ['a token of each of 8 rows together', `${group.toFixed(0)} ms, ${(group / single).toFixed(2)} tokens of one row`],
    ['the same step in PyTorch on the CPU', pytorchLine(sizes)],
  );
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
    print(await duet.evaluate(measureInPage, sizes), sizes);
  });
}

requireNode();
await runMain(main);
