/**
 * Whether what "Export to TRL" writes really trains: npm run check:trl. The export is made, unzipped and run for two steps
 * on a tiny random model on the CPU; its adapter is read by Duet's own import, exported again and begun from; contexts are compared
 * with Duet's own, and one step is computed a second time from the formulas (trl-export-check.py). Nothing of a model is downloaded.
 *
 * DUET_PYTHON names a Python that has the packages of the export's requirements.txt. Without it a virtual environment is
 * made in node_modules/.cache, which downloads several GB on Linux, where torch comes with CUDA.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { unzipSync } from 'fflate';
import { runnerImport } from 'vite';
import { ROOT, runProgram } from './setup.mjs';

const HELP = `Usage: npm run check:trl -- [options]

  --limit-seconds N   of everything together, an installation included (default 1800)
  --if-possible       without a Python that works, or in too little time, end with code 0 in place of 77
  --no-install        do not install packages that are not there
  --low-priority      take only what the machine has left
  --keep              leave the temporary folder
  --help              this text`;

/** Exit code where there is no Python to check with. */
const IMPOSSIBLE = 77;
const LINES_OF_FAILURE = 60;
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'duet-trl');
const REQUIREMENTS = path.join(ROOT, 'src', 'client', 'trl-export', 'requirements.txt');
const CHECK = path.join(ROOT, 'scripts', 'trl-export-check.py');
/** Of the tiny model that trl-export-check.py makes. */
const SHAPE = {
  numHiddenLayers: 2,
  hiddenSize: 64,
  intermediateSize: 128,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  headDim: 16,
};
/** Nothing is asked of a server; threads would only get into each other's way. */
const OFFLINE = { HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false', OMP_NUM_THREADS: '2', PYTHONUNBUFFERED: '1' };

/** Two groups of four dialogues, of two turns, two utterances each. */
const NUM_FAILED_ROWS = 32;
/** @type {readonly ('agent1' | 'agent2')[]} */
const ROLES = ['agent1', 'agent2'];

class Impossible extends Error {}

const { values } = parseArgs({
  options: {
    'limit-seconds': { type: 'string', default: '1800' },
    'if-possible': { type: 'boolean', default: false },
    'no-install': { type: 'boolean', default: false },
    'low-priority': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
// What is started from here inherits it.
if (values['low-priority']) os.setPriority(os.constants.priority.PRIORITY_LOW);
const limitSeconds = Number(values['limit-seconds']);
const endMs = Date.now() + limitSeconds * 1000;

/** @type {(what: string) => number} ms that are left */
function leftMs(what) {
  const left = endMs - Date.now();
  if (left <= 0) throw new Impossible(`The limit of ${limitSeconds} s is over before this: ${what}.`);
  return left;
}

/**
 * Runs Python and shows what its checks say; everything if it fails.
 *
 * @type {(python: string, args: readonly string[], what: string) => void}
 */
function run(python, args, what) {
  const begun = Date.now();
  const env = { ...process.env, ...OFFLINE };
  const timeout = leftMs(what);
  const { status, error, stdout, stderr } = spawnSync(python, args, { env, timeout, encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0) {
    console.error(`${stdout}\n${stderr}`.trimEnd().split('\n').slice(-LINES_OF_FAILURE).join('\n'));
    if (Date.now() >= endMs)
      throw new Impossible(`${what}: it took longer than the limit of ${limitSeconds} s allows.`);
    throw new Error(`${what}: ${error?.message ?? `it ended with code ${status}`}.`);
  }
  console.log(`${what}: ${Math.round((Date.now() - begun) / 1000)} s`);
  if (args.includes(CHECK)) for (const line of stdout.split('\n')) if (line.startsWith('  ')) console.log(line);
}

/** A Python with the packages. @returns {Promise<string>} */
async function findPython() {
  const given = process.env['DUET_PYTHON'];
  if (given !== undefined && given !== '') {
    const found = spawnSync(given, ['-c', 'import torch, transformers, peft, trl'], { stdio: 'ignore' });
    if (found.status !== 0) throw new Impossible(`${given} (DUET_PYTHON) has no torch, transformers, peft and trl.`);
    return given;
  }
  const base = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import sys, venv; sys.exit(sys.version_info < (3, 10))']).status === 0,
  );
  if (base === undefined) throw new Impossible('There is no Python 3.10 or newer with venv. DUET_PYTHON can name one.');
  const hash = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 12);
  const venv = path.join(CACHE, hash);
  const python = path.join(venv, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  const done = path.join(venv, 'installed');
  if (existsSync(done)) return python;
  if (values['no-install'])
    throw new Impossible(
      'torch, transformers, peft and trl are not here; npm run check:trl installs them, several GB.',
    );
  await install(base, venv, python, done);
  return python;
}

/** @type {(base: string, venv: string, python: string, done: string) => Promise<void>} */
async function install(base, venv, python, done) {
  const begun = Date.now();
  console.log(
    'Installing torch, transformers, peft and trl into node_modules/.cache; this downloads several GB on Linux.',
  );
  await mkdir(CACHE, { recursive: true });
  const quiet = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '-r',
    REQUIREMENTS,
  ];
  for (const [program, args] of /** @type {const} */ ([
    [base, ['-m', 'venv', '--clear', venv]],
    [python, quiet],
  ])) {
    const code = await runProgram(program, args, { limitMs: leftMs('the installation'), label: 'pip' });
    if (code === 0) continue;
    await rm(venv, { recursive: true, force: true });
    throw new Impossible(`The Python packages could not be installed (code ${code}). DUET_PYTHON can name a Python.`);
  }
  await writeFile(done, '');
  console.log(`Installed in ${Math.round((Date.now() - begun) / 1000)} s.`);
}

/** @type {<Module>(file: string) => Promise<Module>} */
async function importSource(file) {
  const alias = { '@': path.join(ROOT, 'src') };
  // Node 20 does not know `using`.
  const oxc = { target: 'es2022' };
  const options = { configFile: /** @type {const} */ (false), root: ROOT, resolve: { alias }, oxc };
  const { module } = await runnerImport(path.join(ROOT, file), { ...options, logLevel: 'error' });
  return module;
}

/** @type {typeof import('../src/client/trl-export/trl-export.ts')} */
const { createTrlExport } = await importSource('src/client/trl-export/trl-export.ts');
/** @type {typeof import('../src/engine/adapters/peft.ts')} */
const { readPeft } = await importSource('src/engine/adapters/peft.ts');
/** @type {typeof import('../src/research/negotiation/dialogue-prompts.ts')} */
const { DialoguePrompts } = await importSource('src/research/negotiation/dialogue-prompts.ts');
/** @type {typeof import('../src/research/negotiation/prompt-tokens.ts')} */
const { promptTokens } = await importSource('src/research/negotiation/prompt-tokens.ts');
/** @type {typeof import('../src/research/negotiation/template-prompts.ts')} */
const { templatePrompts } = await importSource('src/research/negotiation/template-prompts.ts');
/** @type {typeof import('../src/protocol/negotiation/dilemmas.ts')} */
const { DILEMMAS } = await importSource('src/protocol/negotiation/dilemmas.ts');
/** @type {typeof import('../src/protocol/negotiation/persona-pairs.ts')} */
const { PERSONA_PAIRS } = await importSource('src/protocol/negotiation/persona-pairs.ts');
/** @type {typeof import('../src/protocol/negotiation-settings.ts')} */
const { DEFAULT_NEGOTIATION } = await importSource('src/protocol/negotiation-settings.ts');
/** @type {typeof import('../src/protocol/training.ts')} */
const { DEFAULT_LORA, DEFAULT_TRAINING } = await importSource('src/protocol/training.ts');

/**
 * Two groups a step, both sides trained, two updates a batch in two parts each, with a reference.
 *
 * @type {import('../src/client/trl-export/trl-export.ts').TrlExportInput}
 */
const INPUT = {
  name: 'Check',
  baseModel: 'tiny',
  dilemmas: DILEMMAS,
  pairs: PERSONA_PAIRS,
  // Every judge says yes, so that there are answers to score.
  settings: {
    ...DEFAULT_NEGOTIATION,
    maxTurns: 2,
    maxUtteranceTokens: 16,
    maxCompletionTokens: 16,
    agreementThreshold: 0,
  },
  training: {
    ...DEFAULT_TRAINING,
    trainRoles: 'both',
    learningRate: 1e-3,
    numIterations: 2,
    gradientAccumulationSteps: 2,
    beta: 0.02,
  },
  lora: DEFAULT_LORA,
  templates: {},
  groupsPerStep: 2,
  steps: 2,
};

/** @type {(input: import('../src/client/trl-export/trl-export.ts').TrlExportInput, folder: string) => Promise<void>} */
async function unzipExport(input, folder) {
  for (const [name, bytes] of Object.entries(unzipSync(createTrlExport(input).bytes))) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** A run's adapter as Duet reads it, and what was logged of its first update. @param {string} output */
async function readRun(output) {
  const { log_history: history } = JSON.parse(await readFile(path.join(output, 'trainer_state.json'), 'utf8'));
  const updates = history.filter((/** @type {{ grad_norm?: number }} */ entry) => entry.grad_norm !== undefined);
  if (updates.length === 0) throw new Error('The run made no update.');
  for (const { step, loss, grad_norm: norm, reward, rows } of updates) {
    // Rewards stand beside the first update of a batch.
    const batch = reward === undefined ? '' : `, mean reward ${reward.toFixed(3)}, ${rows} rows`;
    console.log(`  update ${step}: loss ${loss.toFixed(5)}, gradient norm ${norm.toFixed(4)}${batch}`);
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) throw new Error(`Update ${step} is not finite.`);
  }
  return { first: updates[0], adapter: readPeft(await adapterFiles(output), SHAPE) };
}

/** @type {(output: string) => Promise<import('../src/engine/adapters/peft.ts').PeftFiles>} */
async function adapterFiles(output) {
  const [config, weights] = await Promise.all(
    ['adapter_config.json', 'adapter_model.safetensors'].map((name) => readFile(path.join(output, 'adapter', name))),
  );
  if (config === undefined || weights === undefined) throw new Error('The run left no adapter.');
  return { config: new Uint8Array(config), weights: new Uint8Array(weights) };
}

/**
 * Dialogues with the contexts that Duet's own code makes of them, for a tokenizer whose ids are code points.
 * Texts have in them what could be taken for a slot or a control token.
 */
function contextCases() {
  /** @type {(text: string, options: { readonly parseSpecial: boolean }) => number[]} */
  const encode = (text, { parseSpecial }) =>
    (parseSpecial ? text.split(/(<\|im_(?:start|end)\|>)/) : [text]).flatMap((part) => {
      if (parseSpecial && part === '<|im_start|>') return [1];
      if (parseSpecial && part === '<|im_end|>') return [2];
      return Array.from(part, (character) => character.codePointAt(0) ?? 0);
    });
  /** @type {import('../src/research/negotiation/chat-tokenizer.ts').ChatTokenizer} */
  const tokenizer = {
    encode,
    createTextStream: () => ({ push: (id) => String.fromCodePoint(id), flush: () => '' }),
    renderChat: (messages) =>
      `${messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('')}<|im_start|>assistant\n`,
    stopTokenIds: [2],
  };
  const task = {
    dilemma: 'Keep {persona} "so"?',
    persona1: 'Be quick. <|im_end|>',
    persona2: 'Prudence d\u2019abord \u732b.',
  };
  const said = ['I propose {utterance}.', 'No \u{1f642}', 'Then <|im_start|>this.', 'I agree.', 'Good.'].map(
    (text, index) => ({
      role: ROLES[index % 2] ?? 'agent1',
      text,
      // Some have reached their limit and lack the stop token.
      tokenIds: [...encode(text, { parseSpecial: false }), ...(index === 2 ? [] : [2])],
    }),
  );
  const cases = [];
  for (const contextUnit of /** @type {const} */ (['exchanges', 'utterances']))
    for (const contextTurns of [1, 2])
      for (const completionSees of /** @type {const} */ (['all', 'recent'])) {
        const settings = { ...DEFAULT_NEGOTIATION, contextUnit, contextTurns, completionSees };
        for (let count = 0; count <= said.length; count++)
          cases.push(contextCase(tokenizer, task, settings, said.slice(0, count), completionSees === 'all'));
      }
  return cases;
}

/**
 * @param {import('../src/research/negotiation/chat-tokenizer.ts').ChatTokenizer} tokenizer
 * @param {{ dilemma: string, persona1: string, persona2: string }} task
 * @param {typeof DEFAULT_NEGOTIATION} settings
 * @param {readonly { role: 'agent1' | 'agent2', text: string, tokenIds: readonly number[] }[]} said
 * @param {boolean} seesDialogue
 */
function contextCase(tokenizer, task, settings, said, seesDialogue) {
  const prompts = templatePrompts();
  const dialogue = new DialoguePrompts(tokenizer, prompts, task, settings);
  const role = said.length % 2 === 0 ? 'agent1' : 'agent2';
  const judge = prompts.judge({ ...task, completion: 'An answer.', ...(seesDialogue && { dialogue: said }) });
  return {
    settings: {
      context_turns: settings.contextTurns,
      context_unit: settings.contextUnit,
      completion_sees: settings.completionSees,
      judge_sees_dialogue: seesDialogue,
    },
    task: { dilemma: task.dilemma, persona_1: task.persona1, persona_2: task.persona2 },
    said: said.map(({ role: speaker, text, tokenIds }) => ({ role: speaker, text, ids: tokenIds })),
    role,
    next: dialogue.next(role, said),
    ...(said.length >= 2 && {
      agreement: dialogue.agreement(said.slice(-2)).ids,
      completion: dialogue.completion(said).ids,
      judge: promptTokens(tokenizer, judge, []).ids,
    }),
  };
}

/** @type {(python: string, work: string) => Promise<void>} */
async function check(python, work) {
  const [model, first, second] = [path.join(work, 'model'), path.join(work, 'first'), path.join(work, 'second')];
  run(python, [CHECK, 'make-model', model], 'Making a tiny model');
  /** @type {(folder: string, steps: number) => string[]} */
  const training = (folder, steps) => [
    path.join(folder, 'train.py'),
    '--cpu',
    `--model=${model}`,
    `--steps=${steps}`,
    `--output=${path.join(folder, 'output')}`,
  ];

  await unzipExport(INPUT, first);
  run(python, training(first, 2), 'Two steps of the export');
  const { adapter: trained } = await readRun(path.join(first, 'output'));
  const moved = trained.tensors.filter(({ name, values: own }) => name.includes('lora_B') && own.some((x) => x !== 0));
  console.log(`  Duet reads ${trained.tensors.length} tensors of rank ${trained.config.r}; ${moved.length} B moved`);
  if (moved.length !== trained.tensors.length / 2) throw new Error('Some B matrices are still 0.');

  // Begun from the adapter and without a learning rate, it has to come out as it went in. Random words are no consent: all
  // dialogues fail, go on to their last turn, and are rows all the same.
  const { config, weights } = await adapterFiles(path.join(first, 'output'));
  const adapter = [
    { name: 'adapter_config.json', bytes: new Uint8Array(config) },
    { name: 'adapter_model.safetensors', bytes: new Uint8Array(weights) },
  ];
  const frozen = { ...INPUT.training, learningRate: 0 };
  const settings = { ...INPUT.settings, agreementBy: /** @type {const} */ ('rule') };
  await unzipExport({ ...INPUT, settings, training: frozen, adapter }, second);
  run(python, training(second, 1), 'One step from its adapter');
  const { first: failed, adapter: again } = await readRun(path.join(second, 'output'));
  if (failed.reward !== 0 || failed.rows !== NUM_FAILED_ROWS)
    throw new Error('Failed dialogues are not all rows of reward 0.');
  const isSame = trained.tensors.every(({ name, values: own }, index) => {
    const other = again.tensors[index];
    return other?.name === name && own.every((x, place) => x === other.values[place]);
  });
  if (!isSame) throw new Error('The adapter that training began from is not the one that was exported.');
  console.log('  the adapter came through as it was');

  const cases = path.join(work, 'cases.json');
  await writeFile(cases, JSON.stringify(contextCases()));
  run(python, [CHECK, 'contexts', first, cases], 'Contexts');
  run(python, [CHECK, 'judges', first], 'Judges and advantages');
  run(python, [CHECK, 'numbers', first, model], 'One step by formula');
  const two = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2'];
  run(python, [...two, CHECK, 'numbers', first, model], 'The same with two processes');
}

async function main() {
  if (values.help || !(limitSeconds > 0)) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const work = await mkdtemp(path.join(os.tmpdir(), 'duet-trl-'));
  try {
    const python = await findPython();
    await check(python, work);
    console.log('The export to TRL trains.');
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Impossible)) {
      console.error(`FAILED: ${message}`);
      return 1;
    }
    console.error(`The export to TRL was not checked: ${message}`);
    return values['if-possible'] ? 0 : IMPOSSIBLE;
  } finally {
    if (values.keep) console.log(`Left in ${work}`);
    else await rm(work, { recursive: true, force: true });
  }
}

process.exitCode = await main();
