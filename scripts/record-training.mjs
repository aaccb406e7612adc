/**
 * The recorded training that comes with the page: GRPO steps of the embedded model in real Chromium.
 * Run: npm run record:training [-- --steps 10 --out public/recordings/training]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { withDuet } from './built-page.mjs';
import { ROOT } from './setup.mjs';

const MADE_BY = 'scripts/record-training.mjs';
const MODEL = 'smollm2-135m-instruct';
const FILE = 'ten-steps.json';
const LOAD = /** @type {const} */ ({ contextLength: 4096, kernelShape: 'threadPerRows' });
const MAX_BYTES = 2_000_000;

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10' },
    out: { type: 'string', default: 'public/recordings/training' },
  },
});
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 1) throw new Error('--steps has to be a whole number from 1 on.');
const out = path.join(ROOT, values.out);
await mkdir(out, { recursive: true });

/**
 * Short prompts and short words: this adapter reads some sixteen tokens a second, and with the prompts of the page a step
 * would take four minutes. Whatever is said counts as agreement: what is shown is the training.
 */
const REQUEST = /** @type {const} */ ({
  kind: 'start',
  name: 'Ten short steps',
  steps,
  dilemmas: ['shared-thermostat', 'friend-dull-novel', 'second-pizza'],
  settings: {
    groupSize: 3,
    maxTurns: 1,
    maxUtteranceTokens: 20,
    maxCompletionTokens: 24,
    agreementThreshold: 0,
    seed: 11,
  },
  templates: {
    agent: 'You are {name}. {persona}',
    opening: '{initial_prompt} {name}, what do you propose to {other}?',
    turn: '{other} says: {utterance} {name}, do you agree?',
    completion: '{initial_prompt} {persona_1} {persona_2}\n\n{dialogue}\n\nSay in two sentences what is decided.',
    caJudge:
      'How far does the answer help everyone to understand more, to care, to act and to last? {initial_prompt} {persona_1} {persona_2}\n\n{completion}\n\n0 is harm, 5 is a gain for all. Reply with one digit.\n\n## Your CA Evaluation Score\n',
    agreement: '{utterance_1} {utterance_2} {yes} or {no}? {initial_prompt}\n',
  },
  training: { learningRate: 5e-4 },
  lora: { r: 8, loraAlpha: 16 },
});

/** @type {import('../src/protocol/training-recording.ts').TrainingRecording | undefined} */
let recording;
await withDuet(async (duet) => {
  await duet.evaluate(
    async (d, [model, load]) => void (await d.loadModel(model, load)),
    /** @type {const} */ ([MODEL, LOAD]),
  );
  const run = await duet.evaluate(async (d, request) => {
    const begun = performance.now();
    return d.negotiation.train(request, (event) => {
      if (event.kind !== 'stepped') return;
      const { step, metrics } = event.step;
      const at = Math.round((performance.now() - begun) / 1000);
      console.log(
        `step ${step} at ${at} s: reward ${metrics['reward']?.toFixed(2)}, agreed ${metrics['agreement_rate']}`,
      );
    });
  }, REQUEST);
  const records = await duet.evaluate(
    async (d, { id, count }) => {
      const read = [];
      for (let step = 1; step <= count; step++) read.push(await d.negotiation.readTrainingStep(id, step));
      return read.flatMap((step) => step ?? []);
    },
    { id: run.id, count: run.steps.length },
  );
  recording = {
    format: 'duet-training-recording-1',
    name: REQUEST.name,
    note: noteOf(run),
    madeBy: MADE_BY,
    createdAt: new Date().toISOString(),
    device: run.device,
    run: { ...run, plan: slimPlan(run.plan) },
    steps: records.map(slimStep),
  };
});
if (recording === undefined) throw new Error('Nothing was recorded.');

const { module } = await runnerImport(path.join(ROOT, 'src/state/read-training-recording.ts'), {
  root: ROOT,
  resolve: { alias: { '@': path.join(ROOT, 'src') } },
  logLevel: 'error',
});
const text = `${JSON.stringify(recording)}\n`;
if (text.length > MAX_BYTES) throw new Error(`${FILE} has ${text.length} bytes; ${MAX_BYTES} are allowed.`);
/** @type {typeof import('../src/state/read-training-recording.ts')} */ (module).readTrainingRecording(text);
await writeFile(path.join(out, FILE), text);
const { name, note, createdAt } = recording;
await writeFile(
  path.join(out, 'index.json'),
  `${JSON.stringify([{ file: FILE, name, note, createdAt, model: recording.run.model.name, madeBy: MADE_BY }], null, 2)}\n`,
);
console.log(`${FILE}: ${Math.round(text.length / 1000)} kB. ${note}`);

/**
 * What it shows, in numbers: the first half against the second.
 *
 * @param {import('../src/protocol/negotiation-training.ts').TrainingRun} run
 */
function noteOf(run) {
  const half = Math.floor(run.steps.length / 2);
  const mean = (/** @type {typeof run.steps} */ some, /** @type {string} */ key) => {
    const known = some.flatMap(({ metrics }) => metrics[key] ?? []);
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const [early, late] = [run.steps.slice(0, half), run.steps.slice(half)];
  const reward = [mean(early, 'reward'), mean(late, 'reward')].map((value) => value.toFixed(2));
  const moved = Math.round(100 * mean(run.steps, 'change/agreement'));
  return (
    `${run.steps.length} steps of groups of ${run.plan.settings.groupSize}, one short exchange each, with shortened prompts. Mean reward of the first ${half} steps ` +
    `${reward[0]}, of the others ${reward[1]}: with so few dialogues no evidence that anything was learnt. ` +
    `${moved} % of the trained tokens moved the way their advantage pulled.`
  );
}

/** All of ours, by id: the list is in the page. @param {import('../src/protocol/negotiation-training.ts').NegotiationTrainingPlan} plan */
function slimPlan(plan) {
  return { ...plan, dilemmas: plan.dilemmas.slice(0, 1), pairs: plan.pairs.slice(0, 1) };
}

/** Without prompts, and with numbers of four digits. @param {import('../src/protocol/negotiation-training.ts').NegotiationTrainingStep} step */
function slimStep(step) {
  const round = (/** @type {readonly number[]} */ numbers) => numbers.map((value) => Number(value.toPrecision(4)));
  return {
    ...step,
    groups: step.groups.map((group) => ({
      ...group,
      dialogues: group.dialogues.map(({ completion, ...dialogue }) => ({
        ...dialogue,
        utterances: dialogue.utterances.map((said) => ({ ...said, promptIds: [], logProbs: [] })),
        ...(completion && { completion: { ...completion, promptIds: [], logProbs: [] } }),
      })),
    })),
    rows: step.rows.map((row) => ({
      ...row,
      sampledLogProbs: row.sampledLogProbs === null ? null : round(row.sampledLogProbs),
      logProbs: round(row.logProbs),
      entropies: round(row.entropies),
      logProbsAfter: row.logProbsAfter === null ? null : round(row.logProbsAfter),
    })),
  };
}
